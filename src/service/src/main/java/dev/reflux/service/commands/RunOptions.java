package dev.reflux.service.commands;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.service.Interruption;
import dev.reflux.service.UsageException;
import dev.reflux.service.progress.ProgressView;
import dev.reflux.service.runs.ContinuousJob;
import dev.reflux.service.runs.ContinuousRun;
import dev.reflux.service.runs.RunOutput;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a job without an end runs in this process. */
final class RunOptions {
    @Mixin
    private PipelineFile pipelineFile = new PipelineFile();

    @Option(
            names = "--embedded",
            description = "Start a Kafka broker in this process; its data and its port stay from run to run.")
    private boolean embedded;

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            description = "Port of the embedded broker (default: the one of the last run, a free one the first time).")
    private @Nullable Integer kafkaPort;

    @Option(names = "--fresh", description = "Start from nothing instead of where the last run stopped.")
    private boolean fresh;

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description = "Where this machine keeps the job's files (default: .reflux/NAME).")
    private @Nullable Path data;

    /** Until it is interrupted; returns the process's exit code. */
    int run(ContinuousJob job, PrintWriter out) {
        Pipeline pipeline = pipelineFile.read();
        if (kafkaPort != null && !embedded) {
            throw new UsageException("--kafka-port is the embedded broker's; add --embedded or leave it out");
        }
        if (kafkaPort != null && (kafkaPort < 1 || kafkaPort > 65535)) {
            throw new UsageException("--kafka-port is " + kafkaPort + ", must be 1 to 65535");
        }
        if (embedded && job == ContinuousJob.SCORING) {
            throw new UsageException(
                    "--embedded brings a broker on which nobody publishes students; score on the broker of the job that"
                            + " does");
        }
        Path folder = data == null ? Path.of(".reflux", pipeline.pipeline() + job.suffix()) : data;
        RunOutput output = new RunOutput(out, ProgressView.Style.ofStandardOutput());
        try (Interruption interruption = new Interruption()) {
            ContinuousRun run = new ContinuousRun(
                    job,
                    pipeline,
                    folder,
                    fresh ? ContinuousRun.Start.FRESH : ContinuousRun.Start.RESUME,
                    output,
                    interruption);
            return embedded
                    ? run.runEmbedded(kafkaPort == null ? OptionalInt.empty() : OptionalInt.of(kafkaPort))
                    : run.run();
        }
    }
}
