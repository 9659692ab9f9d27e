package dev.reflux.distillation.loss;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.Map;

/** A loss by name as the tests see it: made, copied with its state, and held to numerical gradients. */
final class LossCheck {

    private static final double RELATIVE_ERROR = 1e-3;
    /** A power of two, which float logits of magnitude 1 take without rounding much. */
    private static final float H = 0x1p-10f;

    private LossCheck() {}

    static Loss create(LossType type, Map<String, Object> options, LossBatch batch) {
        LossSpec spec = new LossSpec(type.name(), 1, options);
        return type.factory().create(new LossSettings(type, spec, batch.shapes()));
    }

    static double value(LossType type, Map<String, Object> options, LossBatch batch) {
        return create(type, options, batch).addGradient(batch.input(), 1, batch.zeros());
    }

    static double value(LossType type, LossBatch batch) {
        return value(type, Map.of(), batch);
    }

    static byte[] state(Loss loss) {
        StateWriter out = new StateWriter();
        loss.write(out);
        return out.toBytes();
    }

    /** The same loss with the same state. */
    static Loss copy(Loss loss, LossType type, Map<String, Object> options, LossBatch batch) {
        Loss copy = create(type, options, batch);
        copy.read(new StateReader(state(loss)));
        return copy;
    }

    /** The gradient by logits and features equals central differences, and there is one. */
    static void assertGradient(Loss loss, LossType type, Map<String, Object> options, LossBatch batch) {
        Outputs gradient = batch.zeros();
        copy(loss, type, options, batch).addGradient(batch.input(), 1, gradient);
        double byLogits = assertGradient(loss, type, options, batch, batch.logits, gradient.logits());
        double byFeatures = assertGradient(loss, type, options, batch, batch.features, gradient.features(0));
        assertThat(byLogits + byFeatures).as("size of the gradient").isGreaterThan(1e-3);
    }

    private static double assertGradient(
            Loss loss, LossType type, Map<String, Object> options, LossBatch batch, float[] values, float[] found) {
        double[] expected = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            float before = values[i];
            values[i] = before + H;
            double width = values[i];
            double above = copy(loss, type, options, batch).addGradient(batch.input(), 1, batch.zeros());
            values[i] = before - H;
            width -= values[i];
            double below = copy(loss, type, options, batch).addGradient(batch.input(), 1, batch.zeros());
            values[i] = before;
            expected[i] = (above - below) / width;
        }
        return assertClose(toDoubles(found), expected);
    }

    /** Relative error, of the whole and where a component is not tiny; returns the length of what is expected. */
    static double assertClose(double[] found, double[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        double errors = 0;
        double squares = 0;
        for (int i = 0; i < expected.length; i++) {
            errors += (found[i] - expected[i]) * (found[i] - expected[i]);
            squares += expected[i] * expected[i];
        }
        double length = Math.sqrt(squares);
        assertThat(Math.sqrt(errors)).as("error of the gradient").isLessThanOrEqualTo(RELATIVE_ERROR * length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(Math.abs(found[i] - expected[i]))
                    .as("error of component %d, %s found, %s expected", i, found[i], expected[i])
                    .isLessThanOrEqualTo(RELATIVE_ERROR * Math.abs(expected[i]) + 1e-5 * length);
        }
        return length;
    }

    static double[] toDoubles(float[] values) {
        double[] result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }
}
