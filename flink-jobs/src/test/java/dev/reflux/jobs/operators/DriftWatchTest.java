package dev.reflux.jobs.operators;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.events.BatchLayout;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.jobs.pipeline.DetectorSettings.Signal;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.pipeline.options.Texts;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DriftWatchTest {

    private static final int ROWS = 500;

    /** Where the teacher says nothing it neither errs nor disagrees, although its row of NaN has a greatest logit of sorts. */
    @ParameterizedTest
    @EnumSource(names = {"TEACHER_ERROR", "DISAGREEMENT"})
    void watch_eventsThatTheTeacherSaysNothingAbout_areNoEvidence(Signal signal) {
        DriftWatch silent = watch(signal);
        DriftWatch wrong = watch(signal);
        for (int id = 0; id < 4; id++) {
            watch(silent, id, 1);
            watch(wrong, id, 1);
        }
        for (int id = 4; id < 8; id++) {
            watch(silent, id, Float.NaN);
            watch(wrong, id, -1);
        }
        assertThat(silent.alarms()).isZero();
        assertThat(wrong.alarms()).isPositive();
    }

    private static DriftWatch watch(Signal signal) {
        Pipeline pipeline = PipelineReader.read("""
                pipeline: p
                events: {label: {classes: [no, yes]}, features: [{name: x, type: numeric}]}
                drift: {detectors: [{type: adwin, on: %s}]}
                """.formatted(Texts.wireName(signal)));
        return signal.isTeachers() ? DriftWatch.ofTeacher(pipeline) : DriftWatch.ofStudent(pipeline, "student");
    }

    /** A batch of class 1, which the student predicts and of which the teacher has this logit; that of class 0 is 0. */
    private static void watch(DriftWatch watch, long id, float teacher) {
        MicroBatchBuilder builder = new MicroBatchBuilder(new BatchLayout(1, List.of(), List.of(), List.of()), ROWS);
        float[] predicted = new float[ROWS * 2];
        float[] student = new float[ROWS * 2];
        for (int row = 0; row < ROWS; row++) {
            builder.beginRow();
            builder.setLabel(1);
            builder.commitRow(0, row, 0);
            predicted[2 * row] = Float.isNaN(teacher) ? teacher : 0;
            predicted[2 * row + 1] = teacher;
            student[2 * row + 1] = 1;
        }
        MicroBatch batch = builder.build(id);
        watch.watch(batch, new ModelOutputs(predicted, 2), new ModelOutputs(student, 2));
        assertThat(watch.records(batch)).hasSizeLessThanOrEqualTo(1);
    }
}
