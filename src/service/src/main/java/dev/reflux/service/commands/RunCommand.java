package dev.reflux.service.commands;

import dev.reflux.service.runs.ContinuousJob;
import java.util.concurrent.Callable;
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
    private RunOptions options = new RunOptions();

    @Option(names = "--job", paramLabel = "JOB", description = ContinuousJob.IN_WORDS + " (default: ${DEFAULT-VALUE}).")
    private ContinuousJob job = ContinuousJob.DISTILLATION;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        return options.run(job, spec.commandLine().getOut());
    }
}
