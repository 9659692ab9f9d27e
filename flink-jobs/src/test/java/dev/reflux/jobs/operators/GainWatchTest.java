package dev.reflux.jobs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.drift.DriftLevel;
import dev.reflux.drift.DriftRecord;
import dev.reflux.events.BatchLayout;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.jobs.records.DriftRecordJson;
import dev.reflux.jobs.wire.OutgoingRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GainWatchTest {

    private static final int ROWS = 100;

    /**
     * A batch of class 0, or without labels.
     *
     * @param studentErrs rows from the front on which the student errs
     * @param controlErrs rows from the back on which the control errs
     */
    private static List<OutgoingRecord> watch(
            GainWatch watch, long id, boolean labelled, int studentErrs, int controlErrs) {
        MicroBatchBuilder builder = new MicroBatchBuilder(new BatchLayout(1, List.of(), List.of(), List.of()), ROWS);
        float[] student = new float[2 * ROWS];
        float[] control = new float[2 * ROWS];
        for (int row = 0; row < ROWS; row++) {
            builder.beginRow();
            if (labelled) {
                builder.setLabel(0);
            }
            builder.commitRow(0, id * ROWS + row, 0);
            student[2 * row + (row < studentErrs ? 1 : 0)] = 1;
            control[2 * row + (row >= ROWS - controlErrs ? 1 : 0)] = 1;
        }
        return watch.watch(builder.build(id), new ModelOutputs(student, 2), new ModelOutputs(control, 2));
    }

    private static DriftRecord read(OutgoingRecord record) {
        return DriftRecordJson.read(record.value()).drift();
    }

    @Test
    void record_comesWithAThousandLabels_andTellsTheGain() {
        GainWatch watch = new GainWatch("p", "phone");
        List<OutgoingRecord> records = new ArrayList<>();
        for (long id = 0; id < 20; id++) {
            records.addAll(watch(watch, id, id % 2 == 0, 5, 9));
        }

        assertThat(records).singleElement().satisfies(record -> {
            DriftRecord found = read(record);
            assertThat(found.subject()).isEqualTo("phone");
            assertThat(found.metric()).isEqualTo("gain");
            assertThat(found.detector()).isEqualTo("control");
            // of 1,000 labels 50 that only the control knew, and 90 that only the student did
            assertThat(found.estimate()).isCloseTo(0.04, within(1e-12));
            assertThat(found.value()).isCloseTo(-40 / Math.sqrt(140), within(1e-12));
            assertThat(found.level()).isEqualTo(DriftLevel.NONE);
            assertThat(found.windowStart()).isZero();
            assertThat(found.windowEnd()).isEqualTo(1_900);
        });
    }

    @Test
    void teacherThatHarms_isAWarning() {
        GainWatch watch = new GainWatch("p", "phone");
        List<OutgoingRecord> records = new ArrayList<>();
        for (long id = 0; id < 10; id++) {
            records.addAll(watch(watch, id, true, 9, 4));
        }

        assertThat(read(records.get(0)).estimate()).isCloseTo(-0.05, within(1e-12));
        assertThat(read(records.get(0)).value()).isCloseTo(50 / Math.sqrt(130), within(1e-12));
        assertThat(read(records.get(0)).level()).isEqualTo(DriftLevel.WARNING);
    }

    @Test
    void state_goesOn() {
        GainWatch watch = new GainWatch("p", "phone");
        for (long id = 0; id < 6; id++) {
            assertThat(watch(watch, id, true, 3, 8)).isEmpty();
        }
        StateWriter state = new StateWriter();
        watch.write(state);
        GainWatch read = new GainWatch("p", "phone").read(new StateReader(state.toBytes()));
        List<byte[]> expected = new ArrayList<>();
        List<byte[]> found = new ArrayList<>();
        for (long id = 6; id < 20; id++) {
            watch(watch, id, true, 1, 2).forEach(record -> expected.add(record.value()));
            watch(read, id, true, 1, 2).forEach(record -> found.add(record.value()));
        }
        assertThat(expected).hasSize(2);
        assertThat(found).usingRecursiveComparison().isEqualTo(expected);
    }
}
