package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NormalizerTest {

    private static Normalizer of(float... values) {
        Normalizer normalizer = new Normalizer(1);
        for (float value : values) {
            normalizer.observe(0, value);
        }
        return normalizer;
    }

    private static float standard(Normalizer normalizer, float value) {
        float[] row = {5, value, 5};
        normalizer.normalise(row, 1, 1);
        assertThat(row).startsWith(5).endsWith(5);
        return row[1];
    }

    @Test
    void values_areStandardised() {
        // Mean 4, variance (9 + 1 + 1 + 9) / 4 = 5.
        Normalizer normalizer = of(1, 3, 5, 7);

        assertThat(normalizer.offsets()).containsExactly(4);
        assertThat(normalizer.factors()[0]).isCloseTo((float) (1 / Math.sqrt(5)), within(1e-7f));
        assertThat(standard(normalizer, 9)).isCloseTo((float) (5 / Math.sqrt(5)), within(1e-6f));
        assertThat(standard(normalizer, 1e6f)).isEqualTo(10);
        assertThat(standard(normalizer, -1e6f)).isEqualTo(-10);
    }

    @Test
    void missingValues_areZero_andNotCounted() {
        Normalizer normalizer = of(1, Float.NaN, 3, Float.POSITIVE_INFINITY, 5, 7);

        assertThat(normalizer.offsets()).containsExactly(4);
        assertThat(standard(normalizer, Float.NaN)).isZero();
    }

    @Test
    void constantColumns_areZero() {
        assertThat(standard(of(), 3)).isZero();
        assertThat(standard(of(3), 4)).isZero();
        assertThat(standard(of(0.1f, 0.1f, 0.1f, 0.1f, 0.1f), 0.1f)).isZero();
        assertThat(standard(of(1e7f, 1e7f, 1e7f), 2e7f)).isZero();
        assertThat(standard(of(1e6f, 1e6f + 1), 1e6f + 1)).isEqualTo(1);
    }

    @Test
    void tensors_addTheirMeanAndVariance() {
        Normalizer normalizer = new Normalizer(1);
        normalizer.observe(0, FloatBuffer.wrap(new float[] {99, 1, 3, Float.NaN}), 1, 3);
        normalizer.observe(0, FloatBuffer.wrap(new float[] {5, 7}), 0, 2);
        normalizer.observe(0, FloatBuffer.wrap(new float[] {Float.NaN}), 0, 1);

        assertThat(normalizer.offsets()).containsExactly(4);
        assertThat(normalizer.factors()[0]).isCloseTo((float) (1 / Math.sqrt(5)), within(1e-7f));
        float[] values = {0, 9, Float.NaN};
        normalizer.normaliseColumn(0, values, 1, 2);
        assertThat(values).containsExactly(new float[] {0, (float) (5 / Math.sqrt(5)), 0}, within(1e-6f));
    }

    @Test
    void afterTheWindow_oldValuesAreForgotten() {
        Random random = new Random(1);
        Normalizer normalizer = new Normalizer(1);
        for (int i = 0; i < Normalizer.WINDOW; i++) {
            normalizer.observe(0, (float) (100 + random.nextGaussian()));
        }
        for (int i = 0; i < 10 * Normalizer.WINDOW; i++) {
            normalizer.observe(0, (float) (-50 + 3 * random.nextGaussian()));
        }
        // What is left of the first values is exp(-10) of them: 150 / 22026 of the mean.
        assertThat(normalizer.offsets()[0]).isCloseTo(-50 + 150 * (float) Math.exp(-10), within(0.1f));
        assertThat(1 / normalizer.factors()[0]).isCloseTo(3.2f, within(0.3f));
    }

    @Test
    void restored_continuesBitForBit() {
        Normalizer normalizer = of(1, 3, 4.5f);
        StateWriter out = new StateWriter();
        normalizer.write(out);
        Normalizer restored = new Normalizer(1);
        restored.read(new StateReader(out.toBytes()));

        for (float value : new float[] {7.1f, -2, 0.3f}) {
            normalizer.observe(0, value);
            restored.observe(0, value);
        }
        assertThat(restored.offsets()).isEqualTo(normalizer.offsets());
        assertThat(restored.factors()).isEqualTo(normalizer.factors());
    }
}
