package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * HDDM-W: a recent weighted mean against the best past one, by McDiarmid's bound. Frías-Blanco et al., "Online and
 * Non-Parametric Drift Detection Methods Based on Hoeffding's Bounds", IEEE Transactions on Knowledge and Data
 * Engineering 27(3), 2015, the W-test.
 *
 * <p>Means are exponentially weighted, {@code x' = lambda value + (1 - lambda) x}, each with the sum of its squared
 * weights {@code b' = lambda^2 + (1 - lambda)^2 b}, from {@code b = 1} for one value. The cut is where the mean of all
 * values since the last alarm plus {@code sqrt(b ln(1/drift) / 2)} was smallest. A mean of the values after it, {@code x2},
 * establishes a rise over the mean at it, {@code x1}, by
 *
 * <pre>x2 - x1 &gt; sqrt((b1 + b2) ln(1/drift) / 2)</pre>
 *
 * and makes one likely with {@code warning} in place of {@code drift}. A fall is found the other way round. After both it
 * begins anew; the change is placed at the cut.
 *
 * <p>Not for values outside of [0, 1], nor where a false alarm is dear: a mean of about {@code 1 / lambda} values is restless. A
 * smaller {@code lambda} is calmer, and later.
 */
public final class HddmW implements DriftDetector {

    public static final String TYPE = "hddm-w";
    public static final double DEFAULT_DRIFT = 0.001;
    public static final double DEFAULT_WARNING = 0.005;
    public static final double DEFAULT_LAMBDA = 0.05;

    private static final int VERSION = 1;

    private final double drift;
    private final double warning;
    private final double lambda;
    private final Sides sides;
    private final double logOfDrift;
    private final double logOfWarning;
    private final double kept;
    private final double squareOfNew;
    private final double squareOfKept;

    private long count;
    private double mean;
    private double weights;
    private double bound;
    private final Cut low = new Cut();
    private final Cut high = new Cut();
    /** Count after the last change's cut, of use until as many values have come anew. */
    private long carriedCount;

    private double estimate = Double.NaN;
    private DriftLevel level = DriftLevel.NONE;
    private double statistic;
    private double threshold = Double.POSITIVE_INFINITY;

    /** A mean at the best past point, and the one of the values after it. */
    private static final class Cut {

        private double limit;
        private double before;
        private double weightsBefore;
        private long countAfter;
        private double after;
        private double weightsAfter;

        void set(double atLimit, double mean, double weights) {
            limit = atLimit;
            before = mean;
            weightsBefore = weights;
            countAfter = 0;
            after = 0;
            weightsAfter = 0;
        }

        void write(DataOutput out) throws IOException {
            out.writeDouble(limit);
            out.writeDouble(before);
            out.writeDouble(weightsBefore);
            out.writeLong(countAfter);
            out.writeDouble(after);
            out.writeDouble(weightsAfter);
        }

        void read(DataInput in) throws IOException {
            limit = in.readDouble();
            before = in.readDouble();
            weightsBefore = in.readDouble();
            countAfter = in.readLong();
            after = in.readDouble();
            weightsAfter = in.readDouble();
        }
    }

    /** With the published confidences; rises alone. */
    public HddmW() {
        this(DEFAULT_DRIFT, DEFAULT_WARNING, DEFAULT_LAMBDA, Sides.ONE_SIDED);
    }

    /**
     * @param drift chance of a false alarm per test, in (0, 1)
     * @param warning the same for warnings, in [drift, 1)
     * @param lambda weight of the newest value, in (0, 1)
     */
    public HddmW(double drift, double warning, double lambda, Sides sides) {
        this.drift = Checks.share("drift", drift);
        this.warning = Checks.share("warning", warning);
        this.lambda = Checks.share("lambda", lambda);
        if (warning < drift) {
            throw new IllegalArgumentException("warning: " + warning + " found, must be at least drift, " + drift);
        }
        this.sides = sides;
        logOfDrift = Math.log(1 / drift);
        logOfWarning = Math.log(1 / warning);
        kept = 1 - lambda;
        squareOfNew = lambda * lambda;
        squareOfKept = kept * kept;
        restart();
    }

    private void restart() {
        count = 0;
        mean = 0;
        weights = 0;
        bound = 0;
        low.set(Double.POSITIVE_INFINITY, 0, 0);
        high.set(Double.NEGATIVE_INFINITY, 0, 0);
    }

    @Override
    public String type() {
        return TYPE;
    }

    /** @throws IllegalArgumentException also for values outside of [0, 1] */
    @Override
    public DriftLevel add(double value) {
        Checks.unit(value);
        double before = weights;
        if (count++ == 0) {
            mean = value;
            weights = 1;
        } else {
            mean = lambda * value + kept * mean;
            weights = squareOfNew + squareOfKept * weights;
        }
        if (weights != before) {
            // the sum of squared weights converges, and the bound with it
            bound = Math.sqrt(weights * logOfDrift / 2);
        }
        if (mean + bound < low.limit) {
            low.set(mean + bound, mean, weights);
            set(DriftLevel.NONE);
        } else {
            addAfter(low, value);
            set(judge(low.after - low.before, low));
        }
        if (level == DriftLevel.DRIFT) {
            beginAnew(low);
        } else {
            if (sides != Sides.ONE_SIDED) {
                lookForFall(value);
            }
            estimate = count == 0 ? estimate : mean;
        }
        if (count >= carriedCount) {
            carriedCount = 0;
        }
        return level;
    }

    private void addAfter(Cut cut, double value) {
        if (cut.countAfter++ == 0) {
            cut.after = value;
            cut.weightsAfter = 1;
        } else {
            cut.after = lambda * value + kept * cut.after;
            cut.weightsAfter = squareOfNew + squareOfKept * cut.weightsAfter;
        }
    }

    private void lookForFall(double value) {
        if (mean - bound > high.limit) {
            high.set(mean - bound, mean, weights);
            return;
        }
        addAfter(high, value);
        double riseStatistic = statistic;
        double riseThreshold = threshold;
        DriftLevel found = judge(high.before - high.after, high);
        if (sides == Sides.TWO_SIDED) {
            set(level.max(found));
        }
        if (sides == Sides.RESET_ON_FALL || found == DriftLevel.NONE) {
            statistic = riseStatistic;
            threshold = riseThreshold;
        }
        if (found == DriftLevel.DRIFT) {
            beginAnew(high);
        }
    }

    /** Writes the level when it is another one alone: a reference costs the collector's barrier. */
    private DriftLevel set(DriftLevel found) {
        if (level != found) {
            level = found;
        }
        return found;
    }

    private DriftLevel judge(double distance, Cut cut) {
        statistic = distance;
        if (distance <= 0) {
            return DriftLevel.NONE;
        }
        double sum = cut.weightsBefore + cut.weightsAfter;
        threshold = Math.sqrt(sum * logOfDrift / 2);
        if (distance > threshold) {
            return DriftLevel.DRIFT;
        }
        return distance > Math.sqrt(sum * logOfWarning / 2) ? DriftLevel.WARNING : DriftLevel.NONE;
    }

    private void beginAnew(Cut cut) {
        carriedCount = cut.countAfter;
        estimate = cut.after;
        restart();
    }

    /** The weighted mean. */
    @Override
    public double estimate() {
        return estimate;
    }

    /** Distance of the two means. */
    @Override
    public double statistic() {
        return statistic;
    }

    @Override
    public double threshold() {
        return threshold;
    }

    @Override
    public long width() {
        return Math.max(count, carriedCount);
    }

    @Override
    public void reset() {
        restart();
        carriedCount = 0;
        estimate = Double.NaN;
        level = DriftLevel.NONE;
        statistic = 0;
        threshold = Double.POSITIVE_INFINITY;
    }

    @Override
    public void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        out.writeDouble(drift);
        out.writeDouble(warning);
        out.writeDouble(lambda);
        out.writeByte(sides.ordinal());
        out.writeLong(count);
        out.writeDouble(mean);
        out.writeDouble(weights);
        out.writeDouble(bound);
        low.write(out);
        high.write(out);
        out.writeLong(carriedCount);
        out.writeDouble(estimate);
        out.writeByte(level.ordinal());
        out.writeDouble(statistic);
        out.writeDouble(threshold);
    }

    /** @throws IOException also when the state is of a newer version or makes no sense */
    public static HddmW read(DataInput in) throws IOException {
        return States.read(TYPE, VERSION, in, version -> {
            HddmW hddm = new HddmW(in.readDouble(), in.readDouble(), in.readDouble(), Sides.values()[in.readByte()]);
            hddm.count = in.readLong();
            hddm.mean = in.readDouble();
            hddm.weights = in.readDouble();
            hddm.bound = in.readDouble();
            hddm.low.read(in);
            hddm.high.read(in);
            hddm.carriedCount = in.readLong();
            hddm.estimate = in.readDouble();
            hddm.level = States.readLevel(in);
            hddm.statistic = in.readDouble();
            hddm.threshold = in.readDouble();
            return hddm;
        });
    }
}
