package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * KSWIN: the newest values against some of the older ones in a sliding window, by the two-sample Kolmogorov-Smirnov test.
 * Raab, Heusinger, Schleif, "Reactive Soft Prototype Computing for Concept Drift Streams", Neurocomputing 416, 2020.
 *
 * <p>Of the last {@code window} values the newest {@code recent} are held against as many drawn from the others without
 * replacement, seeded. Drift is established when the largest distance of the two empirical distributions has a probability
 * of at most {@code alpha} under equal distributions, by the exact formula of Gnedenko and Korolyuk
 *
 * <pre>P(D &gt;= h/r) = 2 (C(2r, r-h) - C(2r, r-2h) + C(2r, r-3h) - ...) / C(2r, r)     r = recent</pre>
 *
 * and is above {@value #LEAST_DISTANCE}; all but the newest values are then dropped. A warning means the same test with ten
 * times {@code alpha}.
 *
 * <p>It sees changes of any kind, not of the mean alone. Not for streams of errors (with two values it is a weak test of the
 * mean), and not without a thought for the number of tests: one per value, so that {@code alpha} is no rate of false alarms.
 */
public final class Kswin implements DriftDetector {

    public static final String TYPE = "kswin";
    public static final double DEFAULT_ALPHA = 0.005;
    public static final int DEFAULT_WINDOW = 100;
    public static final int DEFAULT_RECENT = 30;
    public static final long DEFAULT_SEED = 42;

    private static final int VERSION = 1;
    private static final double LEAST_DISTANCE = 0.1;
    private static final double WARNING_FACTOR = 10;
    private static final int MAX_WINDOW = 1 << 20;

    private final double alpha;
    private final int window;
    private final int recent;
    private final long seed;
    /** Smallest distances, in steps of 1/recent, of a warning and of drift. */
    private final int warningSteps;

    private final int driftSteps;

    /** The last values, the oldest at {@code start}. */
    private final double[] values;

    private int start;
    private int count;
    /** The newest values in rising order. */
    private final double[] newest;

    private final double[] drawn;
    private final int[] order;
    private final int[] swaps;
    private SplitMix64 random;
    private DriftLevel level = DriftLevel.NONE;
    private int steps;
    private boolean tested;

    /** With the published defaults. */
    public Kswin() {
        this(DEFAULT_ALPHA, DEFAULT_WINDOW, DEFAULT_RECENT, DEFAULT_SEED);
    }

    /**
     * @param alpha probability at and below which drift is established, in (0, 1)
     * @param window values in the window, at least twice {@code recent}
     * @param recent newest values of them, at least 2, and enough that {@code alpha} can be reached
     * @param seed of the draws
     */
    public Kswin(double alpha, int window, int recent, long seed) {
        this.alpha = Checks.share("alpha", alpha);
        this.recent = Checks.atLeast(2, "recent", recent);
        if (window < 2L * recent || window > MAX_WINDOW) {
            throw new IllegalArgumentException(
                    "window: " + window + " found, must be in [2 * recent, " + MAX_WINDOW + "], recent is " + recent);
        }
        this.window = window;
        this.seed = seed;
        driftSteps = stepsFor(alpha);
        if (driftSteps > recent) {
            throw new IllegalArgumentException("alpha: " + alpha + " found, but the smallest probability that " + recent
                    + " values can have is " + probability(recent, recent) + "; raise alpha or recent");
        }
        warningSteps = stepsFor(Math.min(0.5, alpha * WARNING_FACTOR));
        values = new double[window];
        newest = new double[recent];
        drawn = new double[recent];
        order = new int[window - recent];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        swaps = new int[recent];
        random = new SplitMix64(seed);
    }

    private int stepsFor(double probability) {
        int steps = (int) Math.floor(LEAST_DISTANCE * recent) + 1;
        while (steps <= recent && probability(steps, recent) > probability) {
            steps++;
        }
        return steps;
    }

    /** Probability that two samples of {@code size} values each from one continuous distribution differ by so many steps. */
    static double probability(int steps, int size) {
        double sum = 0;
        double sign = 1;
        for (int shift = steps; shift <= size; shift += steps) {
            double ratio = 1;
            for (int i = 0; i < shift; i++) {
                ratio *= (double) (size - i) / (size + shift - i);
            }
            sum += sign * ratio;
            sign = -sign;
        }
        return Math.min(1, 2 * sum);
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public DriftLevel add(double value) {
        Checks.finite(value);
        if (level == DriftLevel.DRIFT) {
            start = (start + window - recent) % window;
            count = recent;
        }
        slide(value + 0.0);
        if (count < window) {
            return level = DriftLevel.NONE;
        }
        draw();
        steps = distance();
        tested = true;
        return level =
                steps >= driftSteps ? DriftLevel.DRIFT : steps >= warningSteps ? DriftLevel.WARNING : DriftLevel.NONE;
    }

    /** Takes the value into the window and, in place of the one that leaves them, into the newest. */
    private void slide(double value) {
        int sorted = Math.min(count, recent);
        if (sorted == recent) {
            int leaving = Arrays.binarySearch(newest, 0, recent, at(count - recent));
            System.arraycopy(newest, leaving + 1, newest, leaving, recent - leaving - 1);
            sorted--;
        }
        int place = Arrays.binarySearch(newest, 0, sorted, value);
        place = place < 0 ? -place - 1 : place;
        System.arraycopy(newest, place, newest, place + 1, sorted - place);
        newest[place] = value;
        if (count == window) {
            values[start] = value;
            start = start + 1 == window ? 0 : start + 1;
        } else {
            int end = start + count;
            values[end < window ? end : end - window] = value;
            count++;
        }
    }

    private double at(int index) {
        int place = start + index;
        return values[place < window ? place : place - window];
    }

    /** Draws from the older values by the first steps of a shuffle, which is undone so that no order outlasts it. */
    private void draw() {
        int older = order.length;
        for (int i = 0; i < recent; i++) {
            int other = i + random.below(older - i);
            swaps[i] = other;
            int chosen = order[other];
            order[other] = order[i];
            order[i] = chosen;
            drawn[i] = at(chosen);
        }
        for (int i = recent - 1; i >= 0; i--) {
            int chosen = order[i];
            order[i] = order[swaps[i]];
            order[swaps[i]] = chosen;
        }
        Arrays.sort(drawn);
    }

    /** Largest distance of the two empirical distributions, in steps of 1/recent. */
    private int distance() {
        int largest = 0;
        int i = 0;
        int j = 0;
        while (i < recent && j < recent) {
            double value = Math.min(newest[i], drawn[j]);
            while (i < recent && newest[i] == value) {
                i++;
            }
            while (j < recent && drawn[j] == value) {
                j++;
            }
            largest = Math.max(largest, Math.abs(i - j));
        }
        return largest;
    }

    /** Mean of the newest values. */
    @Override
    public double estimate() {
        int held = Math.min(count, recent);
        if (held == 0) {
            return Double.NaN;
        }
        double sum = 0;
        for (int i = 0; i < held; i++) {
            sum += newest[i];
        }
        return sum / held;
    }

    /** Largest distance of the two empirical distributions, in [0, 1]. */
    @Override
    public double statistic() {
        return (double) steps / recent;
    }

    @Override
    public double threshold() {
        return tested ? (driftSteps - 1.0) / recent : Double.POSITIVE_INFINITY;
    }

    @Override
    public long width() {
        return level == DriftLevel.DRIFT ? recent : count;
    }

    @Override
    public void reset() {
        start = 0;
        count = 0;
        random = new SplitMix64(seed);
        level = DriftLevel.NONE;
        steps = 0;
        tested = false;
    }

    @Override
    public void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        out.writeDouble(alpha);
        out.writeInt(window);
        out.writeInt(recent);
        out.writeLong(seed);
        out.writeInt(count);
        for (int i = 0; i < count; i++) {
            out.writeDouble(at(i));
        }
        out.writeLong(random.state());
        out.writeByte(level.ordinal());
        out.writeInt(steps);
        out.writeBoolean(tested);
    }

    /** @throws IOException also when the state is of a newer version or makes no sense */
    public static Kswin read(DataInput in) throws IOException {
        return States.read(TYPE, VERSION, in, version -> {
            Kswin kswin = new Kswin(in.readDouble(), in.readInt(), in.readInt(), in.readLong());
            int count = in.readInt();
            if (count < 0 || count > kswin.window) {
                throw new IllegalArgumentException(count + " values in a window of " + kswin.window);
            }
            for (int i = 0; i < count; i++) {
                double value = in.readDouble();
                Checks.finite(value);
                kswin.slide(value);
            }
            kswin.random = new SplitMix64(in.readLong());
            kswin.level = States.readLevel(in);
            kswin.steps = in.readInt();
            kswin.tested = in.readBoolean();
            return kswin;
        });
    }
}
