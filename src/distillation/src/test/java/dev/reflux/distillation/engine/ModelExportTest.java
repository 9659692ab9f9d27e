package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.export.GraphInputs;
import dev.reflux.distillation.network.Activation;
import dev.reflux.distillation.network.MlpSpec;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelExportTest {

    private static final OptimizerSpec SGD = new OptimizerSpec.Sgd(0.05, 0, 0);

    private static GraphInputs inputs(GraphInterpreter graph, Examples e) {
        int size = e.size();
        double[] numeric = new double[size * 4];
        Arrays.setAll(numeric, i -> e.numeric().get(i));
        double[] first = new double[size];
        double[] second = new double[size];
        double[] tokens = new double[size * 6];
        double[] small = new double[size * 4];
        double[] vector = new double[size * 3];
        Arrays.fill(tokens, -1);
        for (int row = 0; row < size; row++) {
            first[row] = e.categories().get(row * 2) < 0 ? 3 : e.categories().get(row * 2);
            second[row] =
                    e.categories().get(row * 2 + 1) < 0 ? 6 : e.categories().get(row * 2 + 1);
            int from = e.tokenOffsets().get(row);
            for (int i = from; i < e.tokenOffsets().get(row + 1); i++) {
                tokens[row * 6 + i - from] = e.tokens().get(i);
            }
            for (int i = 0; i < 4; i++) {
                small[row * 4 + i] = e.tensors().get(row * 7 + i);
            }
            for (int i = 0; i < 3; i++) {
                vector[row * 3 + i] = e.tensors().get(row * 7 + 4 + i);
            }
        }
        return new GraphInputs(
                graph.input("numeric", numeric, size, 4),
                List.of(graph.input("first", first, size), graph.input("second", second, size)),
                List.of(graph.input("tokens", tokens, size, 6)),
                List.of(graph.input("small", small, size, 4), graph.input("vector", vector, size, 3)));
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void exportedGraph_computesTheModelsLogits(Activation activation) {
        MlpSpec network = new MlpSpec(List.of(10, 10, 6), activation, true, true, 0);
        Examples examples = Fixtures.mixed(60, 1);
        try (Model model =
                Model.create(new ModelSpec(network, SGD, EngineChoice.FUSED, 1), Fixtures.MIXED, Fixtures.CLASSES, 1)) {
            Fixtures.train(model, examples, 4);
            float[] logits = Fixtures.predict(model, examples);
            GraphInterpreter graph = new GraphInterpreter();

            GraphInterpreter.Value exported = graph.value(model.export(graph, inputs(graph, examples)));

            assertThat(exported.shape()).containsExactly(60, Fixtures.CLASSES);
            for (int i = 0; i < logits.length; i++) {
                assertThat((double) logits[i]).isCloseTo(exported.data()[i], within(2e-5));
            }
            assertThat(logits[0]).isNotCloseTo(logits[3], within(1e-3f));
        }
    }

    @Test
    void numericColumnsAlone_withoutNorm_needNoConcatenation() {
        Examples examples = Fixtures.numeric(20, 4, 1);
        try (Model model =
                Model.create(new ModelSpec(MlpSpec.of(5, 5), SGD, EngineChoice.FUSED, 1), examples.layout(), 3, 1)) {
            Fixtures.train(model, examples, 4);
            float[] logits = Fixtures.predict(model, examples);
            GraphInterpreter graph = new GraphInterpreter();
            double[] numeric = new double[80];
            Arrays.setAll(numeric, i -> examples.numeric().get(i));
            GraphInputs inputs = new GraphInputs(graph.input("x", numeric, 20, 4), List.of(), List.of(), List.of());

            GraphInterpreter.Value exported = graph.value(model.export(graph, inputs));

            for (int i = 0; i < logits.length; i++) {
                assertThat((double) logits[i]).isCloseTo(exported.data()[i], within(1e-5));
            }
        }
    }
}
