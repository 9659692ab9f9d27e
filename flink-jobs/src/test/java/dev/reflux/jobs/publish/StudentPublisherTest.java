package dev.reflux.jobs.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.checkpoints.Checkpoint;
import dev.reflux.checkpoints.CheckpointRecord;
import dev.reflux.checkpoints.ModelStore;
import dev.reflux.checkpoints.onnx.RawBatch;
import dev.reflux.checkpoints.onnx.StudentVerifier;
import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.events.EventDecoder;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.wire.OutgoingRecord;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of feature and every part of a network, from JSON events to a checkpoint verified in ONNX Runtime. */
class StudentPublisherTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final int ROWS = 40;

    private static LearningPlan plan(String network) {
        return LearningPlan.of(new JobSettings("""
                pipeline: all-kinds
                events:
                  label: { path: /label, classes: [a, b, c] }
                  features:
                    - { name: amount, type: numeric }
                    - { name: weekday, type: category, size: 7 }
                    - { name: image, type: tensor, shape: [1, 2, 3] }
                    - { name: colour, type: category, values: [red, green, blue] }
                    - { name: note, type: text, buckets: 64 }
                    - { name: age, type: numeric }
                batch: { size: %d, step: event }
                students: [ { name: phone, network: %s } ]
                checkpoints: { every: 1 batches, gate: { minEvents: 1, maxRegression: 1 } }
                """.formatted(ROWS, network), 1, 0));
    }

    /** Events with missing numbers, unknown categories, missing tensors, and texts of several scripts. */
    private static MicroBatch batch(LearningPlan plan, long id) {
        SplittableRandom random = new SplittableRandom(id);
        EventDecoder decoder = new EventDecoder(plan.schema());
        MicroBatchBuilder builder = new MicroBatchBuilder(plan.batchLayout(), ROWS);
        String[] notes = {"\"Two COFFEES, please\"", "\"\"", "null", "\"Größe 日本語 42\"", "\"!?\""};
        for (int row = 0; row < ROWS; row++) {
            String event = String.format(
                    Locale.ROOT,
                    "{\"amount\":%s,\"weekday\":%d,\"image\":%s,\"colour\":%s,\"note\":%s,\"age\":%.3f,\"label\":\"%s\"}",
                    row % 7 == 0 ? "null" : Double.toString(random.nextDouble() * 1e4),
                    random.nextInt(9),
                    row % 11 == 0 ? "null" : "[[[1,2,3],[4,5," + row + "]]]",
                    row % 5 == 0 ? "\"mauve\"" : "\"green\"",
                    notes[row % notes.length],
                    random.nextDouble() * 90,
                    "abc".charAt(random.nextInt(3)));
            assertThat(decoder.decode(event.getBytes(StandardCharsets.UTF_8), 0, row, row, builder))
                    .isNull();
        }
        return builder.build(id);
    }

    private static void study(LearningPlan plan, Student student, MicroBatch batch) {
        float[] soft = new float[ROWS * plan.classes()];
        soft[0] = 1;
        student.study(new Lesson(batch.id(), ROWS, plan.classes(), soft, soft), plan.examples(batch));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{ type: mlp, hidden: [16] }",
                "{ type: mlp, hidden: [] }",
                "{ type: mlp, hidden: [12, 12, 12], activation: gelu, layerNorm: true, residual: true, embedding: 5 }",
                "{ type: mlp, hidden: [8, 8], activation: tanh, residual: true }",
                "{ type: cnn, channels: [4, 6] }",
                "{ type: cnn, channels: [3], activation: gelu, downsampling: stride, residual: true, hidden: [5] }",
                "{ type: cnn, channels: [3, 3, 3], activation: tanh, residual: true, readout: average }",
                "{ type: text }",
                "{ type: text, embedding: 8, hidden: [6] }",
                "{ type: transformer, tokens: 2, width: 8, heads: 4, depth: 2, feedForward: 10 }",
                "{ type: transformer, tokens: 20, width: 6, heads: 1 }",
                "{ type: custom, name: house, options: { width: 9 } }"
            })
    void checkpoint_ofEveryKindOfFeature_givesWhatTheLiveStudentGives(String network) throws Exception {
        LearningPlan plan = plan(network);
        try (Student student = plan.createStudent("phone")) {
            StudentPublisher publisher = new StudentPublisher(plan);
            Optional<OutgoingRecord> published = Optional.empty();
            for (long id = 0; id < 4; id++) {
                MicroBatch batch = batch(plan, id);
                study(plan, student, batch);
                published = publisher.afterBatch(student, batch, 0, NOW);
                assertThat(published).isPresent();
            }
            OutgoingRecord sent = published.orElseThrow();
            Checkpoint checkpoint = CheckpointRecord.decode(
                    sent.key(),
                    sent.value(),
                    sent.headers().get(CheckpointRecord.FORMAT_HEADER).getBytes(StandardCharsets.UTF_8),
                    ModelStore.none());
            assertThat(checkpoint.manifest().verification().rows()).isEqualTo(ROWS + 1);
            assertThat(checkpoint.manifest().verification().maxDifference()).isLessThan(1e-5);
            assertThat(checkpoint.manifest().eventsSeen()).isEqualTo(4 * ROWS);
            assertThat(checkpoint.manifest().parentVersion()).isEqualTo(3 * ROWS);
            assertThat(checkpoint.manifest().created()).isEqualTo(NOW);
            assertThat(publisher.published()).isEqualTo(4);
            assertThat(publisher.sha256()).contains(checkpoint.manifest().sha256());
            assertThat(publisher.atEnd(student, batch(plan, 3), 0, NOW))
                    .as("nothing learned since the last offer")
                    .isEmpty();
        }
    }

    /** ONNX gives a batch without any token a text of width zero. */
    @ParameterizedTest
    @ValueSource(strings = {"mlp", "text", "transformer"})
    void export_scoresBatchesWithoutAnyToken(String network) {
        LearningPlan plan = plan("{ type: " + network + " }");
        try (Student student = plan.createStudent("phone")) {
            study(plan, student, batch(plan, 0));
            byte[] model = StudentExport.onnx(student.model(), plan.studentSchema("phone"), Map.of());
            VerificationRows rows = VerificationRows.of(batch(plan, 1), plan, "phone");
            Examples all = rows.examples();
            int size = all.size();
            Examples wordless = new Examples(
                    all.layout(),
                    size,
                    all.numeric(),
                    all.categories(),
                    IntBuffer.allocate(size + 1),
                    IntBuffer.allocate(0),
                    all.tensors(),
                    all.labels(),
                    all.truth());
            float[] live = new float[size * plan.classes()];
            student.model().predict(wordless, 0, size, live);
            String[] none = new String[size];
            Arrays.fill(none, "");
            RawBatch raw = new RawBatch(
                    size,
                    rows.raw().numerics(),
                    rows.raw().categories(),
                    List.<String[]>of(none),
                    rows.raw().tensors());

            assertThat(StudentVerifier.againstLogits(model, raw, live).maxDifference())
                    .isLessThan(1e-5);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void publisher_savedAndRead_publishesTheSameBytes(int driftLevel) throws Exception {
        LearningPlan plan = plan("{ type: mlp, hidden: [8] }");
        try (Student student = plan.createStudent("phone")) {
            StudentPublisher publisher = new StudentPublisher(plan);
            study(plan, student, batch(plan, 0));
            publisher.afterBatch(student, batch(plan, 0), driftLevel, NOW);
            StateWriter state = new StateWriter();
            student.write(state);
            publisher.write(state);
            StateReader in = new StateReader(state.toBytes());
            try (Student again = plan.readStudent("phone", in)) {
                StudentPublisher read = StudentPublisher.read(plan, in);
                study(plan, student, batch(plan, 1));
                study(plan, again, batch(plan, 1));
                byte[] expected = publisher
                        .afterBatch(student, batch(plan, 1), driftLevel, NOW)
                        .orElseThrow()
                        .value();
                byte[] found = read.afterBatch(again, batch(plan, 1), driftLevel, NOW)
                        .orElseThrow()
                        .value();
                assertThat(found).isEqualTo(expected);
                assertThat(read.published()).isEqualTo(2);
            }
        }
    }
}
