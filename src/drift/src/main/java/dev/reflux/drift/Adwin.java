package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * ADWIN: a window as long as its values agree. Bifet, Gavalda, "Learning from Time-Changing Data with Adaptive
 * Windowing", SIAM International Conference on Data Mining 2007.
 *
 * <p>Every {@value #DEFAULT_CLOCK} values each cut of the window of {@code n} values into an older part of {@code n0}
 * and a recent one of {@code n1} is tested; while one shows
 *
 * <pre>|mean0 - mean1| &gt; sqrt(2 m v d) + 2/3 m d     m = 1/(n0 - 4) + 1/(n1 - 4), d = ln(2 ln(n) / delta), v = variance</pre>
 *
 * the oldest bucket is dropped. The window is an exponential histogram (at most 5 buckets of each power of two), so that
 * a window of {@code n} values takes {@code O(log n)} memory, and cuts lie between buckets.
 *
 * <p>The published algorithm has no warning. Here {@link DriftLevel#WARNING} means that a cut passes the same test with
 * {@code warningDelta}, ten times {@code delta} unless chosen: the proportion of the two detectors in Gomes et al.,
 * "Adaptive random forests", Machine Learning 106, 2017, without a second window. A warning lasts until a test finds none.
 *
 * <p>Not for values without a bound (the test is Bernstein's, for values in [0, 1]: errors, rates, probabilities), and
 * not where a change in anything but the mean matters.
 */
public final class Adwin implements DriftDetector {

    public static final String TYPE = "adwin";
    public static final double DEFAULT_DELTA = 0.002;
    public static final int DEFAULT_CLOCK = 32;

    /** Which changes of the mean are signalled. The window forgets in both directions in any case. */
    public enum Direction {
        /** A higher mean alone: for errors, whose fall is no reason for alarm. */
        INCREASE,
        BOTH
    }

    private static final int VERSION = 1;
    private static final int BUCKETS = 5;
    private static final int SLOTS = BUCKETS + 1;
    private static final int MAX_ROWS = 56;
    private static final int MIN_WIDTH = 10;
    private static final int MIN_PART = 5;
    private static final double WARNING_FACTOR = 10;

    private final double delta;
    private final double warningDelta;
    private final Direction direction;
    private final int clock;

    /** Row {@code r} holds buckets of {@code 2^r} values, oldest first, from index {@code r * SLOTS}. */
    private final double[] totals = new double[MAX_ROWS * SLOTS];

    private final double[] variances = new double[MAX_ROWS * SLOTS];
    private final int[] counts = new int[MAX_ROWS];
    private int rows = 1;

    private long time;
    private long width;
    private double total;
    private double variance;
    private DriftLevel level = DriftLevel.NONE;
    private double statistic;
    private double threshold = Double.POSITIVE_INFINITY;

    /** With the published defaults: delta {@value #DEFAULT_DELTA}, increases alone. */
    public Adwin() {
        this(DEFAULT_DELTA, Direction.INCREASE);
    }

    /** With the usual warning and clock. */
    public Adwin(double delta, Direction direction) {
        this(delta, direction, DEFAULT_CLOCK);
    }

    /** With the usual warning. */
    public Adwin(double delta, Direction direction, int clock) {
        this(delta, Math.max(delta, Math.min(0.5, delta * WARNING_FACTOR)), direction, clock);
    }

    /**
     * @param delta chance of a false alarm per test, in (0, 1)
     * @param warningDelta the same for warnings, in [delta, 1); {@code delta} warns never
     * @param clock values between tests, at least 1; the published test after each value is 1
     */
    public Adwin(double delta, double warningDelta, Direction direction, int clock) {
        this.delta = Checks.share("delta", delta);
        if (!(warningDelta >= delta && warningDelta < 1)) {
            throw new IllegalArgumentException(
                    "warningDelta: " + warningDelta + " found, must be in [delta, 1), delta is " + delta);
        }
        this.warningDelta = warningDelta;
        this.direction = direction;
        this.clock = Checks.atLeast(1, "clock", clock);
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public DriftLevel add(double value) {
        Checks.finite(value);
        double before = estimate();
        time++;
        insert(value);
        if (time % clock != 0 || width <= MIN_WIDTH) {
            if (level == DriftLevel.DRIFT) {
                level = DriftLevel.NONE;
            }
            return level;
        }
        if (!test()) {
            return level;
        }
        double established = statistic;
        double exceeded = threshold;
        do {
            dropOldest();
        } while (test());
        if (direction == Direction.BOTH || estimate() > before) {
            level = DriftLevel.DRIFT;
            statistic = established;
            threshold = exceeded;
        }
        return level;
    }

    private void insert(double value) {
        if (width > 0) {
            double distance = value - total / width;
            variance += width * distance * distance / (width + 1);
        }
        width++;
        total += value;
        totals[counts[0]] = value;
        variances[counts[0]] = 0;
        counts[0]++;
        for (int row = 0; counts[row] == SLOTS; row++) {
            mergeOldestTwo(row);
        }
    }

    private void mergeOldestTwo(int row) {
        int from = row * SLOTS;
        int next = row + 1;
        if (next == rows) {
            rows++;
        }
        long size = 1L << row;
        double distance = totals[from] / size - totals[from + 1] / size;
        int slot = next * SLOTS + counts[next]++;
        totals[slot] = totals[from] + totals[from + 1];
        variances[slot] =
                variances[from] + variances[from + 1] + (double) size * size * distance * distance / (size + size);
        shift(row, 2);
    }

    private void shift(int row, int dropped) {
        int from = row * SLOTS;
        int kept = counts[row] - dropped;
        for (int k = 0; k < kept; k++) {
            totals[from + k] = totals[from + k + dropped];
            variances[from + k] = variances[from + k + dropped];
        }
        counts[row] = kept;
    }

    /** Tests the cuts from the oldest on and stops at the first that shows a change; else sets the level. */
    private boolean test() {
        double depth = Math.log(2 * Math.log(width) / delta);
        double warningShare = Math.log(2 * Math.log(width) / warningDelta) / depth;
        double warningRoot = Math.sqrt(warningShare);
        double spread = variance / width;
        boolean warned = false;
        double closest = Double.NEGATIVE_INFINITY;
        statistic = 0;
        threshold = Double.POSITIVE_INFINITY;
        long n0 = 0;
        long n1 = width;
        double u0 = 0;
        double u1 = total;
        for (int row = rows - 1; row >= 0; row--) {
            long size = 1L << row;
            int last = row == 0 ? counts[0] - 1 : counts[row];
            for (int k = 0; k < last; k++) {
                double bucket = totals[row * SLOTS + k];
                n0 += size;
                n1 -= size;
                u0 += bucket;
                u1 -= bucket;
                if (n1 <= MIN_PART + 1) {
                    break;
                }
                if (n0 <= MIN_PART + 1) {
                    continue;
                }
                double difference = u0 / n0 - u1 / n1;
                double m = 1.0 / (n0 - MIN_PART + 1) + 1.0 / (n1 - MIN_PART + 1);
                double root = Math.sqrt(2 * m * spread * depth);
                double rest = 2.0 / 3 * depth * m;
                double distance = Math.abs(difference);
                double margin = distance - (root + rest);
                if (margin > closest) {
                    closest = margin;
                    statistic = distance;
                    threshold = root + rest;
                }
                if (distance > root + rest) {
                    return true;
                }
                warned |= distance > root * warningRoot + rest * warningShare
                        && (direction == Direction.BOTH || difference < 0);
            }
        }
        level = warned ? DriftLevel.WARNING : DriftLevel.NONE;
        return false;
    }

    private void dropOldest() {
        int row = rows - 1;
        int from = row * SLOTS;
        long size = 1L << row;
        width -= size;
        total -= totals[from];
        double distance = totals[from] / size - total / width;
        variance -= variances[from] + (double) size * width * distance * distance / (size + width);
        shift(row, 1);
        if (counts[row] == 0) {
            rows--;
        }
    }

    @Override
    public double estimate() {
        return total / width;
    }

    /** Distance of the two means at the cut that is, or was, nearest to an alarm. */
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
        return width;
    }

    @Override
    public void reset() {
        Arrays.fill(counts, 0);
        rows = 1;
        time = 0;
        width = 0;
        total = 0;
        variance = 0;
        level = DriftLevel.NONE;
        statistic = 0;
        threshold = Double.POSITIVE_INFINITY;
    }

    @Override
    public void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        out.writeDouble(delta);
        out.writeDouble(warningDelta);
        out.writeByte(direction.ordinal());
        out.writeInt(clock);
        out.writeLong(time);
        out.writeLong(width);
        out.writeDouble(total);
        out.writeDouble(variance);
        out.writeByte(level.ordinal());
        out.writeDouble(statistic);
        out.writeDouble(threshold);
        out.writeByte(rows);
        for (int row = 0; row < rows; row++) {
            out.writeByte(counts[row]);
            for (int k = 0; k < counts[row]; k++) {
                out.writeDouble(totals[row * SLOTS + k]);
                out.writeDouble(variances[row * SLOTS + k]);
            }
        }
    }

    /** @throws IOException also when the state is of a newer version or makes no sense */
    public static Adwin read(DataInput in) throws IOException {
        return States.read(TYPE, VERSION, in, version -> {
            Adwin adwin = new Adwin(in.readDouble(), in.readDouble(), Direction.values()[in.readByte()], in.readInt());
            adwin.readState(in);
            return adwin;
        });
    }

    private void readState(DataInput in) throws IOException {
        time = in.readLong();
        width = in.readLong();
        total = in.readDouble();
        variance = in.readDouble();
        level = States.readLevel(in);
        statistic = in.readDouble();
        threshold = in.readDouble();
        rows = in.readByte();
        long values = 0;
        for (int row = 0; row < rows; row++) {
            counts[row] = in.readByte();
            if (counts[row] < 0 || counts[row] > BUCKETS) {
                throw new IllegalArgumentException(counts[row] + " buckets in row " + row + ", at most " + BUCKETS);
            }
            for (int k = 0; k < counts[row]; k++) {
                totals[row * SLOTS + k] = in.readDouble();
                variances[row * SLOTS + k] = in.readDouble();
            }
            values += (long) counts[row] << row;
        }
        if (values != width) {
            throw new IllegalArgumentException("a width of " + width + " with buckets of " + values + " values");
        }
    }
}
