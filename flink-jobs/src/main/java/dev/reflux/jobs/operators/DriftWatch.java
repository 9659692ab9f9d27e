package dev.reflux.jobs.operators;

import dev.reflux.distillation.Logits;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.drift.Adwin;
import dev.reflux.drift.DriftDetector;
import dev.reflux.drift.DriftLevel;
import dev.reflux.drift.DriftMonitor;
import dev.reflux.drift.DriftRecord;
import dev.reflux.events.MicroBatch;
import dev.reflux.jobs.pipeline.DetectorSettings;
import dev.reflux.jobs.pipeline.DetectorSettings.Signal;
import dev.reflux.jobs.records.DriftRecordJson;
import dev.reflux.jobs.wire.OutgoingRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Feeds an operator's drift detectors, event by event, and makes the records on what they find. A window ends with the
 * first batch that raises an alarm, or that brings it to {@value #WINDOW} events.
 *
 * <p>Only visible labels count: what learning may not see, a detector may not see either.
 */
final class DriftWatch {

    private static final int WINDOW = 1_000;
    private static final String SECTION = "drift-watch";
    private static final int VERSION = 1;

    private final String pipeline;
    private final List<Signal> signals;
    private final DriftMonitor monitor;
    private long windowEvents;

    private DriftWatch(String pipeline, List<Signal> signals, DriftMonitor monitor) {
        this.pipeline = pipeline;
        this.signals = signals;
        this.monitor = monitor;
    }

    /**
     * The detectors of a pipeline that watch one of these signals.
     *
     * @param subject whose signals they are: a student's name, or {@code teacher}
     */
    static DriftWatch of(String pipeline, List<DetectorSettings> detectors, String subject, Set<Signal> of) {
        List<DetectorSettings> chosen =
                detectors.stream().filter(one -> of.contains(one.on())).toList();
        List<DriftMonitor.Watch> watches = chosen.stream()
                .map(one -> new DriftMonitor.Watch(subject, metric(one.on()), detector(one)))
                .toList();
        return new DriftWatch(
                pipeline,
                chosen.stream().map(DetectorSettings::on).toList(),
                new DriftMonitor(watches, DriftMonitor.DEFAULT_COOL_DOWN));
    }

    private static DriftDetector detector(DetectorSettings settings) {
        if (settings instanceof DetectorSettings.Adwin adwin) {
            return new Adwin(adwin.delta(), Adwin.Direction.INCREASE);
        }
        throw new IllegalStateException("detector " + settings + " has no implementation");
    }

    private static String metric(Signal signal) {
        return signal.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Takes in a batch.
     *
     * @param teacherLogits {@code [size, classes]}; null where there is no teacher, a row of NaN where it says nothing:
     *     what is watched of it then gets no value
     * @param studentLogits {@code [size, classes]}; of no use where no student's signal is watched
     * @return the level of the window after it
     */
    DriftLevel watch(MicroBatch batch, float @Nullable [] teacherLogits, float[] studentLogits, int classes) {
        for (int row = 0; row < batch.size(); row++) {
            monitor.nextEvent();
            int label = batch.labels().get(row);
            for (int i = 0; i < signals.size(); i++) {
                switch (signals.get(i)) {
                    case STUDENT_ERROR -> addError(i, label, studentLogits, row, classes);
                    case TEACHER_ERROR -> {
                        if (speaks(teacherLogits, row, classes)) {
                            addError(i, label, teacherLogits, row, classes);
                        }
                    }
                    case DISAGREEMENT -> {
                        if (speaks(teacherLogits, row, classes)) {
                            int taught = Logits.argmax(teacherLogits, row, classes);
                            monitor.add(i, Logits.argmax(studentLogits, row, classes) == taught ? 0 : 1);
                        }
                    }
                }
            }
        }
        windowEvents += batch.size();
        return monitor.level();
    }

    private static boolean speaks(float @Nullable [] logits, int row, int classes) {
        return logits != null && !Float.isNaN(logits[row * classes]);
    }

    private void addError(int watch, int label, float @Nullable [] logits, int row, int classes) {
        if (logits != null && label >= 0) {
            monitor.add(watch, Logits.argmax(logits, row, classes) == label ? 0 : 1);
        }
    }

    /** The records of the window if it ends with this batch, else none. */
    List<OutgoingRecord> records(MicroBatch batch) {
        boolean ends = monitor.level() == DriftLevel.DRIFT || windowEvents >= WINDOW;
        if (!ends || signals.isEmpty()) {
            return List.of();
        }
        windowEvents = 0;
        int last = batch.size() - 1;
        long time = batch.eventTimes().get(last);
        List<OutgoingRecord> records = new ArrayList<>();
        for (DriftRecord found : monitor.closeWindow()) {
            records.add(new OutgoingRecord(
                    found.subject().getBytes(StandardCharsets.UTF_8),
                    DriftRecordJson.write(
                            pipeline,
                            found,
                            batch.partitions().get(last),
                            batch.offsets().get(last),
                            time),
                    Map.of("reflux-format", DriftRecordJson.FORMAT),
                    time));
        }
        return records;
    }

    /** Alarms since the start. */
    long alarms() {
        return monitor.alarms();
    }

    void write(StateWriter out) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream data = new DataOutputStream(bytes)) {
            monitor.write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out.section(SECTION, VERSION, section -> section.putLong(windowEvents).putBytes(bytes.toByteArray()));
    }

    /** This watch with the state that was saved; detectors go on where they stood. */
    DriftWatch read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        long savedEvents = section.getLong();
        try (DataInputStream data = new DataInputStream(new ByteArrayInputStream(section.getBytes()))) {
            DriftMonitor saved = DriftMonitor.read(data);
            List<String> expected =
                    monitor.watches().stream().map(DriftMonitor.Watch::metric).toList();
            List<String> found =
                    saved.watches().stream().map(DriftMonitor.Watch::metric).toList();
            if (!found.equals(expected)) {
                throw new StateException("drift.detectors: the state watches " + found + ", the pipeline file "
                        + expected + "; start afresh, or put the detectors back as they were");
            }
            DriftWatch watch = new DriftWatch(pipeline, signals, saved);
            watch.windowEvents = savedEvents;
            return watch;
        } catch (IOException e) {
            throw new StateException("drift state cannot be read: " + e.getMessage(), e);
        }
    }
}
