package dev.reflux.service.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.Predictor;
import dev.reflux.events.EventDecoder;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.external.ExternalTeachers;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.report.JobReport;
import dev.reflux.service.ExitCode;
import dev.reflux.service.Reflux;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.support.BoundedJob;
import dev.reflux.service.support.PublishedStudent;
import dev.reflux.service.support.TestEvents;
import dev.reflux.service.support.TestTopics;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Frozen teachers that did not learn here, through the whole job; the students see no label but their soft ones. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ExternalTeacherITCase {

    private static final int EVENTS = 6_400;
    private static final Path TORCHSCRIPT =
            Path.of("..", "distillation", "src", "test", "resources", "torchscript", "logits.pt");

    private Path folder;
    private EmbeddedKafka kafka;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
    }

    @AfterAll
    void stop() {
        kafka.close();
    }

    /** Of 300 rows every fifth has no opinion of the teacher, and in every tenth of the others it is wrong. */
    @Test
    void evaluate_csvWithTeachersColumns_isTaughtByThem() throws Exception {
        SplittableRandom random = new SplittableRandom(11);
        StringBuilder csv = new StringBuilder("x,t0,t1,t2,y,label\n");
        int spoken = 0;
        int right = 0;
        double logLoss = 0;
        for (int i = 0; i < 300; i++) {
            double x = random.nextDouble() * 2 - 1;
            double y = random.nextDouble() * 2 - 1;
            int truth = y < -0.3 ? 0 : x < 0 ? 1 : 2;
            String opinion = ",,";
            if (i % 5 > 0) {
                int said = spoken++ % 10 == 0 ? (truth + 1) % 3 : truth;
                right += said == truth ? 1 : 0;
                logLoss -= Math.log(said == truth ? 0.8 : 0.1);
                String[] probabilities = {"0.1", "0.1", "0.1"};
                probabilities[said] = "0.8";
                opinion = String.join(",", probabilities);
            }
            csv.append(String.format(Locale.ROOT, "%.4f,%s,%.4f,%s%n", x, opinion, y, "abc".charAt(truth)));
        }
        Path pipeline = Files.writeString(folder.resolve("taught.yaml"), """
                pipeline: taught
                events:
                  label: { path: /label, classes: [a, b, c] }
                  features: [ { name: x, type: numeric }, { name: y, type: numeric } ]
                  teacher: { columns: t0..t2 }
                batch: { size: 64, maxDelay: off }
                teacher: { from: events }
                distillation: { scheme: offline, losses: { kd: 1 } }
                students: [ { name: phone, network: { type: mlp, hidden: [12] }, optimizer: { learningRate: 0.1 } } ]
                """);
        Path report = folder.resolve("taught.json");
        StringWriter err = new StringWriter();

        int code = Reflux.commandLine()
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(err, true))
                .execute(
                        "evaluate",
                        pipeline.toString(),
                        "--csv",
                        Files.writeString(folder.resolve("taught.csv"), csv).toString(),
                        "--labels",
                        "0",
                        "--report",
                        report.toString());

        assertThat(err.toString()).isEmpty();
        assertThat(code).isEqualTo(ExitCode.OK);
        JsonNode json = new ObjectMapper().readTree(report.toFile());
        assertThat(json.get("trained").asLong()).isEqualTo(300);
        assertThat(json.get("deadLetters").asLong()).isZero();
        assertThat(spoken).isEqualTo(240);
        assertThat(json.at("/teacher/accuracy").asDouble()).isEqualTo((double) right / spoken, within(1e-9));
        assertThat(json.at("/teacher/logLoss").asDouble()).isEqualTo(logLoss / spoken, within(1e-6));
        assertThat(json.at("/teacher/parameters").asLong()).isZero();
        // the largest class has 0.35 of the events
        assertThat(json.at("/students/0/accuracy").asDouble()).isGreaterThan(0.65);
    }

    /** The label of each event is what the module says, so the teacher is always right. */
    @Test
    void torchScript_teacher_teachesAStudentThatSeesNoLabel() throws Exception {
        SplittableRandom random = new SplittableRandom(12);
        List<byte[]> events = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            events.add(torchScriptEvent(random).getBytes(StandardCharsets.UTF_8));
        }
        JobReport report = run("""
                pipeline: torch
                events:
                  label: { classes: [a, b, c] }
                  features:
                    - { name: code, type: category, size: 3 }
                    - { name: x, type: numeric }
                    - { name: image, type: tensor, shape: [1, 2, 2] }
                    - { name: y, type: numeric }
                batch: { size: 64, maxDelay: off }
                teacher: { from: torchscript, load: %s }
                distillation: { scheme: offline, losses: { kd: 1 } }
                students: [ { network: { type: mlp, hidden: [12] }, optimizer: { learningRate: 0.1 } } ]
                """.formatted(TORCHSCRIPT.toAbsolutePath().normalize()), events, 0)
                .report();

        assertThat(report.teacher().accuracy()).isEqualTo(1);
        assertThat(report.teacher().parameters()).isEqualTo(30);
        assertThat(report.students().get(0).kappa()).isGreaterThan(0.7);
    }

    /** Two numbers in -2..2, a code that may be missing, an image of zeros and ones, and what logits.pt says of them. */
    private static String torchScriptEvent(SplittableRandom random) {
        double x = random.nextInt(-200, 200) / 100.0;
        double y = random.nextInt(-200, 200) / 100.0;
        int code = random.nextInt(4);
        int[] pixels = random.ints(4, 0, 2).toArray();
        double[][] categories = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 3}};
        double[] logits = {x + 0.5 * y, -0.5 * y, -x + 2 * y};
        int best = 0;
        for (int c = 0; c < 3; c++) {
            logits[c] += categories[code][c];
            for (int i = 0; i < 4; i++) {
                logits[c] += pixels[i] * (3 * i + c) / 10.0;
            }
            // of two that are equal but for rounding the module might choose the other: a tie has no label
            best = logits[c] > logits[best] ? c : best;
        }
        boolean tie = false;
        for (int c = 0; c < 3; c++) {
            tie |= c != best && logits[best] - logits[c] < 1e-4;
        }
        return String.format(
                Locale.ROOT,
                "{\"x\":%.2f,\"y\":%.2f,\"code\":%s,\"image\":[%d,%d,%d,%d],\"label\":%s}",
                x,
                y,
                code == 3 ? "null" : Integer.toString(code),
                pixels[0],
                pixels[1],
                pixels[2],
                pixels[3],
                tie ? "null" : "\"" + "abc".charAt(best) + "\"");
    }

    /** What one pipeline published teaches in another. */
    @Test
    void onnx_publishedStudent_teachesAStudentThatSeesNoLabel() throws Exception {
        List<byte[]> events = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            events.add(TestEvents.event(i, Long.MAX_VALUE));
        }
        BoundedJob.Outcome first = run("pipeline: first\n" + TestEvents.SECTION + """
                batch: { size: 64, maxDelay: off }
                students: [ { network: { type: mlp, hidden: [24] }, optimizer: { learningRate: 0.1 } } ]
                """, events, 1);
        List<PublishedStudent> published = first.published();
        byte[] model = Base64.getDecoder()
                .decode(published.get(published.size() - 1).rest().get("model").asText());
        Path onnx = Files.write(folder.resolve("first.onnx"), model);

        String second = "pipeline: second\n" + TestEvents.SECTION + """
                batch: { size: 64, maxDelay: off }
                teacher: { from: onnx, load: %s }
                distillation: { scheme: offline, losses: { kd: 1 } }
                students: [ { network: { type: mlp, hidden: [12] }, optimizer: { learningRate: 0.1 } } ]
                """.formatted(onnx);
        JobReport report = run(second, events, 0).report();

        assertThat(report.teacher().accuracy()).isEqualTo(accuracy(second, events), within(1e-9));
        assertThat(report.teacher().accuracy()).isGreaterThan(0.85);
        assertThat(report.students().get(0).kappa()).isGreaterThan(0.5);
        assertThat(report.students().get(0).agreement()).isGreaterThan(0.8);
    }

    /** Share of the labelled events that the pipeline's teacher, asked outside of any job, predicts right. */
    private static double accuracy(String yaml, List<byte[]> events) {
        LearningPlan plan = LearningPlan.of(new JobSettings(yaml, 1, 0));
        EventDecoder decoder = new EventDecoder(plan.schema());
        MicroBatchBuilder builder = new MicroBatchBuilder(plan.batchLayout(), events.size());
        events.forEach(event -> assertThat(decoder.decode(event, 0, 0, 0, builder))
                .as("rejection")
                .isNull());
        Examples examples = plan.examples(builder.build(0));
        Outputs outputs = Outputs.ofLogits(new float[2 * events.size()], 2);
        try (Predictor teacher = ExternalTeachers.create(plan)) {
            teacher.predict(examples, 0, events.size(), outputs);
        }
        int right = 0;
        int labelled = 0;
        for (int row = 0; row < events.size(); row++) {
            int truth = examples.truth().get(row);
            labelled += truth >= 0 ? 1 : 0;
            right += truth >= 0 && Logits.argmax(outputs.logits(), row, 2) == truth ? 1 : 0;
        }
        return (double) right / labelled;
    }

    private BoundedJob.Outcome run(String yaml, List<byte[]> events, double labelShare) throws Exception {
        Pipeline pipeline = PipelineReader.read(yaml);
        TestTopics.create(kafka.bootstrapServers(), pipeline);
        TestEvents.send(kafka.bootstrapServers(), pipeline.topics().events(), 0, events.stream());
        return BoundedJob.run(kafka, pipeline, events.size(), labelShare, folder);
    }
}
