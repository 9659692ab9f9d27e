package dev.reflux.service.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflux.service.ExitCode;
import dev.reflux.service.Reflux;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code reflux compare} as a user calls it. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
final class CompareITCase {
    private static final int EVENTS = 4_000;

    private static final String PIPELINE = """
            pipeline: disc
            events:
              label: { path: /label, classes: [out, in] }
              features: [ { name: x, type: numeric }, { name: y, type: numeric } ]
            batch: { size: 64, maxDelay: off, step: event }
            teacher: { network: { type: mlp, hidden: [32, 32] }, optimizer: { type: sgd, learningRate: 0.05 } }
            students:
              - { name: phone, network: { type: mlp, hidden: [8] }, optimizer: { type: sgd, learningRate: 0.05 } }
            """;

    private static final String VARIANTS = """
            variants:
              - name: kd
                set: ["distillation.losses={label: 0.3, kd: 0.7}"]
              - name: labels only
                set: ["distillation.losses={label: 1}"]
              - name: heard
                set: [feedback.policy=mutual, feedback.weight=0.5]
            """;

    private final ObjectMapper json = new ObjectMapper();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    private Path pipeline;
    private Path csv;

    @BeforeEach
    void write() throws IOException {
        pipeline = Files.writeString(folder.resolve("disc.yaml"), PIPELINE);
        csv = disc();
    }

    @Test
    void compare_namedVariants_holdsEachAgainstTheStudentAlone() throws Exception {
        Path variants = Files.writeString(folder.resolve("variants.yaml"), VARIANTS);
        Path report = folder.resolve("deep/comparison.json");

        int code = run(
                "compare",
                pipeline.toString(),
                "--csv",
                csv.toString(),
                "--labels",
                "1,0.1",
                "--variants",
                variants.toString(),
                "--report",
                report.toString());

        assertThat(err.toString()).isEmpty();
        assertThat(code).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains("run 1 of 4, labels 100 %: alone, kd, labels only")
                .contains("run 4 of 4, labels 10 %: heard")
                .contains("disc: 4,000 events of disc.csv")
                .contains("100 % of the labels", "10 % of the labels")
                .contains("report written to " + report);
        assertThat(out.toString().lines().filter(line -> line.startsWith("alone ")))
                .hasSize(2);

        JsonNode found = json.readTree(report.toFile());
        assertThat(names(found))
                .containsExactly(
                        "version", "pipeline", "stream", "events", "interval", "variants", "skipped", "labels");
        assertThat(found.get("version").asInt()).isEqualTo(1);
        assertThat(found.at("/interval/windowEvents").asLong()).isEqualTo(EVENTS / 100);
        assertThat(found.at("/interval/blockWindows").asInt()).isEqualTo(5);
        assertThat(found.at("/variants/2/set/0").asText()).isEqualTo("feedback.policy=mutual");
        assertThat(found.at("/labels")).hasSize(2);
        assertThat(found.at("/labels/1/share").asDouble()).isEqualTo(0.1);
        for (JsonNode share : found.get("labels")) {
            assertThat(share.get("jobs")).hasSize(2);
            List<JsonNode> results = list(share.get("results"));
            assertThat(results)
                    .extracting(result -> result.get("variant").asText())
                    .containsExactly("alone", "kd", "labels only", "heard");
            JsonNode alone = results.get(0);
            assertThat(alone.get("control").asBoolean()).isTrue();
            assertThat(alone.get("gain").isNull()).isTrue();
            assertThat(alone.get("teacher").isNull()).isTrue();
            for (JsonNode result : results.subList(1, 4)) {
                assertThat(result.at("/gain/over").asText()).isEqualTo("alone");
                assertThat(result.at("/gain/accuracy").asDouble())
                        .isCloseTo(
                                result.get("accuracy").asDouble()
                                        - alone.get("accuracy").asDouble(),
                                within(1e-12));
                assertThat(result.at("/gain/low").asDouble())
                        .isLessThanOrEqualTo(result.at("/gain/accuracy").asDouble());
                assertThat(result.at("/gain/high").asDouble())
                        .isGreaterThanOrEqualTo(result.at("/gain/accuracy").asDouble());
            }
            JsonNode same = results.get(2);
            assertThat(same.at("/gain/accuracy").asDouble()).isZero();
            assertThat(same.at("/gain/low").asDouble()).isZero();
            assertThat(same.at("/gain/high").asDouble()).isZero();
            assertThat(same.get("logLoss")).isEqualTo(alone.get("logLoss"));
        }
        // A point in the square lies in the disc with probability 0.503.
        assertThat(list(found.at("/labels/0/results")))
                .allSatisfy(
                        result -> assertThat(result.get("accuracy").asDouble()).isGreaterThan(0.7));
        assertSameAsEvaluated(found.at("/labels/1/results/1"), "distillation.losses={label: 0.3, kd: 0.7}");
        assertSameAsEvaluated(found.at("/labels/1/results/3"), "feedback.policy=mutual");
    }

    @Test
    void compare_noVariantsNamed_triesWhatTheBuildHas() throws Exception {
        int code = run(
                "compare", pipeline.toString(), "--csv", csv.toString(), "--limit", "1000", "--separate", "--markdown");

        assertThat(code).as(err::toString).isEqualTo(ExitCode.OK);
        assertThat(err.toString()).contains("run 1 of ", ": alone" + System.lineSeparator());
        assertThat(out.toString())
                .startsWith("disc: 1,000 events of disc.csv")
                .contains("\n| alone | ")
                .contains("\n| file | ")
                .contains("\n| feedback mutual | ")
                .contains("\n| feedback error-signal | ")
                .contains("- not run: scheme offline (distillation.scheme: offline found without teacher.load");
    }

    /** What learned beside others came out as it does by itself. */
    private void assertSameAsEvaluated(JsonNode result, String set) throws IOException {
        Path report = folder.resolve("evaluated.json");
        int code = run(
                "evaluate",
                pipeline.toString(),
                "--csv",
                csv.toString(),
                "--labels",
                "0.1",
                "--set",
                set,
                "--report",
                report.toString());
        assertThat(code).as(err::toString).isEqualTo(ExitCode.OK);
        JsonNode evaluated = json.readTree(report.toFile());
        for (String measure : List.of("accuracy", "kappa", "logLoss")) {
            assertThat(result.get(measure)).isEqualTo(evaluated.at("/students/0/" + measure));
            assertThat(result.at("/teacher/" + measure)).isEqualTo(evaluated.at("/teacher/" + measure));
        }
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    private static List<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    private int run(String... args) {
        CommandLine commandLine =
                Reflux.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commandLine.execute(args);
    }

    /** Points in a square; the label says whether they lie in a disc of half its area. */
    private Path disc() throws IOException {
        Random random = new Random(7);
        StringBuilder rows = new StringBuilder("x,y,label\n");
        for (int i = 0; i < EVENTS; i++) {
            double x = random.nextDouble() * 2 - 1;
            double y = random.nextDouble() * 2 - 1;
            rows.append(x).append(',').append(y).append(',');
            rows.append(x * x + y * y < 0.64 ? "in" : "out").append('\n');
        }
        return Files.writeString(folder.resolve("disc.csv"), rows);
    }
}
