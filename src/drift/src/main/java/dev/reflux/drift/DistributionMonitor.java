package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Several quantities of a stream, window by window, each held against a reference of its own past.
 *
 * <p>The reference is gathered first, in whole windows, until it covers enough events; every window after it is compared. A level
 * takes both: a distance above its threshold, and a probability, adjusted for all tests of the window by
 * {@link Distances#adjusted}, of at most {@code alpha}. In large windows the smallest distance is significant, in small ones large
 * distances are chance.
 *
 * <p>One alarm per change: after a drift the window that showed it begins the quantity's new reference, and nothing is tested
 * before that is full. Or the reference stays, with {@link Renewal#NEVER}; further windows then count as warnings, and the next
 * one that shows nothing arms it again.
 *
 * <p>Not thread-safe. The same values in the same order give the same bits.
 */
public final class DistributionMonitor {

    /** Values below which a window, or a reference, is too small for any test. */
    public static final int LEAST_VALUES = 50;

    private static final int VERSION = 1;

    /** What becomes of a reference after a drift. */
    public enum Renewal {
        AFTER_DRIFT,
        NEVER
    }

    /**
     * How windows are laid and judged.
     *
     * @param referenceEvents events that a reference covers at least, at least 1
     * @param alpha chance of a false level per window, in (0, 1)
     */
    public record Settings(long referenceEvents, double alpha, Renewal renewal) {
        public Settings {
            if (referenceEvents < 1) {
                throw new IllegalArgumentException(
                        "referenceEvents: " + referenceEvents + " found, must be at least 1");
            }
            Checks.share("alpha", alpha);
        }
    }

    /**
     * One measure of a quantity.
     *
     * @param warning distance from which on it warns, positive
     * @param drift distance from which on it alarms, at least {@code warning}
     */
    public record Test(Measure measure, double warning, double drift) {
        public Test {
            Checks.positive("warning", warning);
            Checks.positive("drift", drift);
            if (drift < warning) {
                throw new IllegalArgumentException("drift: " + drift + " found, must be at least warning, " + warning);
            }
        }
    }

    private final Settings settings;
    private final List<Quantity> quantities;
    private long windowStart;
    private long events;
    private DriftLevel level = DriftLevel.NONE;

    /** @param quantities each numbered by its place in the list */
    public DistributionMonitor(Settings settings, List<Quantity> quantities) {
        this.settings = settings;
        this.quantities = List.copyOf(quantities);
    }

    /**
     * This monitor, gone on where another one was: quantities of the same subject, metric, feature and kind have what they have
     * seen, the others begin; thresholds and windows are this one's. The other one is no longer to be used.
     */
    public DistributionMonitor resume(DistributionMonitor saved) {
        List<Quantity> left = new ArrayList<>(saved.quantities);
        for (Quantity quantity : quantities) {
            left.stream().filter(quantity::resume).findFirst().ifPresent(left::remove);
        }
        windowStart = saved.windowStart;
        events = saved.events;
        level = saved.level;
        return this;
    }

    public List<Quantity> quantities() {
        return quantities;
    }

    /** Events of the stream so far. */
    public long events() {
        return events;
    }

    /** Counts one event of the stream. Its values follow, given to the quantities. */
    public void nextEvent() {
        events++;
    }

    /** Events since the window began. */
    public long windowEvents() {
        return events - windowStart;
    }

    /** The highest level of the window that ended last. */
    public DriftLevel level() {
        return level;
    }

    /** Alarms of all quantities since the beginning. */
    public long alarms() {
        return quantities.stream().mapToLong(Quantity::alarms).sum();
    }

    /**
     * Ends the window, of which there is at least one event, and begins another.
     *
     * @return one record per measure of each quantity whose reference is full
     */
    public List<DriftRecord> closeWindow() {
        if (events == windowStart) {
            throw new IllegalStateException("no event since the last window ended at " + windowStart);
        }
        List<Distance> distances = new ArrayList<>();
        for (Quantity quantity : quantities) {
            if (quantity.isTested(settings)) {
                distances.addAll(quantity.distances());
            }
        }
        double[] adjusted = Distances.adjusted(distances.stream()
                .mapToDouble(Distance::probability)
                .map(probability -> Double.isNaN(probability) ? 1 : probability)
                .toArray());
        List<DriftRecord> records = new ArrayList<>();
        level = DriftLevel.NONE;
        for (Quantity quantity : quantities) {
            boolean drift = false;
            for (int i = 0; quantity.isTested(settings) && i < quantity.testCount(); i++) {
                double distance = distances.get(records.size()).value();
                double probability = adjusted[records.size()];
                DriftLevel found = quantity.judge(settings, i, distance, probability);
                drift |= found == DriftLevel.DRIFT;
                records.add(quantity.record(i, distance, probability, found, windowStart, events));
                level = level.max(found);
            }
            quantity.endWindow(settings, drift, windowStart, events);
        }
        windowStart = events;
        return records;
    }

    public void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        out.writeLong(settings.referenceEvents());
        out.writeDouble(settings.alpha());
        out.writeByte(settings.renewal().ordinal());
        out.writeLong(windowStart);
        out.writeLong(events);
        out.writeByte(level.ordinal());
        out.writeInt(quantities.size());
        for (Quantity quantity : quantities) {
            quantity.write(out);
        }
    }

    /** @throws IOException also when the state is of a newer version or makes no sense */
    public static DistributionMonitor read(DataInput in) throws IOException {
        return States.read("distribution monitor", VERSION, in, version -> {
            Settings settings = new Settings(in.readLong(), in.readDouble(), Renewal.values()[in.readByte()]);
            long windowStart = in.readLong();
            long events = in.readLong();
            DriftLevel level = States.readLevel(in);
            int count = in.readInt();
            List<Quantity> quantities = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                quantities.add(Quantity.read(in));
            }
            DistributionMonitor monitor = new DistributionMonitor(settings, quantities);
            monitor.windowStart = windowStart;
            monitor.events = events;
            monitor.level = level;
            return monitor;
        });
    }
}
