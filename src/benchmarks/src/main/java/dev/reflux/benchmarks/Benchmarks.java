package dev.reflux.benchmarks;

import dev.reflux.benchmarks.drift.DriftBenchmark;
import dev.reflux.benchmarks.gain.GainTable;
import dev.reflux.benchmarks.peers.PeersBenchmark;
import dev.reflux.benchmarks.reaction.ReactionBenchmark;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of {@code src/benchmarks/run}. */
@Command(
        name = "src/benchmarks/run",
        description = "Measures Reflux on this machine.",
        synopsisSubcommandLabel = "BENCHMARK",
        mixinStandardHelpOptions = true,
        subcommands = {
            LoopBenchmark.class,
            SoakRun.class,
            MetricsBenchmark.class,
            DriftBenchmark.class,
            ScoringBenchmark.class,
            PeersBenchmark.class,
            ReactionBenchmark.class,
            GainTable.class
        })
public final class Benchmarks {

    private Benchmarks() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Benchmarks()).setUsageHelpWidth(100).setCaseInsensitiveEnumValuesAllowed(true);
    }
}
