package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * How sure a model was and how often it was right, by {@value #BINS} even bins of confidence. Guo, Pleiss, Sun, Weinberger, "On
 * Calibration of Modern Neural Networks", ICML 2017.
 */
public final class CalibrationDistribution implements Distribution {

    private static final int VERSION = 1;
    private static final int BINS = 15;
    /** Below so many values in either sample, a bin's variance is no estimate. */
    private static final long LEAST = 10;

    private final long[] counts = new long[BINS];
    /** Sums of confidence minus right or wrong, and of their squares. */
    private final double[] gaps = new double[BINS];

    private final double[] squares = new double[BINS];
    private long count;

    /**
     * Takes in a prediction.
     *
     * @param confidence probability that the model gave to the class it predicted, in [0, 1]
     * @param correct 1 where that class was right, else 0
     */
    public void add(double confidence, int correct) {
        Checks.unit(confidence);
        Checks.binary(correct);
        int bin = Math.min(BINS - 1, (int) (confidence * BINS));
        double gap = confidence - correct;
        counts[bin]++;
        gaps[bin] += gap;
        squares[bin] += gap * gap;
        count++;
    }

    @Override
    public long count() {
        return count;
    }

    /** Expected calibration error, {@code sum n(b) / n |confidence(b) - accuracy(b)|} over the bins {@code b}. */
    @Override
    public double estimate() {
        double sum = 0;
        for (double gap : gaps) {
            sum += Math.abs(gap);
        }
        return count == 0 ? Double.NaN : sum / count;
    }

    /**
     * Probability that the gaps of all bins differ as much as they do between two samples of equal calibration: the squared
     * differences over their variances add up to nearly chi-square.
     */
    double probability(CalibrationDistribution other) {
        double sum = 0;
        int bins = 0;
        for (int bin = 0; bin < BINS; bin++) {
            if (counts[bin] < LEAST || other.counts[bin] < LEAST) {
                continue;
            }
            double difference = gaps[bin] / counts[bin] - other.gaps[bin] / other.counts[bin];
            double variance = variance(bin) / counts[bin] + other.variance(bin) / other.counts[bin];
            if (variance > 0) {
                sum += difference * difference / variance;
                bins++;
            }
        }
        return Distances.chiSquareProbability(sum, bins);
    }

    private double variance(int bin) {
        double mean = gaps[bin] / counts[bin];
        return Math.max(0, squares[bin] - counts[bin] * mean * mean) / (counts[bin] - 1);
    }

    @Override
    public void merge(Distribution other) {
        CalibrationDistribution more = Distribution.sameKind(CalibrationDistribution.class, other);
        for (int bin = 0; bin < BINS; bin++) {
            counts[bin] += more.counts[bin];
            gaps[bin] += more.gaps[bin];
            squares[bin] += more.squares[bin];
        }
        count += more.count;
    }

    @Override
    public void clear() {
        Arrays.fill(counts, 0);
        Arrays.fill(gaps, 0);
        Arrays.fill(squares, 0);
        count = 0;
    }

    @Override
    public void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        for (int bin = 0; bin < BINS; bin++) {
            out.writeLong(counts[bin]);
            out.writeDouble(gaps[bin]);
            out.writeDouble(squares[bin]);
        }
    }

    /** @throws IOException also when the state is of a newer version */
    public static CalibrationDistribution read(DataInput in) throws IOException {
        return States.read("calibration distribution", VERSION, in, version -> {
            CalibrationDistribution outcomes = new CalibrationDistribution();
            for (int bin = 0; bin < BINS; bin++) {
                outcomes.counts[bin] = in.readLong();
                outcomes.gaps[bin] = in.readDouble();
                outcomes.squares[bin] = in.readDouble();
                outcomes.count += outcomes.counts[bin];
            }
            return outcomes;
        });
    }
}
