package dev.reflux.service.commands;

import dev.reflux.jobs.pipeline.PipelineWriter;
import dev.reflux.service.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code reflux config}. */
@Command(
        name = "config",
        description = "Checks a pipeline file and prints it with every default filled in. Secrets are masked.")
public final class ConfigCommand implements Callable<Integer> {
    @Mixin
    private PipelineFile pipeline = new PipelineFile();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().getOut().print(PipelineWriter.masked(pipeline.read()));
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }
}
