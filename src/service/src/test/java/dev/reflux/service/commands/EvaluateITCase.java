package dev.reflux.service.commands;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflux.service.ExitCode;
import dev.reflux.service.Reflux;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands that bring their own broker and cluster, as a user calls them. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class EvaluateITCase {
    private static final String PIPELINE = """
            pipeline: disc
            events:
              label: { path: /label, classes: [out, in] }
              features: [ { name: x, type: numeric }, { name: y, type: numeric } ]
            batch: { size: 64, maxDelay: off, step: event }
            teacher: { network: { type: mlp, hidden: [32, 32] }, optimizer: { type: sgd, learningRate: 0.05 } }
            students:
              - { name: phone, network: { type: mlp, hidden: [12] }, optimizer: { type: sgd, learningRate: 0.05 } }
            checkpoints: { every: 40 batches }
            """;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    @Test
    void evaluate_aLearnableFile_reportsBothBetterThanMajority() throws Exception {
        Path pipeline = Files.writeString(folder.resolve("disc.yaml"), PIPELINE);
        Path csv = disc(12_000);
        Path report = folder.resolve("deep/report.json");

        int code = run("evaluate", pipeline.toString(), "--csv", csv.toString(), "--report", report.toString());

        assertThat(err.toString()).isEmpty();
        assertThat(code).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("teacher", "student phone", "12,000 events");
        JsonNode json = new ObjectMapper().readTree(report.toFile());
        assertThat(List.copyOf(json.properties().stream().map(Map.Entry::getKey).toList()))
                .containsExactly(
                        "events",
                        "trained",
                        "deadLetters",
                        "batches",
                        "seconds",
                        "eventsPerSecond",
                        "teacher",
                        "students",
                        "driftAlarms",
                        "curve");
        assertThat(json.get("events").asLong()).isEqualTo(12_000);
        assertThat(json.get("trained").asLong()).isEqualTo(12_000);
        assertThat(json.get("deadLetters").asLong()).isZero();
        assertThat(json.get("batches").asLong()).isEqualTo(188);
        // A point in the square lies in the disc with probability 0.503.
        assertThat(json.at("/teacher/accuracy").asDouble()).isGreaterThan(0.8);
        assertThat(json.at("/students/0/accuracy").asDouble()).isGreaterThan(0.75);
        assertThat(json.at("/students/0/checkpointsPublished").asLong()).isGreaterThanOrEqualTo(4);
        assertThat(json.at("/students/0/sha256").asText()).matches("[0-9a-f]{64}");
        assertThat(json.get("curve")).hasSize(100);
        assertThat(json.at("/curve/99/events").asLong()).isEqualTo(12_000);
        assertThat(json.at("/curve/99/labelled").asLong()).isEqualTo(120);
        assertThat(json.at("/curve/99/students/phone").asDouble()).isBetween(0.7, 1.0);
    }

    @Test
    void evaluate_withALimitAndFewLabels_readsThatManyAndLearnsLess() throws Exception {
        Path pipeline = Files.writeString(folder.resolve("disc.yaml"), PIPELINE);
        Path csv = disc(6_000);
        Path report = folder.resolve("report.json");

        int code = run(
                "evaluate",
                pipeline.toString(),
                "--csv",
                csv.toString(),
                "--limit",
                "5000",
                "--labels",
                "0",
                "--report",
                report.toString());

        assertThat(err.toString()).isEmpty();
        assertThat(code).isEqualTo(ExitCode.OK);
        JsonNode json = new ObjectMapper().readTree(report.toFile());
        assertThat(json.get("events").asLong()).isEqualTo(5_000);
        // Nobody was told any label, so nobody can know more than chance, but all are measured.
        assertThat(json.at("/teacher/accuracy").asDouble()).isBetween(0.2, 0.8);
        assertThat(json.at("/teacher/logLoss").asDouble()).isPositive();
    }

    @Test
    void demo_aShortStream_endsWithASummary() throws Exception {
        Path report = folder.resolve("report.json");

        int code = run("demo", "--events", "5000", "--report", report.toString());

        assertThat(err.toString()).isEmpty();
        assertThat(code).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains("5,000 events")
                .contains("student phone")
                .contains("demo.checkpoints")
                .contains("report written to");
        JsonNode json = new ObjectMapper().readTree(report.toFile());
        assertThat(json.get("events").asLong()).isEqualTo(5_000);
        assertThat(json.at("/teacher/accuracy").asDouble()).isGreaterThan(0.4);
    }

    private int run(String... args) {
        CommandLine commandLine =
                Reflux.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commandLine.execute(args);
    }

    /** Points in a square; the label says whether they lie in a disc of half its area. */
    private Path disc(int rows) throws Exception {
        Random random = new Random(7);
        StringBuilder csv = new StringBuilder("x,y,label\n");
        for (int i = 0; i < rows; i++) {
            double x = random.nextDouble() * 2 - 1;
            double y = random.nextDouble() * 2 - 1;
            csv.append(x)
                    .append(',')
                    .append(y)
                    .append(',')
                    .append(x * x + y * y < 0.64 ? "in" : "out")
                    .append('\n');
        }
        return Files.writeString(folder.resolve("disc.csv"), csv);
    }
}
