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

            DoubleArray exported = graph.value(model.export(graph, Fixtures.graphInputs(graph, examples)));

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

            DoubleArray exported = graph.value(model.export(graph, inputs));

            for (int i = 0; i < logits.length; i++) {
                assertThat((double) logits[i]).isCloseTo(exported.data()[i], within(1e-5));
            }
        }
    }
}
