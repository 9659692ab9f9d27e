package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import java.time.Duration;

/** The job that carries the pipeline. */
public record FlinkSettings(
        @Option(
                description = "Time between Flink checkpoints; published students become visible with them",
                defaultValue = "10s",
                range = "[0.01, 86400]")
        Duration checkpointInterval,

        @Option(
                description = "Folder or URI of the Flink checkpoints",
                defaultValue = ".reflux/<pipeline>/checkpoints",
                pattern = "\\S.*",
                patternInWords = "a path or a URI")
        String checkpointDirectory,

        @Option(
                description = "Whether teacher and first student share one thread; results are the same",
                defaultValue = "false")
        boolean chained) {

    public FlinkSettings {
        Options.check(FlinkSettings.class, checkpointInterval, checkpointDirectory, chained);
    }
}
