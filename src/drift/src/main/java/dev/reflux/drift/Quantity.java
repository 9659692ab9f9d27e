package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a {@link DistributionMonitor} watches: its distribution now and then, and how the two are held against each other. */
public final class Quantity {

    private final String subject;
    private final String metric;
    private final @Nullable String feature;
    private final long warmUp;
    private final List<DistributionMonitor.Test> tests;
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
            List<DistributionMonitor.Test> tests) {
        this(subject, metric, feature, warmUp, empty, another(empty), tests);
    }

    private Quantity(
            String subject,
            String metric,
            @Nullable String feature,
            long warmUp,
            Distribution reference,
            Distribution current,
            List<DistributionMonitor.Test> tests) {
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

    public List<DistributionMonitor.Test> tests() {
        return tests;
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

    /** Takes over what another one has seen, if it is of the same subject, metric, feature and kind. */
    boolean resume(Quantity saved) {
        boolean same = subject.equals(saved.subject)
                && metric.equals(saved.metric)
                && Objects.equals(feature, saved.feature)
                && Distribution.isComparable(reference, saved.reference);
        if (same) {
            reference = saved.reference;
            current = saved.current;
            referenceEvents = saved.referenceEvents;
            alarms = saved.alarms;
            for (int i = 0; i < tests.size(); i++) {
                alarmed[i] = saved.alarmed(tests.get(i).measure());
            }
        }
        return same;
    }

    private boolean alarmed(Measure measure) {
        for (int i = 0; i < tests.size(); i++) {
            if (tests.get(i).measure() == measure) {
                return alarmed[i];
            }
        }
        return false;
    }

    /** Alarms since the beginning. */
    public long alarms() {
        return alarms;
    }

    boolean isTested(DistributionMonitor.Settings settings) {
        return referenceEvents >= settings.referenceEvents()
                && reference.count() >= DistributionMonitor.LEAST_VALUES
                && current.count() >= DistributionMonitor.LEAST_VALUES;
    }

    /** What was current becomes a reference or a part of it, and a new window begins. */
    void endWindow(DistributionMonitor.Settings settings, boolean drift, long windowStart, long windowEnd) {
        if (drift) {
            alarms++;
        }
        if (drift && settings.renewal() == DistributionMonitor.Renewal.AFTER_DRIFT) {
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

    /** Of each test, in their order. */
    List<Distance> distances() {
        return tests.stream()
                .map(test -> test.measure().compare(reference, current))
                .toList();
    }

    /** How far it has moved, as {@code index}-th test and settings judge. */
    DriftLevel judge(DistributionMonitor.Settings settings, int index, double distance, double probability) {
        DistributionMonitor.Test test = tests.get(index);
        if (!(probability <= settings.alpha() && distance >= test.warning())) {
            alarmed[index] = false;
            return DriftLevel.NONE;
        }
        if (distance < test.drift() || alarmed[index]) {
            return DriftLevel.WARNING;
        }
        alarmed[index] = settings.renewal() == DistributionMonitor.Renewal.NEVER;
        return DriftLevel.DRIFT;
    }

    DriftRecord record(
            int index, double distance, double probability, DriftLevel found, long windowStart, long windowEnd) {
        DistributionMonitor.Test test = tests.get(index);
        return new DriftRecord(
                subject,
                metric,
                feature,
                test.measure().wireName(),
                distance,
                test.drift(),
                current.estimate(),
                probability,
                found,
                windowStart,
                windowEnd,
                windowEnd - 1,
                found == DriftLevel.DRIFT ? windowStart : null);
    }

    int testCount() {
        return tests.size();
    }

    void write(DataOutput out) throws IOException {
        out.writeUTF(subject);
        out.writeUTF(metric);
        out.writeBoolean(feature != null);
        if (feature != null) {
            out.writeUTF(feature);
        }
        out.writeLong(warmUp);
        out.writeInt(tests.size());
        for (int i = 0; i < tests.size(); i++) {
            DistributionMonitor.Test test = tests.get(i);
            out.writeByte(test.measure().ordinal());
            out.writeDouble(test.warning());
            out.writeDouble(test.drift());
            out.writeBoolean(alarmed[i]);
        }
        out.writeByte(Distribution.Kind.of(reference).ordinal());
        reference.write(out);
        if (current instanceof EmbeddingDistribution vectors) {
            // both share their features, which are in the state once
            vectors.writeSums(out);
        } else {
            current.write(out);
        }
        out.writeLong(referenceEvents);
        out.writeLong(alarms);
    }

    static Quantity read(DataInput in) throws IOException {
        String subject = in.readUTF();
        String metric = in.readUTF();
        String feature = in.readBoolean() ? in.readUTF() : null;
        long warmUp = in.readLong();
        DistributionMonitor.Test[] tests = new DistributionMonitor.Test[in.readInt()];
        boolean[] alarmed = new boolean[tests.length];
        for (int i = 0; i < tests.length; i++) {
            tests[i] = new DistributionMonitor.Test(Measure.values()[in.readByte()], in.readDouble(), in.readDouble());
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
