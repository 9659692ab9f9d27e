package dev.reflux.distillation.engine;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.nio.FloatBuffer;

/**
 * Running mean and variance of columns (Welford 1962), and the standardised values they give: {@code clip((x - mean) /
 * deviation, -10, 10)}, 0 where the value is missing or the column has not varied yet. A column counts up to {@value
 * #WINDOW} values and from there on forgets exponentially, so the statistics follow a stream that runs for months.
 * Statistics depend on the order of the values alone, not on how they were batched.
 */
final class Normalizer {

    /** Values after which old ones are forgotten. */
    static final int WINDOW = 20_000;

    /** Largest absolute standardised value. */
    static final float BOUND = 10;

    /** A variance below this share of the squared mean is less than what floats of that size resolve. */
    private static final double ROUNDING = 1e-15;

    private static final int VERSION = 1;

    private final int[] counts;
    private final double[] means;
    private final double[] variances;
    private final float[] offsets;
    private final float[] factors;
    private boolean stale;

    Normalizer(int columns) {
        counts = new int[columns];
        means = new double[columns];
        variances = new double[columns];
        offsets = new float[columns];
        factors = new float[columns];
    }

    /** Takes one value; NaN and infinite ones are passed over. */
    void observe(int column, float value) {
        if (value - value == 0) {
            observe(column, value, 0);
        }
    }

    /** Takes {@code count} values as one observation of their mean and variance. */
    void observe(int column, FloatBuffer values, int from, int count) {
        double sum = 0;
        int finite = 0;
        for (int i = from; i < from + count; i++) {
            float value = values.get(i);
            if (value - value == 0) {
                sum += value;
                finite++;
            }
        }
        if (finite == 0) {
            return;
        }
        double mean = sum / finite;
        double squares = 0;
        for (int i = from; i < from + count; i++) {
            float value = values.get(i);
            if (value - value == 0) {
                squares += (value - mean) * (value - mean);
            }
        }
        observe(column, mean, squares / finite);
    }

    private void observe(int column, double value, double variance) {
        if (counts[column] < WINDOW) {
            counts[column]++;
        }
        double weight = 1.0 / counts[column];
        double distance = value - means[column];
        means[column] += weight * distance;
        variances[column] += weight * (distance * (value - means[column]) + variance - variances[column]);
        stale = true;
    }

    private void refresh() {
        if (!stale) {
            return;
        }
        for (int i = 0; i < counts.length; i++) {
            double floor = ROUNDING * means[i] * means[i] + 1e-30;
            offsets[i] = (float) means[i];
            factors[i] = variances[i] > floor ? (float) (1 / Math.sqrt(variances[i])) : 0;
        }
        stale = false;
    }

    /** Standardises one row of the first {@code columns} columns in place. */
    void normalise(float[] row, int at, int columns) {
        refresh();
        for (int i = 0; i < columns; i++) {
            row[at + i] = standard(row[at + i], offsets[i], factors[i]);
        }
    }

    /** Standardises {@code count} values of one column in place. */
    void normaliseColumn(int column, float[] values, int at, int count) {
        refresh();
        float offset = offsets[column];
        float factor = factors[column];
        for (int i = at; i < at + count; i++) {
            values[i] = standard(values[i], offset, factor);
        }
    }

    private static float standard(float value, float offset, float factor) {
        float x = (value - offset) * factor;
        return x != x ? 0 : Math.max(-BOUND, Math.min(BOUND, x));
    }

    /** What is taken away from a column's values. */
    float[] offsets() {
        refresh();
        return offsets.clone();
    }

    /** What the difference is multiplied by. */
    float[] factors() {
        refresh();
        return factors.clone();
    }

    void write(StateWriter out) {
        out.section(
                "normalizer",
                VERSION,
                body -> body.putInts(counts).putDoubles(means).putDoubles(variances));
    }

    void read(StateReader in) {
        StateReader body = in.section("normalizer", VERSION);
        StateChecks.copy("normalizer counts", body.getInts(), counts);
        StateChecks.copy("normalizer means", body.getDoubles(), means);
        StateChecks.copy("normalizer variances", body.getDoubles(), variances);
        stale = true;
    }
}
