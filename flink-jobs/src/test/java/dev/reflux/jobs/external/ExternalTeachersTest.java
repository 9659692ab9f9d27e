package dev.reflux.jobs.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.checkpoints.Acceptance;
import dev.reflux.checkpoints.CheckpointRecord;
import dev.reflux.checkpoints.ModelStore;
import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.Predictor;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.Teacher;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.events.EventDecoder;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.publish.StudentPublisher;
import dev.reflux.jobs.wire.OutgoingRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Teachers that did not learn here, from JSON events to logits. */
class ExternalTeachersTest {

    /** What it computes is in the README beside it. */
    private static final Path TORCHSCRIPT =
            Path.of("..", "src", "distillation", "src", "test", "resources", "torchscript", "logits.pt");

    private static final List<String> EVENTS = List.of(
            "{'a':1,'b':2,'code':1,'image':[1,2,3,4],'word':'x','text':'one two','teacher':[0.2,0.3,0.5]}",
            "{'a':null,'b':1,'code':null,'image':null,'word':null,'text':null,'teacher':{'r':1}}",
            "{'a':-3,'b':0.5,'code':2,'image':[0,0,0,1],'word':'other','text':'','teacher':null}");

    @TempDir
    private Path folder;

    @Test
    void create_fromEvents_givesTheLogarithmsOfTheirProbabilities() {
        LearningPlan plan = plan("teacher: {from: events}", "teacher: {}", "");
        float[] logits = predict(plan);

        assertThat(logits)
                .containsExactly(
                        log(0.2f),
                        log(0.3f),
                        log(0.5f),
                        (float) (-23 * Math.log(2)),
                        0,
                        (float) (-23 * Math.log(2)),
                        Float.NaN,
                        Float.NaN,
                        Float.NaN);
    }

    @Test
    void create_fromTorchScript_givesWhatTheModuleReturns() {
        LearningPlan plan = plan(
                "teacher: {from: torchscript, load: %s, features: [a, b, code, image]}".formatted(TORCHSCRIPT), "", "");

        assertThat(predict(plan))
                .containsExactly(new float[] {9, 6, 11, 0.5f, -0.5f, 5, -1.85f, 1.75f, 5.1f}, within(1e-5f));
    }

    @Test
    void create_fromTorchScriptWithTexts_isRefused() {
        LearningPlan plan = plan("teacher: {from: torchscript, load: %s}".formatted(TORCHSCRIPT), "", "");

        assertThatThrownBy(() -> ExternalTeachers.create(plan))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("teacher.load: " + TORCHSCRIPT + " does not fit: ")
                .hasMessageContaining("cannot read texts, 1 found");
    }

    /** A published student, of features in another order and fewer than the events have, teaches what it answered live. */
    @Test
    void create_fromAPublishedStudent_givesItsLogits() throws Exception {
        LearningPlan learned = studentPlan("[image, word, code, b, a]");
        Path onnx = folder.resolve("student.onnx");
        float[] live = publish(learned, onnx);
        LearningPlan plan = plan("teacher: {from: onnx, load: %s}".formatted(onnx), "", "");

        float[] logits = predict(plan);

        assertThat(logits).containsExactly(live, within(1e-5f));
        assertThat(live).doesNotContain(Float.NaN).doesNotHaveDuplicates();
    }

