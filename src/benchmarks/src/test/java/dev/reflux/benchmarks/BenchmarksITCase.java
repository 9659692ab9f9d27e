package dev.reflux.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** That the benchmarks run and judge; their figures here mean nothing. */
final class BenchmarksITCase {

    private final StringWriter out = new StringWriter();

    @Test
    void loop_tinyNetworks_doesTheJobsWorkAndPrintsEveryTable() {
        int code = run(
                "loop",
                "--batches=16,64",
                "--teacher=8",
                "--student=4",
                "--seconds=0.05",
                "--repetitions=1",
                "--set=teacher.teach=before",
                "--set=feedback.policy=mutual");

        assertThat(out.toString())
                .contains(
                        "batch 16:", "batch 64:", "loop and job predicted alike", "raw events/s", "optimizer", "cores");
        assertThat(code).isZero();
    }

    @Test
    void scoring_tinyStudent_printsEveryTable() {
        int code =
                run("scoring", "--batches=1,16", "--student=4", "--seconds=0.01", "--repetitions=1", "--events=2000");

        assertThat(out.toString())
                .contains("runtime events/s", "client events/s", "(between nodes)", "Gemm", "events/s per core");
        assertThat(code).isZero();
    }

    @Test
    void soak_fewEvents_addsUp() {
        int code = run("soak", "--events=20000", "--batch=64", "--ahead=0", "--limit=1000", "--set=engine=fused");

        assertThat(out.toString())
                .contains("after the first tenth", "20 of 20 broken ones in the dead-letter topic: they add up");
        assertThat(code).isZero();
    }

    @Test
    void soak_limitThatNothingKeeps_saysSo() {
        int code = run("soak", "--events=20000", "--batch=64", "--ahead=0", "--limit=-100", "--set=engine=fused");

        assertThat(out.toString()).contains("NOT FLAT");
        assertThat(code).isEqualTo(1);
    }

    @Test
    void metrics_fewEvents_countsSeriesAndJudges() {
        int code = run("metrics", "--events=20000", "--repetitions=1", "--limit=1000");

        assertThat(out.toString()).contains("a scrape: ", "being watched, processor time:", "within 1000.0 %");
        assertThat(code).isZero();
    }

    /** Which of two detectors is quicker in so few values means nothing, and so does the exit code. */
    @Test
    void drift_fewValues_printsEveryTable() {
        run("drift", "--seeds=1", "--values=1000", "--repetitions=1");

        assertThat(out.toString())
                .contains(
                        "### Generated errors, abrupt",
                        "### Generated errors, gradual",
                        "### Generated errors, incremental",
                        "### Generated errors, none",
                        "| adwin (MOA) |",
                        "| adwin + cool-down |",
                        "| always | 1 | 1 | 0.000 |",
                        "### Speed");
    }

    private int run(String... arguments) {
        return Benchmarks.commandLine().setOut(new PrintWriter(out)).execute(arguments);
    }
}
