package dev.reflux.service.commands;

import dev.reflux.service.runs.ContinuousJob;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code reflux drift}. */
@Command(
        name = "drift",
        description = {
            "Watches events, and a model that learns elsewhere, for drift until Ctrl-C: as run --job drift.",
            "What is watched are the drift.detectors and drift.distances of the pipeline file; nobody learns, and drift"
                    + " records are all that is published. The next run goes on where this one stopped."
        })
public final class DriftCommand implements Callable<Integer> {
    @Mixin
    private RunOptions options = new RunOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        return options.run(ContinuousJob.DRIFT, spec.commandLine().getOut());
    }
}
