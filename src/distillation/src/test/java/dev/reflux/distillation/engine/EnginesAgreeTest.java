package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.network.Activation;
import dev.reflux.distillation.network.InputShape;
import dev.reflux.distillation.network.MlpSpec;
import dev.reflux.distillation.network.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class EnginesAgreeTest {

    /** Largest difference of logits of magnitude 1 to 10 after 200 steps; summation order alone makes about 1e-5. */
    private static final float TOLERANCE = 5e-4f;

    static Stream<Arguments> runs() {
        List<OptimizerSpec> optimizers = List.of(
                new OptimizerSpec.Sgd(0.05, 0, 0),
                new OptimizerSpec.Sgd(0.05, 0, 0.3),
                new OptimizerSpec.Scaled(0.5),
                new OptimizerSpec.Sgd(0.02, 0.9, 0),
                new OptimizerSpec.Sgd(0.02, 0.9, 0.3),
                new OptimizerSpec.Adam(0.002, 0.9, 0.999, 1e-8, 0),
                new OptimizerSpec.Adam(0.002, 0.9, 0.999, 1e-8, 0.3));
        List<MlpSpec> networks =
                List.of(MlpSpec.of(16, 16), new MlpSpec(List.of(16, 16), Activation.GELU, true, true, 0));
        List<Arguments> all = new ArrayList<>();
        for (OptimizerSpec optimizer : optimizers) {
            for (MlpSpec network : networks) {
                all.add(Arguments.of(network, optimizer, 1));
                all.add(Arguments.of(network, optimizer, 8));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("runs")
    void twoHundredSteps_sameNumbers(MlpSpec network, OptimizerSpec optimizer, int rows) {
        Examples examples = Fixtures.mixed(200 * rows, 3);
        Examples later = Fixtures.mixed(50, 4);
        float[][] logits = new float[2][];
        double[] losses = new double[2];
        EngineChoice[] engines = {EngineChoice.FUSED, EngineChoice.TENSOR};
        for (int i = 0; i < 2; i++) {
            ModelSpec spec = new ModelSpec(network, optimizer, engines[i], rows);
            try (Model model = Model.create(spec, Fixtures.MIXED, Fixtures.CLASSES, 5)) {
                float[] before = Fixtures.predict(model, later);
                losses[i] = Fixtures.train(model, examples, rows);
                logits[i] = Fixtures.predict(model, later);
                assertThat(logits[i]).isNotEqualTo(before);
            }
        }
        assertThat(logits[1]).containsExactly(logits[0], within(TOLERANCE));
        assertThat(losses[1]).isCloseTo(losses[0], within(1e-5));
    }

    @ParameterizedTest
    @CsvSource({"64, 1, FUSED", "64, 16, FUSED", "64, 128, TENSOR", "512, 1, FUSED", "512, 8, TENSOR"})
    void auto_byNetworkAndRows(int width, int rows, EngineChoice expected) {
        Network network = MlpSpec.of(width, width).build(InputShape.ofNumbers(54), 7);

        assertThat(Engines.choose(EngineChoice.AUTO, network, rows)).isEqualTo(expected);
        assertThat(Engines.choose(EngineChoice.TENSOR, network, 1)).isEqualTo(EngineChoice.TENSOR);
    }

    @Test
    void create_sameSeed_sameParametersInBothEngines() {
        OptimizerSpec sgd = new OptimizerSpec.Sgd(0.1, 0, 0);
        List<String> hashes = new ArrayList<>();
        for (EngineChoice engine : List.of(EngineChoice.FUSED, EngineChoice.TENSOR, EngineChoice.AUTO)) {
            ModelSpec spec = new ModelSpec(MlpSpec.of(8), sgd, engine, 1);
            try (Model model = Model.create(spec, Fixtures.MIXED, 3, 11);
                    Model other = Model.create(spec, Fixtures.MIXED, 3, 12)) {
                hashes.add(model.sha256());
                assertThat(other.sha256()).isNotEqualTo(model.sha256());
            }
        }
        assertThat(hashes).containsOnly(hashes.get(0));
    }
}
