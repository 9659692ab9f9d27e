package dev.reflux.service.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.events.generated.DriftingStream;
import dev.reflux.events.generated.DriftingStreamSpec;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.pipeline.PipelineSpecs;
import dev.reflux.service.ExitCode;
import dev.reflux.service.Reflux;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class CommandLineTest {
    private static final String PIPELINE = """
            pipeline: small
            events:
              label: { path: /label, classes: ["no", "yes"] }
              features: [ { name: x, type: numeric } ]
            """;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void writePipeline() throws IOException {
        file = Files.writeString(folder.resolve("small.yaml"), PIPELINE);
    }

    @Test
    void config_aGoodFile_printsOneThatReadsTheSame() {
        assertThat(run("config", file.toString(), "--set", "seed=7")).isEqualTo(ExitCode.OK);

        assertThat(PipelineReader.read(out.toString())).isEqualTo(PipelineReader.read(PIPELINE + "seed: 7\n"));
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void config_anUnknownKey_namesTheNearestInOneLine() throws IOException {
        Files.writeString(file, PIPELINE + "baatch: { size: 3 }\n");

        assertThat(run("config", file.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("reflux: small.yaml:5: baatch")
                .contains("did you mean batch?");
    }

    @Test
    void config_noSuchFile_saysSo() {
        assertThat(run("config", folder.resolve("none.yaml").toString())).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("none.yaml: no such file").doesNotContain("\tat ");
    }

    @Test
    void verbose_anError_showsWhereItArose() {
        assertThat(run("--verbose", "config", folder.resolve("none.yaml").toString()))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("no such file").contains("\tat dev.reflux.");
    }

    @Test
    void evaluate_badOptions_areUsageErrorsThatNameThem() {
        String pipeline = file.toString();
        String csv = folder.resolve("none.csv").toString();

        assertThat(run("evaluate", pipeline)).isEqualTo(ExitCode.USAGE);
        assertThat(run("evaluate", pipeline, "--csv", csv)).isEqualTo(ExitCode.USAGE);
        assertThat(run("evaluate", pipeline, "--csv", csv, "--labels", "1.5")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString())
                .contains("Missing required option: '--csv=FILE'")
                .contains("none.csv: no such file")
                .contains("--labels is 1.5");
    }

    @Test
    void evaluate_aCsvWithoutTheFeature_isAUsageError() throws IOException {
        Path csv = Files.writeString(folder.resolve("other.csv"), "y,label\n1,yes\n");

        assertThat(run("evaluate", file.toString(), "--csv", csv.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("other.csv").contains("'x'");
    }

    @Test
    void compare_badOptions_areUsageErrorsThatNameThem() throws IOException {
        String pipeline = file.toString();
        String csv = Files.writeString(folder.resolve("good.csv"), "x,label\n1,yes\n")
                .toString();
        Path variants = folder.resolve("variants.yaml");

        assertThat(run("compare", pipeline, "--csv", csv, "--labels", "1,1.5")).isEqualTo(ExitCode.USAGE);
        assertThat(run("compare", pipeline, "--csv", csv, "--variants", variants.toString()))
                .isEqualTo(ExitCode.USAGE);
        Files.writeString(variants, "variants: [ { name: a, set: [teacher.netwrk=1] } ]");
        assertThat(run("compare", pipeline, "--csv", csv, "--variants", variants.toString()))
                .isEqualTo(ExitCode.USAGE);
        Files.writeString(variants, "variants: [ { nam: a } ]");
        assertThat(run("compare", pipeline, "--csv", csv, "--variants", variants.toString()))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString())
                .contains("--labels has 1.5, must be from 0")
                .contains("variants.yaml: no such file")
                .contains("variant 'a': --set teacher.netwrk: teacher.netwrk: no such option; did you mean network?")
                .contains("variants.yaml:1: variants[0].nam: no such option; did you mean name?");
    }

    @Test
    void compare_aVariantThatReadsWhatTheFileLacks_isAUsageErrorBeforeAnythingRuns() throws IOException {
        Path csv = Files.writeString(folder.resolve("good.csv"), "x,label\n1,yes\n");
        Path variants = Files.writeString(
                folder.resolve("variants.yaml"),
                "variants: [ { name: a, set: [\"events.features=[{name: y, type: numeric}]\"] } ]");

        assertThat(run("compare", file.toString(), "--csv", csv.toString(), "--variants", variants.toString()))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString())
                .contains("variant 'a': ")
                .contains("good.csv")
                .contains("'y'");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void replay_noRate_isAUsageError() {
        assertThat(run("replay", file.toString(), "--csv", "x.csv", "--rate", "0"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("--rate is 0.0, must be above 0");
    }

    @Test
    void run_scoringOnABrokerOfItsOwn_isAUsageError() {
        assertThat(run("run", file.toString(), "--embedded", "--job", "scoring"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("--embedded brings a broker on which nobody publishes students");
    }

    @Test
    void run_portWithoutBroker_isAUsageError() {
        assertThat(run("run", file.toString(), "--kafka-port", "9092")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("--kafka-port").contains("--embedded");
    }

    @Test
    void monitor_withoutAnythingToScrape_isAUsageErrorThatSaysWhatToSet() {
        assertThat(run("monitor", file.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("monitor.scrape is empty").contains("--set 'monitor.scrape=[http://");
    }

    @Test
    void run_monitorAtAnAddressThatIsNotOurs_isAUsageError() {
        assertThat(run(
                        "monitor",
                        file.toString(),
                        "--set",
                        "monitor.scrape=[http://127.0.0.1:9/metrics]",
                        "--set",
                        "monitor.host=192.0.2.1"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString())
                .contains("the monitor cannot listen at 192.0.2.1")
                .contains("monitor.host");
    }

    @Test
    void demo_portThatIsNone_isAUsageError() {
        assertThat(run("demo", "--port", "70000")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("--port is 70000, must be 0 to 65535");
    }

    @Test
    void help_ofTheProgram_listsCommandsAndExitCodes() {
        assertThat(run("--help")).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains(
                        "demo",
                        "run",
                        "evaluate",
                        "compare",
                        "replay",
                        "follow",
                        "score",
                        "rollback",
                        "topics",
                        "config")
                .contains("130")
                .contains("Ctrl-C");
    }

    @Test
    void version_ofTheProgram_isFilledIn() {
        assertThat(run("--version")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).matches("reflux \\d+\\.\\d+\\.\\d+.*\\R");
    }

    @Test
    void demo_itsPipeline_fitsItsStream() {
        DriftingStream stream = new DriftingStream(DriftingStreamSpec.demo(1));

        assertThat(PipelineSpecs.eventSchema(DemoCommand.pipeline())).isEqualTo(stream.schema());
    }

    private int run(String... args) {
        CommandLine commandLine =
                Reflux.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commandLine.execute(args);
    }
}
