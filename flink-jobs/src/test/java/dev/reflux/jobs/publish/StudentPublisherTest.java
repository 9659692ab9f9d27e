package dev.reflux.jobs.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.checkpoints.Acceptance;
import dev.reflux.checkpoints.Checkpoint;
import dev.reflux.checkpoints.CheckpointRecord;
import dev.reflux.checkpoints.Manifest;
import dev.reflux.checkpoints.ModelStore;
import dev.reflux.checkpoints.onnx.OnnxModelBuilder.TextInput;
import dev.reflux.checkpoints.onnx.OnnxStudent;
import dev.reflux.checkpoints.onnx.Precision;
import dev.reflux.checkpoints.onnx.RawBatch;
import dev.reflux.checkpoints.onnx.StudentVerifier;
import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.events.EventDecoder;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.publish.StudentPublisher.Offer;
import dev.reflux.jobs.wire.OutgoingRecord;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of feature and every part of a network, from JSON events to a checkpoint verified in ONNX Runtime. */
class StudentPublisherTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final int ROWS = 40;

    private static LearningPlan plan(String network) {
        return plan(network, "");
    }

    private static LearningPlan plan(String network, String checkpoints) {
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
                students: [ { name: phone, network: %s, optimizer: { type: sgd, learningRate: 0.05 } } ]
                checkpoints: { %severy: 1 batches, gate: { minEvents: 1, maxRegression: 1 } }
                """.formatted(ROWS, network, checkpoints), 1, 0));
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

    private static Checkpoint decode(OutgoingRecord sent) {
        return decode(sent, Acceptance.of(ModelStore.none()));
    }

    private static Checkpoint decode(OutgoingRecord sent, Acceptance acceptance) {
        return CheckpointRecord.decode(sent.key(), sent.value(), sent.kafkaHeaders(), acceptance);
    }

    /** Returns the logits that it gave before it learned. */
    private static float[] study(LearningPlan plan, Student student, MicroBatch batch) {
        float[] soft = new float[ROWS * plan.classes()];
        soft[0] = 1;
        Feedback feedback =
                student.study(new Lesson(batch.id(), ROWS, plan.classes(), soft, soft), plan.examples(batch));
        return feedback.logits();
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
                float[] logits = study(plan, student, batch);
                published = publisher.afterBatch(student, batch, logits, 0, NOW).flatMap(Offer::checkpoint);
                assertThat(published).isPresent();
            }
            OutgoingRecord sent = published.orElseThrow();
            Checkpoint checkpoint = decode(sent);
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
            byte[] model = StudentExport.onnx(
                    student.model(), plan.studentSchema("phone"), Map.of(), Precision.FP32, TextInput.RAW);
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
            float[] first = study(plan, student, batch(plan, 0));
            publisher.afterBatch(student, batch(plan, 0), first, driftLevel, NOW);
            StateWriter state = new StateWriter();
            student.write(state);
            publisher.write(state);
            StateReader in = new StateReader(state.toBytes());
            try (Student again = plan.readStudent("phone", in)) {
                StudentPublisher read = StudentPublisher.read(plan, "phone", in);
                float[] logits = study(plan, student, batch(plan, 1));
                float[] same = study(plan, again, batch(plan, 1));
                Offer expected = publisher
                        .afterBatch(student, batch(plan, 1), logits, driftLevel, NOW)
                        .orElseThrow();
                Offer found = read.afterBatch(again, batch(plan, 1), same, driftLevel, NOW)
                        .orElseThrow();
                assertThat(found.decision().value())
                        .isEqualTo(expected.decision().value());
                assertThat(found.checkpoint().orElseThrow().value())
                        .isEqualTo(expected.checkpoint().orElseThrow().value());
                assertThat(read.published()).isEqualTo(2);
            }
        }
    }

    @Test
    void publisher_withAKey_signsWhatTheFollowersAskFor(@TempDir Path folder) throws Exception {
        Path key = Files.writeString(folder.resolve("key"), "a secret of at least thirty-two bytes\n");
        LearningPlan plan = plan(
                "{ type: mlp, hidden: [8] }", "signature: { type: hmac-sha256, key: \"file:%s\" }, ".formatted(key));
        try (Student student = plan.createStudent("phone")) {
            float[] logits = study(plan, student, batch(plan, 0));
            OutgoingRecord sent = new StudentPublisher(plan)
                    .afterBatch(student, batch(plan, 0), logits, 0, NOW)
                    .flatMap(Offer::checkpoint)
                    .orElseThrow();

            Acceptance acceptance = StudentAccess.acceptance(plan.pipeline(), Map.of());
            assertThat(acceptance.signatures().asksForSignatures()).isTrue();
            assertThat(decode(sent, acceptance).manifest().step()).isEqualTo(ROWS);
            assertThat(new String(sent.value(), StandardCharsets.UTF_8)).doesNotContain("secret");

            Files.writeString(key, "another secret of thirty-two bytes or more");
            assertThatThrownBy(() -> decode(sent, StudentAccess.acceptance(plan.pipeline(), Map.of())))
                    .hasMessageContaining("is not that of this record");
            Files.delete(key);
            assertThatThrownBy(() -> new StudentPublisher(plan)).hasMessageContaining("checkpoints.signature.key");
        }
    }

    @ParameterizedTest
    @CsvSource({"fp16,0.002,0.66", "int8,0.05,0.5"})
    void publisher_withFewerBits_saysWhatTheyCost(String precision, double most, double size) throws Exception {
        LearningPlan plan = plan("{ type: mlp, hidden: [32] }", "precision: " + precision + ", ");
        LearningPlan full = plan("{ type: mlp, hidden: [32] }");
        try (Student student = plan.createStudent("phone");
                StudentPublisher publisher = new StudentPublisher(plan);
                StudentPublisher ofFull = new StudentPublisher(full)) {
            Checkpoint reduced = null;
            Checkpoint plain = null;
            for (long id = 0; id < 5; id++) {
                MicroBatch batch = batch(plan, id);
                float[] logits = study(plan, student, batch);
                reduced = decode(publisher
                        .afterBatch(student, batch, logits, 0, NOW)
                        .flatMap(Offer::checkpoint)
                        .orElseThrow());
                plain = decode(ofFull.afterBatch(student, batch, logits, 0, NOW)
                        .flatMap(Offer::checkpoint)
                        .orElseThrow());
            }
            Manifest manifest = reduced.manifest();
            assertThat(manifest.precision()).isEqualTo(precision);
            assertThat(plain.manifest().precision()).isEqualTo("fp32");
            assertThat(plain.manifest().precisionLoss()).isNull();
            assertThat((double) reduced.model().length / plain.model().length).isLessThan(size);
            assertThat(manifest.verification()).isEqualTo(plain.manifest().verification());
            Manifest.PrecisionLoss loss = manifest.precisionLoss();
            assertThat(loss.events()).as("labelled events of the window").isEqualTo(5 * ROWS);
            assertThat(loss.maxDifference()).isGreaterThan(0).isLessThan(most);
            assertThat(loss.accuracy()).isBetween(-0.02, 0.02);
            try (OnnxStudent few = new OnnxStudent(reduced.model());
                    OnnxStudent many = new OnnxStudent(plain.model())) {
                RawBatch rows =
                        VerificationRows.of(batch(plan, 4), plan, "phone").raw();
                float[] found = few.score(rows);
                float[] expected = many.score(rows);
                for (int i = 0; i < found.length; i++) {
                    assertThat((double) found[i]).isCloseTo(expected[i], within(2 * most));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "fp16,'cnn, channels: [4, 6]',0.005",
        "int8,'cnn, channels: [4, 6]',0.1",
        "fp16,'text, embedding: 8, hidden: [6]',0.005",
        "int8,'text, embedding: 8, hidden: [6]',0.1",
        "fp16,'transformer, tokens: 8, width: 16, heads: 4, depth: 2',0.005",
        "int8,'transformer, tokens: 8, width: 16, heads: 4, depth: 2',0.1",
    })
    void publisher_withFewerBits_ofEveryNetwork_staysNearTheFullOne(String precision, String network, double most)
            throws Exception {
        LearningPlan plan = plan("{ type: " + network + " }", "precision: " + precision + ", ");
        try (Student student = plan.createStudent("phone");
                StudentPublisher publisher = new StudentPublisher(plan)) {
            float[] logits = study(plan, student, batch(plan, 0));
            Manifest manifest = decode(publisher
                            .afterBatch(student, batch(plan, 0), logits, 0, NOW)
                            .flatMap(Offer::checkpoint)
                            .orElseThrow())
                    .manifest();

            assertThat(manifest.precisionLoss().maxDifference())
                    .isGreaterThan(0)
                    .isLessThan(most);
            assertThat(manifest.precisionLoss().events()).isEqualTo(ROWS);
        }
    }

    @Test
    void publisher_withFewerBits_savedAndRead_measuresOnTheSameWindow() throws Exception {
        LearningPlan plan = plan("{ type: mlp, hidden: [8] }", "precision: int8, ");
        try (Student student = plan.createStudent("phone");
                StudentPublisher publisher = new StudentPublisher(plan)) {
            for (long id = 0; id < 3; id++) {
                publisher.afterBatch(student, batch(plan, id), study(plan, student, batch(plan, id)), 0, NOW);
            }
            StateWriter state = new StateWriter();
            publisher.write(state);
            try (StudentPublisher read = StudentPublisher.read(plan, "phone", new StateReader(state.toBytes()))) {
                float[] logits = study(plan, student, batch(plan, 3));
                Offer expected = publisher
                        .afterBatch(student, batch(plan, 3), logits, 0, NOW)
                        .orElseThrow();
                Offer found =
                        read.afterBatch(student, batch(plan, 3), logits, 0, NOW).orElseThrow();

                assertThat(decode(found.checkpoint().orElseThrow())
                                .manifest()
                                .precisionLoss()
                                .events())
                        .isEqualTo(4 * ROWS);
                assertThat(found.checkpoint().orElseThrow().value())
                        .isEqualTo(expected.checkpoint().orElseThrow().value());
            }
        }
    }

    @Test
    void publisher_withAStore_keepsTheLastModelsThatConsumersCanSee(@TempDir Path folder) throws Exception {
        LearningPlan plan = plan(
                "{ type: mlp, hidden: [8] }",
                "inlineLimit: 0B, keep: 2, store: \"%s\", ".formatted(folder.resolve("models")));
        Path models = folder.resolve("models/all-kinds");
        try (Student student = plan.createStudent("phone")) {
            StudentPublisher publisher = new StudentPublisher(plan);
            publish(plan, student, publisher, 0, 4);
            publisher.snapshotTaken(1);
            publish(plan, student, publisher, 4, 2);
            publisher.checkpointComplete(1);
            assertThat(models.toFile().list()).as("not visible for sure yet").hasSize(6);

            publisher.snapshotTaken(2);
            publisher.checkpointComplete(2);
            assertThat(models.toFile().list())
                    .as("two of the first four, and two later ones")
                    .hasSize(4);

            StateWriter state = new StateWriter();
            publisher.write(state);
            publisher.close();
            StudentPublisher read = StudentPublisher.read(plan, "phone", new StateReader(state.toBytes()));
            read.snapshotTaken(3);
            read.checkpointComplete(3);
            Checkpoint newest = publish(plan, student, read, 6, 1);
            read.snapshotTaken(4);
            read.checkpointComplete(4);
            assertThat(models.toFile().list()).hasSize(3);
            read.snapshotTaken(5);
            read.checkpointComplete(5);
            assertThat(models.toFile().list())
                    .hasSize(2)
                    .allMatch(file -> file.endsWith(".onnx"))
                    .anyMatch(file -> file.contains(newest.manifest().sha256().substring(0, 16)));
            read.close();
        }
    }

    /** Returns the last one, read back as a consumer does. */
    private static Checkpoint publish(
            LearningPlan plan, Student student, StudentPublisher publisher, int first, int count) throws Exception {
        Checkpoint last = null;
        for (long id = first; id < first + count; id++) {
            float[] logits = study(plan, student, batch(plan, id));
            last = decode(
                    publisher
                            .afterBatch(student, batch(plan, id), logits, 0, NOW)
                            .flatMap(Offer::checkpoint)
                            .orElseThrow(),
                    StudentAccess.acceptance(plan.pipeline(), Map.of()));
        }
        return last;
    }
}
