package dev.reflux.jobs.operators;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.drift.DriftLevel;
import dev.reflux.drift.DriftRecord;
import dev.reflux.events.MicroBatch;
import dev.reflux.jobs.wire.OutgoingRecord;
import java.util.List;

/**
 * Holds a student against its control, the same network without a teacher, on the visible labels: a record per
 * {@value #WINDOW} labels on the metric {@value #METRIC}.
 *
 * <p>With b labels on which only the control was right and c on which only the student was, the record's estimate is the gain
 * {@code (c - b) / n}, and its value the evidence that the teacher harms, {@code (b - c) / sqrt(b + c)} (McNemar 1947). Above
 * {@value #THRESHOLD} standard deviations it is a warning; drift it is never.
 */
final class GainWatch {

    /** What the records are on. */
    static final String METRIC = "gain";

    private static final String DETECTOR = "control";
    private static final int WINDOW = 1_000;
    private static final double THRESHOLD = 3;
    private static final String SECTION = "gain-watch";
    private static final int VERSION = 1;

    private final String student;
    private final DriftRecords records;
    private long events;
    private long windowStart;
    private int labels;
    private int controlAlone;
    private int studentAlone;

    GainWatch(String pipeline, String student) {
        this(student, new DriftRecords(pipeline, List.of()));
    }

    private GainWatch(String student, DriftRecords records) {
        this.student = student;
        this.records = records;
    }

    /** Takes in what both said of a batch before they learned it; returns the record of the window that ends with it, if any. */
    List<OutgoingRecord> watch(MicroBatch batch, ModelOutputs student, ModelOutputs control) {
        records.add(events, batch);
        for (int row = 0; row < batch.size(); row++) {
            int label = batch.labels().get(row);
            if (label >= 0) {
                boolean right = student.predicted(row) == label;
                boolean controlRight = control.predicted(row) == label;
                labels++;
                studentAlone += right && !controlRight ? 1 : 0;
                controlAlone += controlRight && !right ? 1 : 0;
            }
        }
        events += batch.size();
        if (labels < WINDOW) {
            return List.of();
        }
        DriftRecord found = record();
        windowStart = events;
        labels = 0;
        studentAlone = 0;
        controlAlone = 0;
        return records.of(List.of(found), batch);
    }

    private DriftRecord record() {
        int differing = studentAlone + controlAlone;
        double evidence = differing == 0 ? 0 : (controlAlone - studentAlone) / Math.sqrt(differing);
        return new DriftRecord(
                student,
                METRIC,
                null,
                DETECTOR,
                evidence,
                THRESHOLD,
                (studentAlone - controlAlone) / (double) labels,
                null,
                evidence > THRESHOLD ? DriftLevel.WARNING : DriftLevel.NONE,
                windowStart,
                events,
                events - 1,
                null);
    }

    void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> {
            section.putLong(events)
                    .putLong(windowStart)
                    .putInt(labels)
                    .putInt(controlAlone)
                    .putInt(studentAlone);
            records.write(section);
        });
    }

    /** This watch with the state that was saved. */
    GainWatch read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        long savedEvents = section.getLong();
        long savedStart = section.getLong();
        int savedLabels = section.getInt();
        int savedControl = section.getInt();
        int savedStudent = section.getInt();
        GainWatch watch = new GainWatch(student, records.read(section));
        watch.events = savedEvents;
        watch.windowStart = savedStart;
        watch.labels = savedLabels;
        watch.controlAlone = savedControl;
        watch.studentAlone = savedStudent;
        return watch;
    }
}
