package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * EDDM, the early drift detection method: errors that lie closer together than they once did. Baena-García, del
 * Campo-Ávila, Fidalgo, Bifet, Gavaldà, Morales-Bueno, "Early Drift Detection Method", International Workshop on Knowledge
 * Discovery from Data Streams 2006.
 *
 * <p>With {@code m} the mean and {@code s} the (population) standard deviation of the distances between errors since the
 * last alarm, the largest {@code m + 2 s} is kept. At each error a share {@code (m + 2 s) / max(m + 2 s)} below
 * {@code warning} warns until the next error, one below {@code drift} establishes drift, after which the detector begins
 * anew. The change is placed where the warning that led to the alarm began.
 *
 * <p>Not where false alarms are dear: on a stationary stream the largest {@code m + 2 s} is soon a chance value that
 * later ones fall short of, and it alarms again and again. Not where errors are rare: it is blind between them.
 */
public final class Eddm implements DriftDetector {

    public static final String TYPE = "eddm";
    public static final int DEFAULT_MIN_VALUES = 30;
    public static final int DEFAULT_MIN_ERRORS = 30;
    public static final double DEFAULT_WARNING = 0.95;
    public static final double DEFAULT_DRIFT = 0.9;

    private static final int VERSION = 1;

    private final int minValues;
    private final int minErrors;
    private final double warning;
    private final double drift;

    private long count;
    private double errors;
    private long lastError;
    private double mean;
    private double squares;
    private double maximum;
    /** Count and errors before the warning that lasts. */
    private long calmCount;

    private double calmErrors;
    private DriftLevel level = DriftLevel.NONE;
    /** {@code m + 2 s} over its maximum at the last test; 0 before the first. */
    private double share;

    /** With the published defaults. */
    public Eddm() {
        this(DEFAULT_MIN_VALUES, DEFAULT_MIN_ERRORS, DEFAULT_WARNING, DEFAULT_DRIFT);
    }

    /**
     * @param minValues the first value from which on the maximum is kept, at least 1
     * @param minErrors errors that must have been exceeded before a warning or an alarm, at least 1
     * @param warning share of the maximum below which it warns, in (0, 1)
     * @param drift share of the maximum below which it alarms, in (0, warning]
     */
    public Eddm(int minValues, int minErrors, double warning, double drift) {
        this.minValues = Checks.atLeast(1, "minValues", minValues);
        this.minErrors = Checks.atLeast(1, "minErrors", minErrors);
        this.warning = Checks.share("warning", warning);
        this.drift = Checks.share("drift", drift);
        if (drift > warning) {
            throw new IllegalArgumentException("drift: " + drift + " found, must be at most warning, " + warning);
        }
    }

    private void restart() {
        count = 0;
        errors = 0;
        lastError = 0;
        mean = 0;
        squares = 0;
        maximum = 0;
        calmCount = 0;
        calmErrors = 0;
    }

    @Override
    public String type() {
        return TYPE;
    }

    /** @throws IllegalArgumentException also for values other than 0 and 1 */
    @Override
    public DriftLevel add(double value) {
        if (level == DriftLevel.DRIFT) {
            Checks.binary(value);
            restart();
            level = DriftLevel.NONE;
        }
        if (value == 0) {
            count++;
            return level;
        }
        Checks.binary(value);
        count++;
        errors++;
        double distance = count - lastError;
        lastError = count;
        double before = mean;
        mean += (distance - mean) / errors;
        squares += (distance - mean) * (distance - before);
        return set(judge(mean + 2 * Math.sqrt(squares / errors)));
    }

    /** Writes the level when it is another one alone: a reference costs the collector's barrier. */
    private DriftLevel set(DriftLevel found) {
        if (level != found) {
            level = found;
        }
        return found;
    }

    private DriftLevel judge(double spread) {
        if (spread > maximum) {
            if (count >= minValues) {
                maximum = spread;
            }
            return DriftLevel.NONE;
        }
        if (count < minValues || errors <= minErrors) {
            return DriftLevel.NONE;
        }
        share = spread / maximum;
        if (share >= warning) {
            return DriftLevel.NONE;
        }
        if (level == DriftLevel.NONE) {
            calmCount = count - 1;
            calmErrors = errors - 1;
        }
        return share < drift ? DriftLevel.DRIFT : DriftLevel.WARNING;
    }

    /** The error rate. */
    @Override
    public double estimate() {
        if (count == 0) {
            return Double.NaN;
        }
        return level == DriftLevel.DRIFT ? (errors - calmErrors) / width() : errors / count;
    }

    /** How many times closer together errors lie than at the maximum: {@code max(m + 2 s) / (m + 2 s)}. */
    @Override
    public double statistic() {
        return share == 0 ? 0 : 1 / share;
    }

    @Override
    public double threshold() {
        return share == 0 ? Double.POSITIVE_INFINITY : 1 / drift;
    }

    @Override
    public long width() {
        return level == DriftLevel.DRIFT ? count - calmCount : count;
    }

    @Override
    public void reset() {
        restart();
        level = DriftLevel.NONE;
        share = 0;
    }

    @Override
    public void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        out.writeInt(minValues);
        out.writeInt(minErrors);
        out.writeDouble(warning);
        out.writeDouble(drift);
        out.writeLong(count);
        out.writeDouble(errors);
        out.writeLong(lastError);
        out.writeDouble(mean);
        out.writeDouble(squares);
        out.writeDouble(maximum);
        out.writeLong(calmCount);
        out.writeDouble(calmErrors);
        out.writeByte(level.ordinal());
        out.writeDouble(share);
    }

    /** @throws IOException also when the state is of a newer version or makes no sense */
    public static Eddm read(DataInput in) throws IOException {
        return States.read(TYPE, VERSION, in, version -> {
            Eddm eddm = new Eddm(in.readInt(), in.readInt(), in.readDouble(), in.readDouble());
            eddm.count = in.readLong();
            eddm.errors = in.readDouble();
            eddm.lastError = in.readLong();
            eddm.mean = in.readDouble();
            eddm.squares = in.readDouble();
            eddm.maximum = in.readDouble();
            eddm.calmCount = in.readLong();
            eddm.calmErrors = in.readDouble();
            eddm.level = States.readLevel(in);
            eddm.share = in.readDouble();
            return eddm;
        });
    }
}
