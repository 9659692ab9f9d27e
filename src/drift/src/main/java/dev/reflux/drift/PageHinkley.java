package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Page-Hinkley: how far the values have risen above their own mean, summed up. Page, "Continuous Inspection Schemes",
 * Biometrika 41, 1954; Hinkley, "Inference about the change-point from cumulative sum tests", Biometrika 58, 1971; with
 * forgetting as in Gama, Sebastião, Rodrigues, "On evaluating stream learning algorithms", Machine Learning 90, 2013.
 *
 * <p>With the running mean {@code x}, the sum {@code m' = alpha m + (value - x) - delta} is held against its
 * {@link Baseline}: a rise is established by {@code m - min(m) > lambda}, and likely by {@code m - min(m) > warning}. A
 * fall is found by the sum of {@code (x - value) - delta}. After both it begins anew; the change is placed at the minimum.
 *
 * <p>Not without a thought for the scale: {@code delta} and {@code lambda} are in units of the values. An error rate that
 * rises by {@code r} takes about {@code lambda / (r - delta)} values to be found, 125 for 0.4.
 */
public final class PageHinkley implements DriftDetector {

    public static final String TYPE = "page-hinkley";
    public static final int DEFAULT_MIN_VALUES = 30;
    public static final double DEFAULT_DELTA = 0.005;
    public static final double DEFAULT_LAMBDA = 50;
    public static final double DEFAULT_WARNING = 25;
    public static final double DEFAULT_ALPHA = 0.9999;

    /** What the sum is held against. */
    public enum Baseline {
        /** Its smallest value so far: the published test. */
        MINIMUM,
        /** Nothing. The sum falls freely in quiet times, by {@code delta / (1 - alpha)} at most, and must first rise again. */
        ZERO
    }

    private static final int VERSION = 1;

    private final int minValues;
    private final double delta;
    private final double lambda;
    private final double warning;
    private final double alpha;
    private final Baseline baseline;
    private final Sides sides;

    private long count;
    private double mean;
    private double rise;
    private double lowestRise;
    /** Count and mean where the rise was lowest. */
    private long riseFrom;

    private double meanAtRise;
    private double fall;
    private double lowestFall;
    /** Count and mean where the fall was lowest. */
    private long fallFrom;

    private double meanAtFall;
    private long carriedCount;
    private double carriedMean;
    private DriftLevel level = DriftLevel.NONE;
    private double statistic;
    private boolean tested;

    /** With the published defaults; rises alone. */
    public PageHinkley() {
        this(
                DEFAULT_MIN_VALUES,
                DEFAULT_DELTA,
                DEFAULT_LAMBDA,
                DEFAULT_WARNING,
                DEFAULT_ALPHA,
                Baseline.MINIMUM,
                Sides.ONE_SIDED);
    }

    /**
     * @param minValues the first value that may raise an alarm, at least 1
     * @param delta change of the mean that is tolerated, finite and not negative
     * @param lambda threshold of drift, positive
     * @param warning threshold of warning, in (0, lambda]; {@code lambda} warns never
     * @param alpha share of the sum that is kept at each value, in (0, 1]; 1 is the published test without forgetting
     */
    public PageHinkley(
            int minValues, double delta, double lambda, double warning, double alpha, Baseline baseline, Sides sides) {
        this.minValues = Checks.atLeast(1, "minValues", minValues);
        if (!(delta >= 0 && delta < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("delta: " + delta + " found, must be finite and not negative");
        }
        this.delta = delta;
        this.lambda = Checks.positive("lambda", lambda);
        this.warning = Checks.positive("warning", warning);
        if (warning > lambda) {
            throw new IllegalArgumentException("warning: " + warning + " found, must be at most lambda, " + lambda);
        }
        if (!(alpha > 0 && alpha <= 1)) {
            throw new IllegalArgumentException("alpha: " + alpha + " found, must be in (0, 1]");
        }
        this.alpha = alpha;
        this.baseline = baseline;
        this.sides = sides;
        restart();
    }

    private void restart() {
        count = 0;
        mean = 0;
        rise = 0;
        lowestRise = Double.POSITIVE_INFINITY;
        riseFrom = 0;
        meanAtRise = 0;
        fall = 0;
        lowestFall = Double.POSITIVE_INFINITY;
        fallFrom = 0;
        meanAtFall = 0;
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public DriftLevel add(double value) {
        Checks.finite(value);
        count++;
        mean += (value - mean) / count;
        rise = alpha * rise + (value - mean - delta);
        if (rise <= lowestRise) {
            lowestRise = rise;
            riseFrom = count;
            meanAtRise = mean;
        }
        double risen = baseline == Baseline.MINIMUM ? rise - lowestRise : rise;
        level = judge(risen);
        if (level == DriftLevel.DRIFT) {
            beginAnew(riseFrom, meanAtRise);
        } else if (sides != Sides.ONE_SIDED) {
            lookForFall(value);
        }
        if (count >= carriedCount) {
            carriedCount = 0;
        }
        return level;
    }

    private void lookForFall(double value) {
        fall = alpha * fall + (mean - value - delta);
        if (fall <= lowestFall) {
            lowestFall = fall;
            fallFrom = count;
            meanAtFall = mean;
        }
        double riseStatistic = statistic;
        DriftLevel found = judge(baseline == Baseline.MINIMUM ? fall - lowestFall : fall);
        if (sides == Sides.TWO_SIDED) {
            level = level.max(found);
        }
        if (sides == Sides.RESET_ON_FALL || riseStatistic > statistic) {
            statistic = riseStatistic;
        }
        if (found == DriftLevel.DRIFT) {
            beginAnew(fallFrom, meanAtFall);
        }
    }

    private DriftLevel judge(double sum) {
        if (count < minValues) {
            return DriftLevel.NONE;
        }
        statistic = sum;
        tested = true;
        return sum > lambda ? DriftLevel.DRIFT : sum > warning ? DriftLevel.WARNING : DriftLevel.NONE;
    }

    private void beginAnew(long from, double meanAt) {
        carriedCount = Math.max(1, count - from);
        carriedMean = count == from ? mean : (mean * count - meanAt * from) / carriedCount;
        restart();
    }

    @Override
    public double estimate() {
        return carriedCount > 0 ? carriedMean : count == 0 ? Double.NaN : mean;
    }

    @Override
    public double statistic() {
        return statistic;
    }

    @Override
    public double threshold() {
        return tested ? lambda : Double.POSITIVE_INFINITY;
    }

    @Override
    public long width() {
        return Math.max(count, carriedCount);
    }

    @Override
    public void reset() {
        restart();
        carriedCount = 0;
        carriedMean = 0;
        level = DriftLevel.NONE;
        statistic = 0;
        tested = false;
    }

    @Override
    public void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        out.writeInt(minValues);
        out.writeDouble(delta);
        out.writeDouble(lambda);
        out.writeDouble(warning);
        out.writeDouble(alpha);
        out.writeByte(baseline.ordinal());
        out.writeByte(sides.ordinal());
        out.writeLong(count);
        out.writeDouble(mean);
        out.writeDouble(rise);
        out.writeDouble(lowestRise);
        out.writeLong(riseFrom);
        out.writeDouble(meanAtRise);
        out.writeDouble(fall);
        out.writeDouble(lowestFall);
        out.writeLong(fallFrom);
        out.writeDouble(meanAtFall);
        out.writeLong(carriedCount);
        out.writeDouble(carriedMean);
        out.writeByte(level.ordinal());
        out.writeDouble(statistic);
        out.writeBoolean(tested);
    }

    /** @throws IOException also when the state is of a newer version or makes no sense */
    public static PageHinkley read(DataInput in) throws IOException {
        return States.read(TYPE, VERSION, in, () -> {
            PageHinkley test = new PageHinkley(
                    in.readInt(),
                    in.readDouble(),
                    in.readDouble(),
                    in.readDouble(),
                    in.readDouble(),
                    Baseline.values()[in.readByte()],
                    Sides.values()[in.readByte()]);
            test.count = in.readLong();
            test.mean = in.readDouble();
            test.rise = in.readDouble();
            test.lowestRise = in.readDouble();
            test.riseFrom = in.readLong();
            test.meanAtRise = in.readDouble();
            test.fall = in.readDouble();
            test.lowestFall = in.readDouble();
            test.fallFrom = in.readLong();
            test.meanAtFall = in.readDouble();
            test.carriedCount = in.readLong();
            test.carriedMean = in.readDouble();
            test.level = States.readLevel(in);
            test.statistic = in.readDouble();
            test.tested = in.readBoolean();
            return test;
        });
    }
}
