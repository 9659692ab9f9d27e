package dev.reflux.jobs.operators;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.drift.DriftLevel;
import dev.reflux.drift.DriftRecord;
import dev.reflux.events.EventDecoder;
import dev.reflux.events.LabelMask;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.pipeline.PipelineWriter;
import dev.reflux.jobs.records.DriftRecordJson;
import dev.reflux.jobs.records.DriftRecordJson.Position;
import dev.reflux.jobs.records.DriftRecordJson.Published;
import dev.reflux.jobs.wire.OutgoingRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What operators watch, on batches of events whose change is known. */
class DriftWatchesTest {

    private static final int BATCH = 50;
    private static final ModelOutputs NONE = new ModelOutputs(null, 2);
    private static final String EVENTS = """
            pipeline: watched
            events:
              label: {classes: [no, yes]}
              features:
                - {name: x, type: numeric}
                - {name: zone, type: category, size: 4}
                - {name: image, type: tensor, shape: [2]}
            drift:
            %s
            """;

    private final Random random = new Random(5);
    private long sent;

    private static LearningPlan plan(String drift) {
        String yaml = EVENTS.formatted(drift.indent(2));
        return LearningPlan.of(new JobSettings(PipelineWriter.complete(PipelineReader.read(yaml)), 1, 0));
    }

    /** Events whose every part is another one after the change; every fifth has no label. */
    private MicroBatch batch(LearningPlan plan, boolean changed) {
        EventDecoder decoder = new EventDecoder(plan.schema(), 4096);
        MicroBatchBuilder builder = new MicroBatchBuilder(plan.batchLayout(), BATCH, new LabelMask(1, 1));
        for (int i = 0; i < BATCH; i++, sent++) {
            double move = changed ? 1.5 : 0;
            String label = sent % 5 == 0 ? "null" : random.nextDouble() < (changed ? 0.8 : 0.3) ? "\"yes\"" : "\"no\"";
            String json = String.format(
                    Locale.ROOT,
                    "{\"x\":%f,\"zone\":%d,\"image\":[%f,%f],\"label\":%s}",
                    random.nextGaussian() + move,
                    changed ? random.nextInt(2) : random.nextInt(4),
                    random.nextGaussian() + move,
                    random.nextGaussian() - move,
                    label);
            assertThat(decoder.decode(json.getBytes(StandardCharsets.UTF_8), 2, 10 * sent, 1_000 * sent, builder))
                    .isNull();
        }
        return builder.build(sent / BATCH - 1);
    }

    /** Outputs that are sure of the right class, or unsure of the other one. */
    private static ModelOutputs outputs(MicroBatch batch, BooleanSupplier right) {
        float[] logits = new float[batch.size() * 2];
        for (int row = 0; row < batch.size(); row++) {
            int label = Math.max(0, batch.labels().get(row));
            boolean isRight = right.getAsBoolean();
            logits[2 * row + (isRight ? label : 1 - label)] = isRight ? 3 : 0.5f;
        }
        return new ModelOutputs(logits, 2);
    }

    private static List<Published> read(List<OutgoingRecord> records) {
        return records.stream()
                .map(record -> DriftRecordJson.read(Objects.requireNonNull(record.value())))
                .toList();
    }

