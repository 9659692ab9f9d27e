package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.network.MlpSpec;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AveragedModelTest {

    private static final OptimizerSpec SGD = new OptimizerSpec.Sgd(0.1, 0, 0);
    private static final double RATE = 0.05;

    private static Model model(EngineChoice engine) {
        return Model.create(new ModelSpec(MlpSpec.of(6), SGD, engine, 1), Fixtures.MIXED, Fixtures.CLASSES, 3);
    }

    @ParameterizedTest
    @EnumSource(names = {"FUSED", "TENSOR"})
    void average_followsTheParameters_andGoesOnFromItsState(EngineChoice engine) {
        Examples examples = Fixtures.mixed(64, 1);
        try (Model model = model(engine);
                AveragedModel average = new AveragedModel(model, RATE)) {
            float[] start = model.engine().parameters();
            Fixtures.train(model, examples, 1);
            float[] learned = model.engine().parameters();
            assertThat(learned).isNotEqualTo(start);

            average.follow(5);
            assertThat(parameters(average)).isEqualTo(start);
            average.follow(3);
            // eight moves of 0.05 at once
            double share = 1 - Math.pow(1 - RATE, 8);
            float[] moved = parameters(average);
            for (int i = 0; i < moved.length; i++) {
                assertThat((double) moved[i]).isCloseTo(start[i] + share * (learned[i] - start[i]), within(1e-6));
            }

            average.follow(5);
            StateWriter state = new StateWriter();
            average.write(state);
            try (AveragedModel read = new AveragedModel(model, RATE)) {
                read.read(new StateReader(state.toBytes()));
                average.follow(4);
                read.follow(4);
                assertThat(parameters(read)).isEqualTo(parameters(average)).isNotEqualTo(moved);
                assertThat(predict(read, examples)).isEqualTo(predict(average, examples));
            }
            for (int i = 0; i < 1_000; i++) {
                average.follow(8);
            }
            float[] expected = new float[64 * Fixtures.CLASSES];
            model.predict(examples, 0, 64, expected);
            assertThat(predict(average, examples)).containsExactly(expected, within(1e-4f));
        }
    }

    private static float[] parameters(AveragedModel average) {
        StateWriter state = new StateWriter();
        average.write(state);
        return new StateReader(state.toBytes()).section("average", 1).getFloats();
    }

    private static float[] predict(AveragedModel average, Examples examples) {
        Outputs outputs = Outputs.ofLogits(new float[examples.size() * Fixtures.CLASSES], Fixtures.CLASSES);
        average.predict(examples, 0, examples.size(), outputs);
        return outputs.logits();
    }

    @ParameterizedTest
    @EnumSource(names = {"FUSED", "TENSOR"})
    void rate_outsideOfItsRange_isRefused(EngineChoice engine) {
        try (Model model = model(engine)) {
            assertThatThrownBy(() -> new AveragedModel(model, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("average: 1.0 found, must be between 0 and 1");
        }
    }
}
