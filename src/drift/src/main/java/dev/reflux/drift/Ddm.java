package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * DDM, the drift detection method: an error rate that has left its best value. Gama, Medas, Castillo, Rodrigues,
 * "Learning with Drift Detection", SBIA 2004.
 *
 * <p>With {@code p} the error rate of all {@code n} values since the last alarm and {@code s = sqrt(p (1 - p) / n)},
 * the smallest {@code p + s} is kept, as {@code pMin} and {@code sMin}. A warning lasts while
 * {@code p + s > pMin + warning sMin}; drift is established by {@code p + s > pMin + drift sMin}, after which the
 * detector begins anew. The change is placed where the warning that led to the alarm began.
 *
 * <p>Not where errors are so rare that the first {@code minValues} may hold none: the minimum is then 0, and the first
 * error an alarm. Not for slow changes in a long stream, whose rate {@code p} over all values hardly moves.
 */
public final class Ddm implements DriftDetector {

    public static final String TYPE = "ddm";
    public static final int DEFAULT_MIN_VALUES = 30;
    public static final double DEFAULT_WARNING = 2;
    public static final double DEFAULT_DRIFT = 3;

    private static final int VERSION = 1;

    private final int minValues;
    private final double warning;
    private final double drift;

    private long count;
    private double mean;
    private double minimum;
    private double warningLimit;
    private double driftLimit;
    /** Count and mean before the warning that lasts. */
    private long calmCount;

    private double calmMean;
    private DriftLevel level = DriftLevel.NONE;
    private double statistic;

    /** With the published defaults. */
    public Ddm() {
        this(DEFAULT_MIN_VALUES, DEFAULT_WARNING, DEFAULT_DRIFT);
    }

    /**
     * @param minValues the first value that may raise an alarm, at least 2; the minimum is kept from the one before it
     * @param warning standard deviations from the minimum to a warning, positive
     * @param drift the same to an alarm, at least {@code warning}
     */
    public Ddm(int minValues, double warning, double drift) {
        this.minValues = Checks.atLeast(2, "minValues", minValues);
        this.warning = Checks.positive("warning", warning);
        this.drift = Checks.positive("drift", drift);
        if (drift < warning) {
            throw new IllegalArgumentException("drift: " + drift + " found, must be at least warning, " + warning);
        }
        restart();
    }

    private void restart() {
        count = 0;
        mean = 0;
        minimum = Double.POSITIVE_INFINITY;
        warningLimit = Double.POSITIVE_INFINITY;
        driftLimit = Double.POSITIVE_INFINITY;
        calmCount = 0;
        calmMean = 0;
    }

    @Override
    public String type() {
        return TYPE;
    }

    /** @throws IllegalArgumentException also for values outside of [0, 1] */
    @Override
    public DriftLevel add(double value) {
        Checks.unit(value);
        if (level == DriftLevel.DRIFT) {
            restart();
        }
        double before = mean;
        count++;
        mean += (value - mean) / count;
        double deviation = Math.sqrt(mean * (1 - mean) / count);
        double sum = mean + deviation;
        statistic = sum;
        if (count < minValues - 1) {
            return set(DriftLevel.NONE);
        }
        if (sum <= minimum) {
            minimum = sum;
            warningLimit = mean + warning * deviation;
            driftLimit = mean + drift * deviation;
        }
        if (sum <= warningLimit) {
            return set(DriftLevel.NONE);
        }
        if (level == DriftLevel.NONE) {
            calmCount = count - 1;
            calmMean = before;
        }
        return set(sum > driftLimit && count >= minValues ? DriftLevel.DRIFT : DriftLevel.WARNING);
    }

    /** Writes the level when it is another one alone: a reference costs the collector's barrier. */
    private DriftLevel set(DriftLevel found) {
        if (level != found) {
            level = found;
        }
        return found;
    }

    @Override
    public double estimate() {
        if (level != DriftLevel.DRIFT) {
            return count == 0 ? Double.NaN : mean;
        }
        return (mean * count - calmMean * calmCount) / width();
    }

    /** {@code p + s}. */
    @Override
    public double statistic() {
        return statistic;
    }

    @Override
    public double threshold() {
        return driftLimit;
    }

    @Override
    public long width() {
        return level == DriftLevel.DRIFT ? count - calmCount : count;
    }

    @Override
    public void reset() {
        restart();
        level = DriftLevel.NONE;
        statistic = 0;
    }

    @Override
    public void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        out.writeInt(minValues);
        out.writeDouble(warning);
        out.writeDouble(drift);
        out.writeLong(count);
        out.writeDouble(mean);
        out.writeDouble(minimum);
        out.writeDouble(warningLimit);
        out.writeDouble(driftLimit);
        out.writeLong(calmCount);
        out.writeDouble(calmMean);
        out.writeByte(level.ordinal());
        out.writeDouble(statistic);
    }

    /** @throws IOException also when the state is of a newer version or makes no sense */
    public static Ddm read(DataInput in) throws IOException {
        return States.read(TYPE, VERSION, in, version -> {
            Ddm ddm = new Ddm(in.readInt(), in.readDouble(), in.readDouble());
            ddm.count = in.readLong();
            ddm.mean = in.readDouble();
            ddm.minimum = in.readDouble();
            ddm.warningLimit = in.readDouble();
            ddm.driftLimit = in.readDouble();
            ddm.calmCount = in.readLong();
            ddm.calmMean = in.readDouble();
            ddm.level = States.readLevel(in);
            ddm.statistic = in.readDouble();
            return ddm;
        });
    }
}