    @Test
    void stream_everyFeatureAndTheLabelChange_areFoundInTheirWindow() {
        LearningPlan plan = plan("""
                distances:
                  - {type: psi}
                  - {type: jensen-shannon, features: [zone]}
                  - {type: kolmogorov-smirnov}
                  - {type: psi, on: label}
                  - {type: mmd}
                  - {type: calibration}
                windows: {reference: 2000, current: 500}
                """);
        DistributionWatch watch = DistributionWatch.ofStream(plan);
        List<Published> found = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            MicroBatch batch = batch(plan, i >= 80);
            watch.watch(batch, NONE);
            found.addAll(read(watch.records(batch)));
        }
        assertThat(found.get(0).drift().windowStart()).isEqualTo(2_000);
        List<Published> alarms = found.stream()
                .filter(one -> one.drift().level() == DriftLevel.DRIFT)
                .toList();
        assertThat(alarms)
                .extracting(one -> one.drift().metric() + " " + one.drift().feature() + " "
                        + one.drift().detector())
                .containsExactlyInAnyOrder(
                        "feature x psi",
                        "feature x kolmogorov-smirnov",
                        "feature zone psi",
                        "feature zone jensen-shannon",
                        "label null psi",
                        "feature image mmd");
        assertThat(alarms).allSatisfy(one -> {
            DriftRecord drift = one.drift();
            assertThat(drift.subject()).isEqualTo("stream");
            assertThat(drift.windowStart()).isEqualTo(4_000);
            assertThat(drift.windowEnd()).isEqualTo(4_500);
            assertThat(one.end()).isEqualTo(new Position(2, 44_990, 4_499_000));
            assertThat(one.change()).isEqualTo(new Position(2, 40_000, 4_000_000));
        });
        assertThat(watch.alarms()).isEqualTo(4);
        assertThat(watch.keys())
                .hasSize(6)
                .allSatisfy(key -> assertThat(
                                Objects.requireNonNull(watch.latest(key)).detector())
                        .isEqualTo(key.detector()));
    }

    @Test
    void stream_detectorsOnAFeature_seeTheValuesThatTheyAreMadeFor() {
        LearningPlan plan = plan("""
                detectors:
                  - {type: page-hinkley, on: feature, feature: x}
                  - {type: kswin, on: feature, feature: x, alpha: 0.001}
                  - {type: ddm, on: feature, feature: x}
                  - {type: eddm, on: feature, feature: x}
                  - {type: adwin}
                """);
        DriftWatch watch = DriftWatch.ofStream(plan.pipeline());
        List<Published> found = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            MicroBatch batch = batch(plan, i >= 80);
            watch.watch(batch, NONE, NONE);
            found.addAll(read(watch.records(batch)));
        }
        assertThat(found.stream()
                        .filter(one -> one.drift().level() == DriftLevel.DRIFT)
                        .map(one -> one.drift().detector()))
                .contains("page-hinkley", "kswin");
        assertThat(found).allSatisfy(one -> {
            assertThat(one.drift().subject()).isEqualTo("stream");
            assertThat(one.drift().metric()).isEqualTo("feature");
            assertThat(one.drift().feature()).isEqualTo("x");
            assertThat(one.reactions()).isEmpty();
        });
        assertThat(found.stream().filter(one -> one.drift().detector().equals("ddm")))
                .allSatisfy(one -> assertThat(one.drift().estimate()).isBetween(0.0, 1.0));
        assertThat(found.stream().filter(one -> one.drift().detector().equals("eddm")))
                .as("no value of a Gaussian is an error or none")
                .allSatisfy(one -> assertThat(one.drift().estimate()).isNaN());
    }

    @Test
    void student_outputsThatChange_areFoundAndTheTeachersAreNotItsOwn() {
        LearningPlan plan = plan("""
                distances:
                  - {type: psi, on: student-prediction}
                  - {type: kolmogorov-smirnov, on: student-confidence}
                  - {type: calibration}
                  - {type: mmd, on: student-output}
                  - {type: psi, on: teacher-prediction}
                windows: {reference: 2000, current: 500, warmUp: 1000}
                """);
        DistributionWatch student = DistributionWatch.ofStudent(plan, "student");
        DistributionWatch teacher = DistributionWatch.ofTeacher(plan);
        List<Published> found = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            MicroBatch batch = batch(plan, false);
            boolean changed = i >= 80;
            student.watch(batch, outputs(batch, () -> random.nextDouble() < (changed ? 0.4 : 0.95)));
            teacher.watch(batch, NONE);
            found.addAll(read(student.records(batch)));
            assertThat(teacher.records(batch)).isEmpty();
        }
        assertThat(found.get(0).drift().windowStart()).isEqualTo(3_000);
        assertThat(found)
                .filteredOn(one -> one.drift().level() == DriftLevel.DRIFT)
                .allSatisfy(one -> {
                    assertThat(one.drift().subject()).isEqualTo("student");
                    assertThat(one.drift().windowStart()).isEqualTo(4_000);
                })
                .extracting(one -> one.drift().detector())
                .contains("kolmogorov-smirnov", "mmd");
        assertThat(teacher.keys()).hasSize(1);
        assertThat(teacher.alarms()).isZero();
    }

    @Test
    void distributions_savedInMidWindow_goOnTheSame() {
        LearningPlan plan = plan("""
                distances: [{type: psi}, {type: mmd}, {type: psi, on: label}]
                windows: {reference: 1000, current: 300}
                """);
        DistributionWatch undisturbed = DistributionWatch.ofStream(plan);
        DistributionWatch restored = DistributionWatch.ofStream(plan);
        for (int i = 0; i < 60; i++) {
            MicroBatch batch = batch(plan, i > 40);
            undisturbed.watch(batch, NONE);
            restored.watch(batch, NONE);
            restored = DistributionWatch.ofStream(plan).read(new StateReader(bytes(restored::write)));
            assertThat(read(restored.records(batch))).isEqualTo(read(undisturbed.records(batch)));
        }
        assertThat(restored.alarms()).isEqualTo(undisturbed.alarms()).isPositive();
        assertThat(bytes(restored::write)).isEqualTo(bytes(undisturbed::write));
    }

    @Test
    void detectors_everyTypeOnErrorsThatRise_alarmAndGoOnAfterARestore() {
        LearningPlan plan = plan("""
                coolDown: 1000000
                detectors:
                  - {type: adwin}
                  - {type: ddm}
                  - {type: eddm}
                  - {type: hddm-a}
                  - {type: hddm-w}
                  - {type: page-hinkley}
                  - {type: page-hinkley, on: student-loss}
                  - {type: adwin, on: student-uncertainty}
                  - {type: kswin, alpha: 0.0001}
                  - {type: studd}
                  - {type: adwin, on: teacher-error}
                  - {type: adwin, on: teacher-uncertainty}
                  - {type: page-hinkley, on: teacher-loss}
                """);
        DriftWatch student = DriftWatch.ofStudent(plan.pipeline(), "student");
        DriftWatch teacher = DriftWatch.ofTeacher(plan.pipeline());
        List<Published> found = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            MicroBatch batch = batch(plan, false);
            boolean changed = i >= 60;
            ModelOutputs taught = outputs(batch, () -> random.nextDouble() < 0.9);
            student.watch(batch, taught, outputs(batch, () -> random.nextDouble() < (changed ? 0.3 : 0.9)));
            teacher.watch(batch, taught, taught);
            found.addAll(read(student.records(batch)));
            assertThat(read(teacher.records(batch)))
                    .allSatisfy(one -> assertThat(one.drift().level()).isNotEqualTo(DriftLevel.DRIFT));
            student = DriftWatch.ofStudent(plan.pipeline(), "student").read(new StateReader(bytes(student::write)));
        }
        assertThat(found)
                .filteredOn(one -> one.drift().level() == DriftLevel.DRIFT)
                .extracting(one -> one.drift().detector() + " " + one.drift().metric())
                .contains(
                        "adwin student-error",
                        "ddm student-error",
                        "hddm-a student-error",
                        "hddm-w student-error",
                        "page-hinkley student-error",
                        "page-hinkley student-loss",
                        "adwin student-uncertainty",
                        "kswin student-uncertainty",
                        "studd disagreement");
        assertThat(student.keys()).hasSize(10);
        assertThat(teacher.keys()).hasSize(3);
        assertThat(student.alarms()).isBetween(9L, 10L);
    }

    @Test
    void detectors_withoutATeacher_watchTheStudentAlone() {
        LearningPlan plan = plan("detectors: [{type: studd}, {type: adwin}]");
        DriftWatch student = DriftWatch.ofStudent(plan.pipeline(), "student");
        for (int i = 0; i < 40; i++) {
            MicroBatch batch = batch(plan, false);
            student.watch(batch, NONE, outputs(batch, () -> true));
            student.records(batch);
        }
        DriftKey studd = student.keys().get(0);
        DriftKey adwin = student.keys().get(1);
        assertThat(Objects.requireNonNull(student.latest(studd)).estimate()).isNaN();
        assertThat(Objects.requireNonNull(student.latest(adwin)).estimate()).isZero();
    }

    private static byte[] bytes(Consumer<StateWriter> write) {
        StateWriter out = new StateWriter();
        write.accept(out);
        return out.toBytes();
    }
}
