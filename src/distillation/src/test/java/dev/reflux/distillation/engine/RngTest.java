package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.network.Activation;
import dev.reflux.distillation.network.InputShape;
import dev.reflux.distillation.network.MlpSpec;
import dev.reflux.distillation.network.Network;
import dev.reflux.distillation.network.Parameter;
import java.util.List;
import org.junit.jupiter.api.Test;

class RngTest {

    @Test
    void draw_variancesOfHeAndGlorot() {
        Network network =
                new MlpSpec(List.of(200, 100), Activation.RELU, true, false, 0).build(InputShape.ofNumbers(50), 20);
        float[] values = new Rng(3).draw(network.parameters());

        for (Parameter parameter : network.parameters()) {
            double sum = 0;
            double squares = 0;
            for (int i = parameter.offset(); i < parameter.offset() + parameter.size(); i++) {
                sum += values[i] / parameter.size();
                squares += values[i] * values[i] / parameter.size();
            }
            double inputs = parameter.shape().get(0);
            double expected =
                    switch (parameter.start()) {
                        case ZERO -> 0;
                        case ONE -> 1;
                        case HE -> 2 / inputs;
                        case GLOROT -> 2 / (inputs + parameter.shape().get(1));
                    };
            assertThat(squares).as(parameter.name()).isCloseTo(expected, within(0.06 * expected + 1e-9));
            assertThat(sum).isCloseTo(parameter.start() == Parameter.Start.ONE ? 1 : 0, within(0.01));
        }
    }

    @Test
    void values_areThoseOfSplitMix64() {
        // The generator's first outputs for seed 1234567: 6457827717110365317, 3203168211198807973.
        float[] values = new float[2];
        new Rng(1234567).uniform(values, 0, 2, 1.0 / 3);

        assertThat(values[0]).isEqualTo((float) ((6457827717110365317L >>> 11) * 0x1.0p-52 - 1));
        assertThat(values[1]).isEqualTo((float) ((3203168211198807973L >>> 11) * 0x1.0p-52 - 1));
    }
}
