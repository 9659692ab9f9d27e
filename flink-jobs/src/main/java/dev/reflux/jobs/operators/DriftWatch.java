package dev.reflux.jobs.operators;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.drift.DriftLevel;
import dev.reflux.drift.DriftMonitor;
import dev.reflux.drift.DriftRecord;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.NumericFeature;
import dev.reflux.jobs.pipeline.DetectorSettings;
import dev.reflux.jobs.pipeline.DetectorSettings.Signal;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineSpecs;
import dev.reflux.jobs.pipeline.options.Texts;
import dev.reflux.jobs.wire.OutgoingRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Feeds an operator's drift detectors, event by event, and makes the records on what they find. A window ends with the
 * first batch that raises an alarm, or that brings it to {@value #WINDOW} events.
 *
 * <p>Only visible labels count: what learning may not see, a detector may not see either.
 */
final class DriftWatch {

    /** The subject of what is watched of the teacher. */
    static final String TEACHER = "teacher";

    private static final int WINDOW = 1_000;
    private static final String SECTION = "drift-watch";
    private static final int VERSION = 2;

    private final List<Watched> watched;
    private final DriftMonitor monitor;
    private final DriftRecords records;
    private long windowEvents;

    /** @param column of the feature among the numeric ones, where it is a feature */
    private record Watched(DetectorSettings detector, int column) {}

    private DriftWatch(List<Watched> watched, DriftMonitor monitor, DriftRecords records) {
        this.watched = watched;
        this.monitor = monitor;
        this.records = records;
    }

    /** The detectors of a pipeline that watch the events themselves. */
    static DriftWatch ofStream(Pipeline pipeline) {
        return of(
                pipeline,
                DistributionWatch.STREAM,
                List.of(),
                pipeline.drift().detectors().stream()
                        .filter(one -> one.on().isStreams())
                        .toList());
    }

    /** The detectors of a pipeline that watch the teacher. */
    static DriftWatch ofTeacher(Pipeline pipeline) {
        return of(
                pipeline,
                TEACHER,
                pipeline.drift().reaction().ofTeacher(),
                pipeline.drift().detectors().stream()
                        .filter(one -> one.on().isTeachers())
                        .toList());
    }

    /** The detectors of a pipeline that watch a student, also beside its teacher. */
    static DriftWatch ofStudent(Pipeline pipeline, String student) {
        return of(
                pipeline,
                student,
                pipeline.drift().reaction().ofStudent(),
                pipeline.drift().detectors().stream()
                        .filter(one -> !one.on().isTeachers() && !one.on().isStreams())
                        .toList());
    }

    private static DriftWatch of(
            Pipeline pipeline, String subject, List<String> reactions, List<DetectorSettings> detectors) {
        List<String> numerics = PipelineSpecs.eventSchema(pipeline).numerics().stream()
                .map(NumericFeature::name)
                .toList();
        List<DriftMonitor.Watch> watches = new ArrayList<>();
        List<Watched> watched = new ArrayList<>();
        for (DetectorSettings one : detectors) {
            watches.add(new DriftMonitor.Watch(
                    subject,
                    Texts.wireName(one.on()),
                    one.feature(),
                    Detectors.of(one, pipeline.seed() + watches.size())));
            watched.add(new Watched(one, numerics.indexOf(one.feature())));
        }
        return new DriftWatch(
                watched,
                new DriftMonitor(watches, pipeline.drift().coolDown()),
                new DriftRecords(pipeline.pipeline(), reactions));
    }

    /**
     * Takes in a batch.
     *
     * @param student of no use where no student's signal is watched
     * @return the level of the window after it
     */
    DriftLevel watch(MicroBatch batch, ModelOutputs teacher, ModelOutputs student) {
        records.add(monitor.events(), batch);
        for (int row = 0; row < batch.size(); row++) {
            monitor.nextEvent();
            int label = batch.labels().get(row);
            for (int i = 0; i < watched.size(); i++) {
                Signal on = watched.get(i).detector().on();
                double value = on == Signal.FEATURE
                        ? feature(watched.get(i), batch, row)
                        : value(on, row, label, teacher, student);
                if (!Double.isNaN(value)) {
                    monitor.add(i, value);
                }
            }
        }
        windowEvents += batch.size();
        return monitor.level();
    }

    /** NaN where the event has none. */
    private static double value(Signal signal, int row, int label, ModelOutputs teacher, ModelOutputs student) {
        return switch (signal) {
            case STUDENT_ERROR -> error(student, row, label);
            case TEACHER_ERROR -> error(teacher, row, label);
            case STUDENT_LOSS -> loss(student, row, label);
            case TEACHER_LOSS -> loss(teacher, row, label);
            case STUDENT_UNCERTAINTY -> uncertainty(student, row);
            case TEACHER_UNCERTAINTY -> uncertainty(teacher, row);
            case DISAGREEMENT ->
                teacher.speaks(row) && student.speaks(row)
                        ? (teacher.predicted(row) == student.predicted(row) ? 0 : 1)
                        : Double.NaN;
            case FEATURE -> throw new IllegalArgumentException("a feature is no model's");
        };
    }

    private static double feature(Watched watched, MicroBatch batch, int row) {
        double value = batch.numeric().get(row * batch.layout().numeric() + watched.column());
        return watched.detector().takes(value) ? value : Double.NaN;
    }

    private static double error(ModelOutputs model, int row, int label) {
        return label >= 0 && model.speaks(row) ? (model.predicted(row) == label ? 0 : 1) : Double.NaN;
    }

    private static double loss(ModelOutputs model, int row, int label) {
        return label >= 0 && model.speaks(row) ? model.loss(row, label) : Double.NaN;
    }

    private static double uncertainty(ModelOutputs model, int row) {
        return model.speaks(row) ? 1 - model.confidence(row) : Double.NaN;
    }

    /** The records of the window if it ends with this batch, else none. */
    List<OutgoingRecord> records(MicroBatch batch) {
        boolean ends = monitor.level() == DriftLevel.DRIFT || windowEvents >= WINDOW;
        if (!ends || watched.isEmpty()) {
            return List.of();
        }
        windowEvents = 0;
        return records.of(monitor.closeWindow(), batch);
    }

    /** What its records are on. */
    List<DriftKey> keys() {
        return monitor.watches().stream()
                .map(watch -> new DriftKey(
                        watch.subject(),
                        watch.metric(),
                        watch.feature(),
                        watch.detector().type()))
                .distinct()
                .toList();
    }

    /** The newest record on one of them; null before the first. */
    @Nullable
    DriftRecord latest(DriftKey key) {
        return records.latest(key);
    }

    /** Alarms since the start. */
    long alarms() {
        return monitor.alarms();
    }

    void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> {
            section.putLong(windowEvents).putBytes(DriftState.write(monitor::write));
            records.write(section);
        });
    }

    /**
     * This watch with the state that was saved: detectors go on where they stood; those whose settings are others now, or that
     * are new, begin.
     */
    DriftWatch read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        long savedEvents = section.getLong();
        DriftMonitor saved = DriftState.read(section, DriftMonitor::read);
        DriftWatch watch = new DriftWatch(
                watched, monitor.resume(saved), section.version() == 1 ? records : records.read(section));
        watch.windowEvents = savedEvents;
        return watch;
    }
}
