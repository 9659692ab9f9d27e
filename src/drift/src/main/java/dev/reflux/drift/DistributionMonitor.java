package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /** What is watched, and how. */
    public static final class Quantity {

        private final String subject;
        private final String metric;
        private final @Nullable String feature;
        private final long warmUp;
        private final List<Test> tests;
        private final boolean[] alarmed;
        private Distribution reference;
        private Distribution current;
        private long referenceEvents;
        private long alarms;

        /**
         * @param subject whose it is: a student's name, {@code teacher}, or {@code stream}
         * @param metric such as {@code feature} or {@code student-confidence}
         * @param feature name of the feature; null where the metric is not a feature's
         * @param warmUp events at the stream's beginning that no reference may hold, at least 0: those of a model that is new
         * @param empty an empty distribution of the quantity's kind
         * @param tests at least one, of measures that suit its kind
         */
        public Quantity(
                String subject,
                String metric,
                @Nullable String feature,
                long warmUp,
                Distribution empty,
                List<Test> tests) {
            this(subject, metric, feature, warmUp, empty, another(empty), tests);
        }

        private Quantity(
                String subject,
                String metric,
                @Nullable String feature,
                long warmUp,
                Distribution reference,
                Distribution current,
                List<Test> tests) {
            if (warmUp < 0) {
                throw new IllegalArgumentException("warmUp: " + warmUp + " found, must be at least 0");
            }
            if (tests.isEmpty()) {
                throw new IllegalArgumentException("no test of " + metric + ": give at least one measure");
            }
            this.subject = subject;
            this.metric = metric;
            this.feature = feature;
            this.warmUp = warmUp;
            this.tests = List.copyOf(tests);
            this.alarmed = new boolean[tests.size()];
            this.reference = reference;
            this.current = current;
            this.tests.forEach(test -> {
                if (!test.measure().suits(reference)) {
                    throw new IllegalArgumentException(
                            metric + ": measure " + test.measure().wireName() + " found, which is not made for a "
                                    + reference.getClass().getSimpleName());
                }
            });
        }

        private static Distribution another(Distribution empty) {
            if (empty instanceof NumericDistribution numbers) {
                return numbers.beside();
            }
            if (empty instanceof CategoryDistribution codes) {
                return new CategoryDistribution(codes.size());
            }
            return empty instanceof EmbeddingDistribution vectors ? vectors.beside() : new CalibrationDistribution();
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

        /** Takes in a number; NaN is a missing one. */
        public void add(double value) {
            Distribution.sameKind(NumericDistribution.class, current).add(value);
        }

        /** Takes in a code; a negative one is missing. */
        public void add(int code) {
            Distribution.sameKind(CategoryDistribution.class, current).add(code);
        }

        /** Takes in how sure a model was, and whether it was right, as 1 or 0. */
        public void add(double confidence, int correct) {
            Distribution.sameKind(CalibrationDistribution.class, current).add(confidence, correct);
        }

        /** Takes in the vector at {@code from}. */
        public void add(float[] vector, int from) {
            Distribution.sameKind(EmbeddingDistribution.class, current).add(vector, from);
        }

        private boolean isTested(Settings settings) {
            return referenceEvents >= settings.referenceEvents()
                    && reference.count() >= LEAST_VALUES
                    && current.count() >= LEAST_VALUES;
        }

        /** What was current becomes a reference or a part of it, and a new window begins. */
        private void endWindow(Settings settings, boolean drift, long windowStart, long windowEnd) {
            if (drift) {
                alarms++;
            }
            if (drift && settings.renewal() == Renewal.AFTER_DRIFT) {
                Distribution past = reference;
                reference = current;
                current = past;
                referenceEvents = windowEnd - windowStart;
            } else if (referenceEvents < settings.referenceEvents() && windowStart >= warmUp) {
                reference.merge(current);
                referenceEvents += windowEnd - windowStart;
            }
            current.clear();
        }
    }

    public List<Quantity> quantities() {
        return quantities;
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
        return quantities.stream().mapToLong(quantity -> quantity.alarms).sum();
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
                quantity.tests.forEach(
                        test -> distances.add(test.measure().compare(quantity.reference, quantity.current)));
            }
        }
        double[] probabilities = distances.stream()
                .mapToDouble(Distance::probability)
                .map(probability -> Double.isNaN(probability) ? 1 : probability)
                .toArray();
        double[] adjusted = Distances.adjusted(probabilities);
        List<DriftRecord> records = new ArrayList<>();
        level = DriftLevel.NONE;
        for (Quantity quantity : quantities) {
            boolean drift = false;
            if (quantity.isTested(settings)) {
                for (int i = 0; i < quantity.tests.size(); i++) {
                    int test = records.size();
                    DriftLevel found = judge(quantity, i, distances.get(test).value(), adjusted[test]);
                    drift |= found == DriftLevel.DRIFT;
                    records.add(record(quantity, i, distances.get(test).value(), adjusted[test], found));
                    level = level.max(found);
                }
            }
            quantity.endWindow(settings, drift, windowStart, events);
        }
        windowStart = events;
        return records;
    }

    private DriftLevel judge(Quantity quantity, int index, double distance, double probability) {
        Test test = quantity.tests.get(index);
        if (!(probability <= settings.alpha() && distance >= test.warning())) {
            quantity.alarmed[index] = false;
            return DriftLevel.NONE;
        }
        if (distance < test.drift() || quantity.alarmed[index]) {
            return DriftLevel.WARNING;
        }
        quantity.alarmed[index] = settings.renewal() == Renewal.NEVER;
        return DriftLevel.DRIFT;
    }

    private DriftRecord record(Quantity quantity, int index, double distance, double probability, DriftLevel found) {
        Test test = quantity.tests.get(index);
        return new DriftRecord(
                quantity.subject,
                quantity.metric,
                quantity.feature,
                test.measure().wireName(),
                distance,
                test.drift(),
                quantity.current.estimate(),
                probability,
                found,
                windowStart,
                events,
                events - 1,
                found == DriftLevel.DRIFT ? windowStart : null);
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
            write(quantity, out);
        }
    }

    private static void write(Quantity quantity, DataOutput out) throws IOException {
        out.writeUTF(quantity.subject);
        out.writeUTF(quantity.metric);
        out.writeBoolean(quantity.feature != null);
        if (quantity.feature != null) {
            out.writeUTF(quantity.feature);
        }
        out.writeLong(quantity.warmUp);
        out.writeInt(quantity.tests.size());
        for (int i = 0; i < quantity.tests.size(); i++) {
            Test test = quantity.tests.get(i);
            out.writeByte(test.measure().ordinal());
            out.writeDouble(test.warning());
            out.writeDouble(test.drift());
            out.writeBoolean(quantity.alarmed[i]);
        }
        out.writeByte(Distribution.Kind.of(quantity.reference).ordinal());
        quantity.reference.write(out);
        if (quantity.current instanceof EmbeddingDistribution vectors) {
            // both share their features, which are in the state once
            vectors.writeSums(out);
        } else {
            quantity.current.write(out);
        }
        out.writeLong(quantity.referenceEvents);
        out.writeLong(quantity.alarms);
    }

    /** @throws IOException also when the state is of a newer version or makes no sense */
    public static DistributionMonitor read(DataInput in) throws IOException {
        return States.read("distribution monitor", VERSION, in, () -> {
            Settings settings = new Settings(in.readLong(), in.readDouble(), Renewal.values()[in.readByte()]);
            long windowStart = in.readLong();
            long events = in.readLong();
            DriftLevel level = States.readLevel(in);
            int count = in.readInt();
            List<Quantity> quantities = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                quantities.add(readQuantity(in));
            }
            DistributionMonitor monitor = new DistributionMonitor(settings, quantities);
            monitor.windowStart = windowStart;
            monitor.events = events;
            monitor.level = level;
            return monitor;
        });
    }

    private static Quantity readQuantity(DataInput in) throws IOException {
        String subject = in.readUTF();
        String metric = in.readUTF();
        String feature = in.readBoolean() ? in.readUTF() : null;
        long warmUp = in.readLong();
        Test[] tests = new Test[in.readInt()];
        boolean[] alarmed = new boolean[tests.length];
        for (int i = 0; i < tests.length; i++) {
            tests[i] = new Test(Measure.values()[in.readByte()], in.readDouble(), in.readDouble());
            alarmed[i] = in.readBoolean();
        }
        Distribution.Kind kind = Distribution.Kind.values()[in.readByte()];
        Distribution reference = kind.read(in);
        Distribution current;
        if (reference instanceof EmbeddingDistribution vectors) {
            EmbeddingDistribution beside = vectors.beside();
            beside.readSums(in);
            current = beside;
        } else {
            current = kind.read(in);
        }
        Quantity quantity = new Quantity(subject, metric, feature, warmUp, reference, current, Arrays.asList(tests));
        System.arraycopy(alarmed, 0, quantity.alarmed, 0, alarmed.length);
        quantity.referenceEvents = in.readLong();
        quantity.alarms = in.readLong();
        return quantity;
    }
}
