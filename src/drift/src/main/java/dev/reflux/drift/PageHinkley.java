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
 * fall is found by the sum of {@code (x - value) - delta}. After both it begins anew; the change is placed at the
 * minimum, up to {@value #BLOCK} values early.
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
    private static final int BLOCK = 64;

    private final int minValues;
    private final double delta;
    private final double lambda;
    private final double warning;
    private final double alpha;
    private final Baseline baseline;
    private final Sides sides;
    private final boolean fromMinimum;
    private final boolean oneSided;

    /** A whole number: one of 64 bits would have to be converted at every value. */
    private double count;

    private double mean;
    private double rise;
    private double lowestRise;
    private double fall;
    private double lowestFall;
    /** Count and mean at the end of the last whole block, and the minima up to there. */
    private long blockEnd;

    private double blockMean;
    private double blockDue;
    private double placedRise;
    private double placedFall;
    /** Count and mean before the block in which the rise was lowest, and the same of the fall. */
    private long riseFrom;

    private double riseMean;
    private long fallFrom;
    private double fallMean;
    private long carriedCount;
    private double carriedMean;
    private DriftLevel level = DriftLevel.NONE;
    private double lastAlarm = Double.NaN;

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
        this.fromMinimum = baseline == Baseline.MINIMUM;
        this.oneSided = sides == Sides.ONE_SIDED;
        restart();
    }

    private void restart() {
        count = 0;
        mean = 0;
        rise = 0;
        lowestRise = Double.POSITIVE_INFINITY;
        fall = 0;
        lowestFall = Double.POSITIVE_INFINITY;
        blockEnd = 0;
        blockDue = BLOCK;
        blockMean = 0;
        placedRise = Double.POSITIVE_INFINITY;
        placedFall = Double.POSITIVE_INFINITY;
        riseFrom = 0;
        riseMean = 0;
        fallFrom = 0;
        fallMean = 0;
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public DriftLevel add(double value) {
        Checks.finite(value);
        double number = ++count;
        double average = mean + (value - mean) / number;
        mean = average;
        double sum = alpha * rise + (value - average - delta);
        rise = sum;
        double lowest = Math.min(lowestRise, sum);
        lowestRise = lowest;
        if (number == blockDue) {
            endBlock();
        }
        double risen = fromMinimum ? sum - lowest : sum;
        if (oneSided && risen <= warning) {
            return set(DriftLevel.NONE);
        }
        if (set(judge(risen)) == DriftLevel.DRIFT) {
            endBlock();
            beginAnew(risen, riseFrom, riseMean);
        } else if (!oneSided) {
            lookForFall(value);
        }
        return level;
    }

    private void lookForFall(double value) {
        fall = alpha * fall + (mean - value - delta);
        lowestFall = Math.min(lowestFall, fall);
        double fallen = fromMinimum ? fall - lowestFall : fall;
        DriftLevel found = judge(fallen);
        if (sides == Sides.TWO_SIDED) {
            set(level.max(found));
        }
        if (found == DriftLevel.DRIFT) {
            endBlock();
            beginAnew(fallen, fallFrom, fallMean);
        }
    }

    /**
     * Minima are placed by blocks of {@value #BLOCK} values: at each value, no processor could foretell whether it is a new one.
     */
    private void endBlock() {
        if (lowestRise != placedRise) {
            placedRise = lowestRise;
            riseFrom = blockEnd;
            riseMean = blockMean;
        }
        if (lowestFall != placedFall) {
            placedFall = lowestFall;
            fallFrom = blockEnd;
            fallMean = blockMean;
        }
        blockEnd = (long) count;
        blockDue = count + BLOCK;
        blockMean = mean;
    }

    /** Writes the level when it is another one alone: a reference costs the collector's barrier. */
    private DriftLevel set(DriftLevel found) {
        if (level != found) {
            level = found;
        }
        return found;
    }

    private DriftLevel judge(double sum) {
        return count < minValues || sum <= warning
                ? DriftLevel.NONE
                : sum > lambda ? DriftLevel.DRIFT : DriftLevel.WARNING;
    }

    private void beginAnew(double sum, long from, double meanAt) {
        lastAlarm = sum;
        carriedCount = Math.max(1, (long) count - from);
        carriedMean = count == from ? mean : (mean * count - meanAt * from) / carriedCount;
        restart();
    }

    @Override
    public double estimate() {
        return carriedCount > count ? carriedMean : count == 0 ? Double.NaN : mean;
    }

    /** The sum above its baseline; of the last alarm until enough values have come anew. */
    @Override
    public double statistic() {
        if (count < minValues) {
            return Double.isNaN(lastAlarm) ? 0 : lastAlarm;
        }
        double risen = fromMinimum ? rise - lowestRise : rise;
        double fallen = fromMinimum ? fall - lowestFall : fall;
        return sides == Sides.TWO_SIDED ? Math.max(risen, fallen) : risen;
    }

    @Override
    public double threshold() {
        return count < minValues && Double.isNaN(lastAlarm) ? Double.POSITIVE_INFINITY : lambda;
    }

    @Override
    public long width() {
        return Math.max((long) count, carriedCount);
    }

    @Override
    public void reset() {
        restart();
        carriedCount = 0;
        carriedMean = 0;
        level = DriftLevel.NONE;
        lastAlarm = Double.NaN;
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
        out.writeDouble(count);
        out.writeDouble(mean);
        out.writeDouble(rise);
        out.writeDouble(lowestRise);
        out.writeDouble(fall);
        out.writeDouble(lowestFall);
        out.writeLong(blockEnd);
        out.writeDouble(blockMean);
        out.writeDouble(blockDue);
        out.writeDouble(placedRise);
        out.writeDouble(placedFall);
        out.writeLong(riseFrom);
        out.writeDouble(riseMean);
        out.writeLong(fallFrom);
        out.writeDouble(fallMean);
        out.writeLong(carriedCount);
        out.writeDouble(carriedMean);
        out.writeByte(level.ordinal());
        out.writeDouble(lastAlarm);
    }

    /** @throws IOException also when the state is of a newer version or makes no sense */
    public static PageHinkley read(DataInput in) throws IOException {
        return States.read(TYPE, VERSION, in, version -> {
            PageHinkley test = new PageHinkley(
                    in.readInt(),
                    in.readDouble(),
                    in.readDouble(),
                    in.readDouble(),
                    in.readDouble(),
                    Baseline.values()[in.readByte()],
                    Sides.values()[in.readByte()]);
            test.count = in.readDouble();
            test.mean = in.readDouble();
            test.rise = in.readDouble();
            test.lowestRise = in.readDouble();
            test.fall = in.readDouble();
            test.lowestFall = in.readDouble();
            test.blockEnd = in.readLong();
            test.blockMean = in.readDouble();
            test.blockDue = in.readDouble();
            test.placedRise = in.readDouble();
            test.placedFall = in.readDouble();
            test.riseFrom = in.readLong();
            test.riseMean = in.readDouble();
            test.fallFrom = in.readLong();
            test.fallMean = in.readDouble();
            test.carriedCount = in.readLong();
            test.carriedMean = in.readDouble();
            test.level = States.readLevel(in);
            test.lastAlarm = in.readDouble();
            return test;
        });
    }
}
