package dev.reflux.service.commands;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.service.Interruption;
import dev.reflux.service.UsageException;
import dev.reflux.service.progress.ProgressView;
import dev.reflux.service.runs.ContinuousJob;
import dev.reflux.service.runs.ContinuousRun;
import dev.reflux.service.runs.RunOutput;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reflux run}. */
@Command(
        name = "run",
        description = {
            "Runs a pipeline's job until Ctrl-C. The next run goes on where this one stopped, also after a crash.",
            "After a failure the job restarts from its last Flink checkpoint, for as long as it takes."
        })
public final class RunCommand implements Callable<Integer> {
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

    @Option(
            names = "--job",
            paramLabel = "JOB",
            description =
                    "distillation learns and publishes students, scoring scores events with them (default: ${DEFAULT-VALUE}).")
    private ContinuousJob job = ContinuousJob.DISTILLATION;

    @Option(names = "--fresh", description = "Start from nothing instead of where the last run stopped.")
    private boolean fresh;

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description = "Where this machine keeps the pipeline's files (default: .reflux/NAME).")
    private @Nullable Path data;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
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
        String own = job == ContinuousJob.SCORING ? "-scoring" : "";
        Path folder = data == null ? Path.of(".reflux", pipeline.pipeline() + own) : data;
        RunOutput output = new RunOutput(spec.commandLine().getOut(), ProgressView.Style.ofStandardOutput());
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
