package dev.reflux.service.commands;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The pipeline file that a command is about, with what overrides it. */
final class PipelineFile {
    @Parameters(paramLabel = "PIPELINE.yaml", description = "The pipeline file.")
    private Path file = Path.of("pipeline.yaml");

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = {
                "Override one setting of the file, as in --set kafka.bootstrapServers=host:9092. May be repeated.",
                "Environment variables do the same: REFLUX_KAFKA_BOOTSTRAPSERVERS=host:9092."
            })
    private List<String> settings = new ArrayList<>();

    /** The file, then the environment, then the flags. */
    Pipeline read() {
        return read(List.of());
    }

    /** The file, then the environment, then the flags, then further settings, each {@code PATH=VALUE}. */
    Pipeline read(List<String> further) {
        List<String> all = new ArrayList<>(settings);
        all.addAll(further);
        return PipelineReader.read(file, System.getenv(), all);
    }
}
