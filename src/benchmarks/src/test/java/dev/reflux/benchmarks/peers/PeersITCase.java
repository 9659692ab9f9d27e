package dev.reflux.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** That MOA runs beside ours on the same events; the figures here mean nothing. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64", disabledReason = "PyTorch 1.7.0 has no natives for others")
final class PeersITCase {

    private static final int ROWS = 1_200;

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void stream() throws IOException, InterruptedException {
        try {
            MoaClassPath.resolve();
        } catch (IOException e) {
            abort("MOA's class path cannot be had: " + e.getMessage());
        }
        Random random = new Random(1);
        try (Writer csv = new OutputStreamWriter(
                new GZIPOutputStream(Files.newOutputStream(folder.resolve("tiny.csv.gz"))), StandardCharsets.UTF_8)) {
            csv.write("a,b,c,label\n");
            for (int row = 0; row < ROWS; row++) {
                double a = random.nextGaussian();
                double b = random.nextGaussian();
                csv.write(a + "," + b + "," + random.nextInt(3) + "," + (a + b > 0 ? 1 : 0) + "\n");
            }
        }
        Files.writeString(folder.resolve("tiny.yaml"), """
                pipeline: tiny
                events:
                  label: { path: /label, classes: [a, b] }
                  features:
                    - { name: a, type: numeric }
                    - { name: b, type: numeric }
                    - { name: c, type: category, size: 3 }
                batch: { size: 64, maxDelay: off }
                """);
        Files.writeString(
                folder.resolve("streams.json"),
                "[{\"stream\": \"tiny\", \"baselines\": [{\"learner\": \"none\", \"rows\": 100, \"accuracy\": 10}]}]");
    }

    @Test
    void peers_smallStream_allLearnIt() {
        run("--limit=1000");

        assertThat(out.toString())
                .containsPattern("\\| tiny \\| 1,000 \\| [89]\\d\\.\\d \\| [89]\\d\\.\\d \\|")
                .contains("10.0 none @100", "### Events per second of processor time")
                .doesNotContain("PREDICTED DIFFERENTLY");
    }

    @Test
    void peers_labelsPermuted_everyLearnerIsThere() {
        int code = run("--change=labels", "--labels=0.5");

        assertThat(out.toString())
                .contains(
                        "### tiny: 1,200 events, change after 600, 50 % of the labels",
                        "| student |",
                        "| student alone |",
                        "| teacher |",
                        "| Hoeffding adaptive tree (MOA) |",
                        "| adaptive random forest 10 (MOA) |",
                        "| leveraging bag 10 (MOA) |",
                        "| streaming random patches 10 (MOA) |",
                        "| MLP (MOA) |");
        assertThat(code).isZero();
    }

    private int run(String... options) {
        String[] arguments = new String[options.length + 2];
        arguments[0] = folder.toString();
        arguments[1] = "--pipelines=" + folder;
        System.arraycopy(options, 0, arguments, 2, options.length);
        return new CommandLine(new PeersBenchmark())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }
}