    @Test
    void create_fromAModelThatTakesTexts_isRefused() throws Exception {
        Path onnx = folder.resolve("student.onnx");
        publish(studentPlan("[a, text]"), onnx);

        assertThatThrownBy(
                        () -> ExternalTeachers.create(plan("teacher: {from: onnx, load: %s}".formatted(onnx), "", "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("teacher.load: " + onnx + " does not fit: the model takes the texts [text], ");
    }

    @Test
    void create_fromAModelThatDoesNotFit_saysWhy() throws Exception {
        Path onnx = folder.resolve("student.onnx");
        publish(studentPlan("[a, b]"), onnx);

        assertThatThrownBy(() -> ExternalTeachers.create(
                        plan("teacher: {from: onnx, load: %s, features: [a]}".formatted(onnx), "", "")))
                .hasMessageContaining("the model takes 'b', the features are [a]");
        assertThatThrownBy(() -> ExternalTeachers.create(
                        plan("teacher: {from: onnx, load: %s}".formatted(onnx), "", "[r, q, p]")))
                .hasMessageContaining("the model knows the classes [q, r, p], expected are [r, q, p]");
        assertThatThrownBy(() -> ExternalTeachers.create(
                        plan("teacher: {from: torchscript, load: %s, features: [a]}".formatted(onnx), "", "")))
                .hasMessageStartingWith("teacher.load: " + onnx + " does not fit: no TorchScript module");
    }

    @Test
    void create_fromAFileThatIsNotThere_saysSo() {
        Path missing = folder.resolve("missing.onnx");
        assertThatThrownBy(() ->
                        ExternalTeachers.create(plan("teacher: {from: onnx, load: %s}".formatted(missing), "", "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("teacher.load: " + missing + " cannot be read (")
                .hasMessageContaining("name the file of the onnx teacher");
    }

    /** The file is not in the state: it is loaded again, and the teacher measures on from where it was. */
    @Test
    void teacher_savedAndRead_goesOn() {
        LearningPlan plan = plan(
                "teacher: {from: torchscript, load: %s, features: [a, b, code, image]}".formatted(TORCHSCRIPT), "", "");
        Examples examples = plan.examples(decode(
                plan,
                EVENTS.stream()
                        .map(event -> event.replace("}", ",'label':'p'}"))
                        .toList(),
                0));
        try (Teacher teacher = plan.createTeacher()) {
            Lesson first = teacher.teach(0, examples);
            StateWriter state = new StateWriter();
            teacher.write(state);
            try (Teacher again = plan.readTeacher(new StateReader(state.toBytes()))) {
                assertThat(again.teach(1, examples).softLabels()).isEqualTo(first.softLabels());
                assertThat(again.quality().total().events()).isEqualTo(6);
            }
        }
    }

    @Test
    void create_fromANetwork_isNotItsBusiness() {
        LearningPlan plan = plan("teacher: {load: snapshot}", "", "");
        assertThatThrownBy(() -> ExternalTeachers.create(plan)).isInstanceOf(IllegalStateException.class);
    }

    /** Lets a student learn a little, writes its published model to a file, and returns its logits for the events. */
    private static float[] publish(LearningPlan plan, Path file) throws Exception {
        try (Student student = plan.createStudent("student")) {
            StudentPublisher publisher = new StudentPublisher(plan);
            MicroBatch batch = decode(plan, randomEvents(), 0);
            float[] soft = new float[batch.size() * 3];
            for (int row = 0; row < batch.size(); row++) {
                soft[row * 3 + row % 3] = 1;
            }
            Feedback feedback = student.study(new Lesson(0, batch.size(), 3, soft, soft), plan.examples(batch));
            OutgoingRecord sent = publisher
                    .afterBatch(student, batch, feedback.logits(), 0, Instant.EPOCH)
                    .flatMap(StudentPublisher.Offer::checkpoint)
                    .orElseThrow();
            Files.write(
                    file,
                    CheckpointRecord.decode(
                                    sent.key(), sent.value(), sent.kafkaHeaders(), Acceptance.of(ModelStore.none()))
                            .model());
            Examples examples = plan.examples(decode(plan, EVENTS, 1));
            float[] logits = new float[examples.size() * 3];
            student.model().predict(examples, 0, examples.size(), logits);
            return logits;
        }
    }

    private static List<String> randomEvents() {
        SplittableRandom random = new SplittableRandom(5);
        List<String> events = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            events.add(String.format(
                    Locale.ROOT,
                    "{'a':%.3f,'b':%.3f,'code':%d,'image':[%d,2,3,%d],'word':'%s','text':'word%d','label':'%s'}",
                    random.nextGaussian() * 3,
                    random.nextGaussian(),
                    random.nextInt(3),
                    i,
                    random.nextInt(5),
                    i % 2 == 0 ? "x" : "y",
                    i,
                    "qrp".charAt(random.nextInt(3))));
        }
        return events;
    }

    private static float[] predict(LearningPlan plan) {
        Examples examples = plan.examples(decode(plan, EVENTS, 0));
        Outputs outputs = Outputs.ofLogits(new float[9], 3);
        try (Predictor teacher = ExternalTeachers.create(plan)) {
            teacher.predict(examples, 0, 2, outputs);
            teacher.predict(examples, 2, 3, outputs);
        }
        return outputs.logits();
    }

    private static MicroBatch decode(LearningPlan plan, List<String> events, long id) {
        EventDecoder decoder = new EventDecoder(plan.schema());
        MicroBatchBuilder builder = new MicroBatchBuilder(plan.batchLayout(), events.size());
        for (String event : events) {
            assertThat(decoder.decode(event.replace('\'', '"').getBytes(StandardCharsets.UTF_8), 0, 0, 0, builder))
                    .as(event)
                    .isNull();
        }
        return builder.build(id);
    }

    private static LearningPlan plan(String teacher, String eventTeacher, String classes) {
        return read(
                teacher, eventTeacher, classes.isEmpty() ? "[q, r, p]" : classes, "distillation: {scheme: offline}");
    }

    private static LearningPlan studentPlan(String features) {
        return read(
                "students: [{features: %s, network: {type: mlp, hidden: [8]}}]".formatted(features),
                "",
                "[q, r, p]",
                "checkpoints: {every: 1 batches, gate: {minEvents: 1, maxRegression: 1}}");
    }

    private static LearningPlan read(String teacher, String eventTeacher, String classes, String rest) {
        return LearningPlan.of(new JobSettings("""
                pipeline: small
                events:
                  label: {classes: %s}
                  features:
                    - {name: a, type: numeric}
                    - {name: text, type: text, buckets: 16}
                    - {name: b, type: numeric}
                    - {name: code, type: category, size: 3}
                    - {name: word, type: category, values: [x, y]}
                    - {name: image, type: tensor, shape: [1, 2, 2]}
                  %s
                %s
                %s
                """.formatted(classes, eventTeacher, teacher, rest), 1, 0));
    }

    private static float log(float probability) {
        return (float) Math.log(probability);
    }
}
