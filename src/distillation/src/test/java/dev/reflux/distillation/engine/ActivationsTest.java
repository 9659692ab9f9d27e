package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ActivationsTest {

    @Test
    void tanh_withinRoundingOfTheExactOne() {
        for (double x = -12; x <= 12; x += 0.00137) {
            float value = (float) x;
            assertThat((double) Activations.tanh(value)).isCloseTo(Math.tanh(value), within(5e-7));
        }
        assertThat(Activations.tanh(0)).isZero();
        assertThat(Activations.tanh(Float.POSITIVE_INFINITY)).isCloseTo(1f, within(1e-6f));
        assertThat(Activations.tanh(Float.NaN)).isNaN();
    }

    @Test
    void erf_withinRoundingOfTheExactOne() {
        for (double x = -6; x <= 6; x += 0.00137) {
            float value = (float) x;
            assertThat((double) Activations.erf(value)).isCloseTo(ReferenceMlp.erf(value), within(5e-7));
        }
        // Abramowitz and Stegun, table 7.1.
        assertThat(ReferenceMlp.erf(0.5)).isCloseTo(0.5204998778, within(1e-10));
        assertThat(ReferenceMlp.erf(2.5)).isCloseTo(0.9995930480, within(1e-10));
    }
}
