package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Several detectors beside one another on the events of a stream, and one alarm per change.
 *
 * <p>A detector that adapts step by step signals one change several times. After an alarm, further signals of the same
 * watch count as {@link DriftLevel#WARNING} until {@code coolDown} of its values have passed; then it is armed again.
 *
 * <p>Not thread-safe. {@link #add} allocates nothing.
 */
public final class DriftMonitor {

    /**
     * Values after an alarm within which the same watch gives no other: ADWIN signals an abrupt change of an error rate
     * three to six times, nine of ten times all within this many values.
     */
    public static final long DEFAULT_COOL_DOWN = 2_000;

    private static final int VERSION = 2;

    private final List<Watch> watches;
    private final long coolDown;
    private long windowStart;
    private long events;

    /**
     * @param watches each numbered by its place in the list
     * @param coolDown in values of a watch, at least 0
     */
    public DriftMonitor(List<Watch> watches, long coolDown) {
        if (coolDown < 0) {
            throw new IllegalArgumentException("coolDown: " + coolDown + " found, must be at least 0");
        }
        this.watches = List.copyOf(watches);
        this.coolDown = coolDown;
    }

    /** One detector on one metric. */
    public static final class Watch {

        private final String subject;
        private final String metric;
        private final @Nullable String feature;
        private final DriftDetector detector;
        private long values;
        private long armedAt;
        private long alarms;
        private DriftLevel highest = DriftLevel.NONE;
        private long highestEvent;
        private long change = -1;
        private double value;
        private double threshold = Double.POSITIVE_INFINITY;

        /**
         * @param subject whose metric it is: a student's name, or {@code teacher}
         * @param metric such as {@code student-error}
         */
        public Watch(String subject, String metric, DriftDetector detector) {
            this(subject, metric, null, detector);
        }

        /** @param feature name of the feature; null where the metric is not a feature's */
        public Watch(String subject, String metric, @Nullable String feature, DriftDetector detector) {
            this.subject = subject;
            this.metric = metric;
            this.feature = feature;
            this.detector = detector;
        }

        public String subject() {
            return subject;
        }

        public String metric() {
            return metric;
        }

        public @Nullable String feature() {
            return feature;
        }

        public DriftDetector detector() {
            return detector;
        }

        /** Alarms since the beginning. */
        public long alarms() {
            return alarms;
        }

        private boolean isAs(Watch other) {
            return subject.equals(other.subject)
                    && metric.equals(other.metric)
                    && Objects.equals(feature, other.feature)
                    && DriftDetectors.haveSameSettings(detector, other.detector);
        }
    }

    /**
     * A monitor of these watches that goes on where another one was: watches of the same subject, metric and settings have what
     * they have seen, the others begin. The other one is no longer to be used.
     */
    public DriftMonitor resume(DriftMonitor saved) {
        List<Watch> left = new ArrayList<>(saved.watches);
        List<Watch> resumed = new ArrayList<>();
        for (Watch watch : watches) {
            Watch known = left.stream().filter(watch::isAs).findFirst().orElse(watch);
            left.remove(known);
            resumed.add(known);
        }
        DriftMonitor monitor = new DriftMonitor(resumed, coolDown);
        monitor.windowStart = saved.windowStart;
        monitor.events = saved.events;
        return monitor;
    }

    public List<Watch> watches() {
        return watches;
    }

    /** Events of the stream so far. */
    public long events() {
        return events;
    }

    /** Counts one event of the stream. Its values follow, any number of them. */
    public void nextEvent() {
        events++;
    }

    /**
     * Gives a watch the current event's value.
     *
     * @return the level after it; {@link DriftLevel#DRIFT} for the one value that raises the alarm
     * @throws IllegalStateException before the first event
     */
    public DriftLevel add(int watch, double value) {
        if (events == 0) {
            throw new IllegalStateException("a value before the first event; call nextEvent for each event first");
        }
        Watch to = watches.get(watch);
        DriftLevel found = to.detector.add(value);
        to.values++;
        boolean alarm = found == DriftLevel.DRIFT && to.values >= to.armedAt;
        DriftLevel level = alarm || found != DriftLevel.DRIFT ? found : DriftLevel.WARNING;
        if (alarm) {
            to.armedAt = to.values + coolDown;
            to.alarms++;
        }
        if (level.compareTo(to.highest) > 0) {
            to.highest = level;
            to.highestEvent = events - 1;
            to.value = to.detector.statistic();
            to.threshold = to.detector.threshold();
            if (alarm) {
                to.change = changeOf(to);
            }
        }
        return level;
    }

    /** The detector counts values; where not every event gives one (no label), their share so far places the change. */
    private long changeOf(Watch watch) {
        double eventsPerValue = (double) events / watch.values;
        return Math.max(0, events - Math.max(1, Math.round(watch.detector.width() * eventsPerValue)));
    }

    /** The highest level of any watch since the window began. */
    public DriftLevel level() {
        DriftLevel highest = DriftLevel.NONE;
        for (int i = 0; i < watches.size(); i++) {
            highest = highest.max(watches.get(i).highest);
        }
        return highest;
    }

    /** Alarms of all watches since the beginning. */
    public long alarms() {
        long alarms = 0;
        for (Watch watch : watches) {
            alarms += watch.alarms;
        }
        return alarms;
    }

    /** One record per watch on the events since the last call, of which there is at least one; a new window begins. */
    public List<DriftRecord> closeWindow() {
        if (events == windowStart) {
            throw new IllegalStateException("no event since the last window ended at " + windowStart);
        }
        List<DriftRecord> records = new ArrayList<>();
        for (Watch watch : watches) {
            boolean quiet = watch.highest == DriftLevel.NONE;
            records.add(new DriftRecord(
                    watch.subject,
                    watch.metric,
                    watch.feature,
                    watch.detector.type(),
                    quiet ? watch.detector.statistic() : watch.value,
                    quiet ? watch.detector.threshold() : watch.threshold,
                    watch.detector.estimate(),
                    null,
                    watch.highest,
                    windowStart,
                    events,
                    quiet ? events - 1 : watch.highestEvent,
                    watch.highest == DriftLevel.DRIFT ? watch.change : null));
            watch.highest = DriftLevel.NONE;
        }
        windowStart = events;
        return records;
    }

    public void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        out.writeLong(coolDown);
        out.writeLong(windowStart);
        out.writeLong(events);
        out.writeInt(watches.size());
        for (Watch watch : watches) {
            out.writeUTF(watch.subject);
            out.writeUTF(watch.metric);
            out.writeUTF(watch.feature == null ? "" : watch.feature);
            DriftDetectors.write(watch.detector, out);
            out.writeLong(watch.values);
            out.writeLong(watch.armedAt);
            out.writeLong(watch.alarms);
            out.writeByte(watch.highest.ordinal());
            out.writeLong(watch.highestEvent);
            out.writeLong(watch.change);
            out.writeDouble(watch.value);
            out.writeDouble(watch.threshold);
        }
    }

    /** @throws IOException also when the state is of a newer version or makes no sense */
    public static DriftMonitor read(DataInput in) throws IOException {
        return States.read("drift monitor", VERSION, in, version -> {
            long coolDown = in.readLong();
            long windowStart = in.readLong();
            long events = in.readLong();
            int count = in.readInt();
            List<Watch> watches = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                watches.add(readWatch(version, in));
            }
            DriftMonitor monitor = new DriftMonitor(watches, coolDown);
            monitor.windowStart = windowStart;
            monitor.events = events;
            return monitor;
        });
    }

    private static Watch readWatch(int version, DataInput in) throws IOException {
        String subject = in.readUTF();
        String metric = in.readUTF();
        String feature = version == 1 ? "" : in.readUTF();
        Watch watch = new Watch(subject, metric, feature.isEmpty() ? null : feature, DriftDetectors.read(in));
        watch.values = in.readLong();
        watch.armedAt = in.readLong();
        watch.alarms = in.readLong();
        watch.highest = States.readLevel(in);
        watch.highestEvent = in.readLong();
        watch.change = in.readLong();
        watch.value = in.readDouble();
        watch.threshold = in.readDouble();
        return watch;
    }
}
