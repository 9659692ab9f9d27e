package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.reflux.distillation.exits.ExitsSpec;
import dev.reflux.distillation.network.FeatureLayer;
import dev.reflux.distillation.network.InputShape;
import dev.reflux.distillation.network.Network;
import dev.reflux.distillation.network.Parameter;
import dev.reflux.distillation.network.SignalNetwork;
import dev.reflux.distillation.network.SignalNetwork.Form;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which side of a layer an exit averages away: in the live network and in the graph that is published. */
class ExitsPoolingTest {

    private static final float[] ROW = {1, 2, 0, 0, 3, 10};

    /** The features of the deepest exit: its layer, which is the row itself, without its places. */
    private static double[] pooled(Form form, double[] exported) {
        ExitsSpec spec = new ExitsSpec(new SignalNetwork.Spec(form), List.of("first"), 0);
        Network network = spec.build(InputShape.ofNumbers(ROW.length), 2);
        List<String> names = network.layers().stream().map(FeatureLayer::name).toList();
        int at = 1 + names.indexOf("exit-2-features");
        Map<String, double[]> ones = new HashMap<>();
        try (NDManager manager = TensorLibrary.newManager()) {
            NDList values = new NDList();
            for (Parameter parameter : network.parameters()) {
                long[] shape =
                        parameter.shape().stream().mapToLong(Integer::longValue).toArray();
                values.add(manager.ones(new Shape(shape)));
                ones.put(
                        parameter.name(),
                        IntStream.range(0, parameter.size()).mapToDouble(i -> 1).toArray());
            }
            NDArray found = network.forward(manager.create(ROW, new Shape(1, ROW.length)), values)
                    .get(at);
            GraphInterpreter graph = new GraphInterpreter(ones);
            graph.input(
                    "row",
                    IntStream.range(0, ROW.length).mapToDouble(i -> ROW[i]).toArray(),
                    1,
                    ROW.length);
            List<String> outputs = network.export(graph, "row", new float[network.parameterCount()]);
            assertThat(graph.value(outputs.get(at)).data()).containsExactly(exported);
            float[] features = found.toFloatArray();
            return IntStream.range(0, features.length)
                    .mapToDouble(i -> features[i])
                    .toArray();
        }
    }

    @Test
    void signal_channelsFirst_isAveragedAlongItsLength() {
        double[] expected = {1, 13 / 3.0};
        assertThat(pooled(Form.MAP, expected)).containsExactly(new double[] {1, (float) (13 / 3.0)});
    }

    @Test
    void sequence_isAveragedOverItsTokensWithoutPadding() {
        double[] expected = {2, 6};
        assertThat(pooled(Form.SEQUENCE, expected)).containsExactly(expected);
    }
}
