package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * HDDM-A: the mean of all values against its best past, by Hoeffding's bound. Frías-Blanco, del Campo-Ávila,
 * Ramos-Jiménez, Morales-Bueno, Ortiz-Díaz, Caballero-Mota, "Online and Non-Parametric Drift Detection Methods Based on
 * Hoeffding's Bounds", IEEE Transactions on Knowledge and Data Engineering 27(3), 2015, the A-test.
 *
 * <p>Of the {@code n} values since the last alarm, with mean {@code x}, the cut is the count {@code c} at which
 * {@code mean + sqrt(ln(1/drift) / 2n)} was smallest. A rise is established by
 *
 * <pre>x - mean(1..c) &gt;= sqrt((n - c) / (2 c n) ln(2 / drift))</pre>
 *
 * and likely with {@code warning} in place of {@code drift}. A fall is found the other way round. After both it begins anew;
 * the change is placed at the cut.
 *
 * <p>Not for values outside of [0, 1]. Quick on abrupt changes; for slow ones {@link HddmW} is meant.
 */
public final class HddmA implements DriftDetector {

    public static final String TYPE = "hddm-a";
    public static final double DEFAULT_DRIFT = 0.001;
    public static final double DEFAULT_WARNING = 0.005;

    private static final int VERSION = 1;

    private final double drift;
    private final double warning;
    private final Sides sides;
    private final double logOfCut;
    private final double logOfDrift;
    private final double logOfWarning;

    private long count;
    private double sum;
    /** The cut before a rise: its count, its sum, its mean, and the mean's upper bound. */
    private long lowCount;

    private double lowSum;
    private double lowMean;
    private double lowBound;
    /** The cut before a fall: its count, its sum, its mean, and the mean's lower bound. */
    private long highCount;

    private double highSum;
    private double highMean;
    private double highBound;
    /** Count and sum after the last change's cut, of use until as many values have come anew. */
    private long carriedCount;

    private double carriedSum;
    private DriftLevel level = DriftLevel.NONE;
    private double statistic;
    private double threshold = Double.POSITIVE_INFINITY;

    /** With the published confidences; begins anew after falls, in silence. */
    public HddmA() {
        this(DEFAULT_DRIFT, DEFAULT_WARNING, Sides.RESET_ON_FALL);
    }

    /**
     * @param drift chance of a false alarm per test, in (0, 1)
     * @param warning the same for warnings, in [drift, 1)
     */
    public HddmA(double drift, double warning, Sides sides) {
        this.drift = Checks.share("drift", drift);
        this.warning = Checks.share("warning", warning);
        if (warning < drift) {
            throw new IllegalArgumentException("warning: " + warning + " found, must be at least drift, " + drift);
        }
        this.sides = sides;
        logOfCut = Math.log(1 / drift);
        logOfDrift = Math.log(2 / drift);
        logOfWarning = Math.log(2 / warning);
        restart();
    }

    private void restart() {
        count = 0;
        sum = 0;
        lowCount = 0;
        lowSum = 0;
        lowMean = 0;
        lowBound = Double.POSITIVE_INFINITY;
        highCount = 0;
        highSum = 0;
        highMean = 0;
        highBound = Double.NEGATIVE_INFINITY;
    }

    @Override
    public String type() {
        return TYPE;
    }

    /** @throws IllegalArgumentException also for values outside of [0, 1] */
    @Override
    public DriftLevel add(double value) {
        Checks.unit(value);
        count++;
        sum += value;
        double mean = sum / count;
        double bound = Math.sqrt(1.0 / (2 * count) * logOfCut);
        if (mean + bound <= lowBound) {
            lowBound = mean + bound;
            lowMean = mean;
            lowCount = count;
            lowSum = sum;
        }
        if (sides != Sides.ONE_SIDED && mean - bound >= highBound) {
            highBound = mean - bound;
            highMean = mean;
            highCount = count;
            highSum = sum;
        }
        set(judge(mean - lowMean, lowCount));
        if (level == DriftLevel.DRIFT) {
            beginAnew(lowCount, lowSum);
        } else if (sides != Sides.ONE_SIDED) {
            lookForFall(highMean - mean);
        }
        if (count >= carriedCount) {
            carriedCount = 0;
            carriedSum = 0;
        }
        return level;
    }

    private void lookForFall(double fall) {
        if (fall <= 0) {
            return;
        }
        double riseStatistic = statistic;
        double riseThreshold = threshold;
        DriftLevel found = judge(fall, highCount);
        if (sides == Sides.TWO_SIDED) {
            set(level.max(found));
        }
        if (sides == Sides.RESET_ON_FALL || found == DriftLevel.NONE) {
            statistic = riseStatistic;
            threshold = riseThreshold;
        }
        if (found == DriftLevel.DRIFT) {
            beginAnew(highCount, highSum);
        }
    }

    /** Writes the level when it is another one alone: a reference costs the collector's barrier. */
    private DriftLevel set(DriftLevel found) {
        if (level != found) {
            level = found;
        }
        return found;
    }

    private DriftLevel judge(double distance, long cut) {
        statistic = distance;
        if (distance <= 0) {
            return DriftLevel.NONE;
        }
        double spread = (double) (count - cut) / cut * (1.0 / count) / 2;
        threshold = Math.sqrt(spread * logOfDrift);
        if (distance >= threshold) {
            return DriftLevel.DRIFT;
        }
        return distance >= Math.sqrt(spread * logOfWarning) ? DriftLevel.WARNING : DriftLevel.NONE;
    }

    private void beginAnew(long cutCount, double cutSum) {
        carriedCount = count - cutCount;
        carriedSum = sum - cutSum;
        restart();
    }

    @Override
    public double estimate() {
        return carriedCount > 0 ? carriedSum / carriedCount : count == 0 ? Double.NaN : sum / count;
    }

    /** Distance of the mean from the one at the cut. */
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
        carriedSum = 0;
        level = DriftLevel.NONE;
        statistic = 0;
        threshold = Double.POSITIVE_INFINITY;
    }

    @Override
    public void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        out.writeDouble(drift);
        out.writeDouble(warning);
        out.writeByte(sides.ordinal());
        out.writeLong(count);
        out.writeDouble(sum);
        out.writeLong(lowCount);
        out.writeDouble(lowSum);
        out.writeDouble(lowMean);
        out.writeDouble(lowBound);
        out.writeLong(highCount);
        out.writeDouble(highSum);
        out.writeDouble(highMean);
        out.writeDouble(highBound);
        out.writeLong(carriedCount);
        out.writeDouble(carriedSum);
        out.writeByte(level.ordinal());
        out.writeDouble(statistic);
        out.writeDouble(threshold);
    }

    /** @throws IOException also when the state is of a newer version or makes no sense */
    public static HddmA read(DataInput in) throws IOException {
        return States.read(TYPE, VERSION, in, version -> {
            HddmA hddm = new HddmA(in.readDouble(), in.readDouble(), Sides.values()[in.readByte()]);
            hddm.count = in.readLong();
            hddm.sum = in.readDouble();
            hddm.lowCount = in.readLong();
            hddm.lowSum = in.readDouble();
            hddm.lowMean = in.readDouble();
            hddm.lowBound = in.readDouble();
            hddm.highCount = in.readLong();
            hddm.highSum = in.readDouble();
            hddm.highMean = in.readDouble();
            hddm.highBound = in.readDouble();
            hddm.carriedCount = in.readLong();
            hddm.carriedSum = in.readDouble();
            hddm.level = States.readLevel(in);
            hddm.statistic = in.readDouble();
            hddm.threshold = in.readDouble();
            return hddm;
        });
    }
}
