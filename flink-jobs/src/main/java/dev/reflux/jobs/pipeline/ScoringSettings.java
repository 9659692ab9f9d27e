package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import org.jspecify.annotations.Nullable;

/** The job that scores events with published students. */
public record ScoringSettings(
        @Option(
                description = "Topic of the events to score; by default the one that is learned from",
                pattern = TopicNames.RULE,
                patternInWords = TopicNames.WORDS)
        @Nullable
        String events,

        @Option(description = "Name of the student that scores; by default the first one") @Nullable
        String student,

        @Option(
                description = "Events scored at once, at most",
                unit = "events",
                defaultValue = "512",
                range = "[1, 65536]")
        int batch,

        @Option(description = "Longest wait for more events to score at once", defaultValue = "10ms")
        MaxDelay maxDelay,

        @Option(
                description = "Scorers side by side; more than the topic has partitions are of no use",
                defaultValue = "1",
                range = "[1, 1024]")
        int parallelism) {

    public ScoringSettings {
        Options.check(ScoringSettings.class, events, student, batch, maxDelay, parallelism);
    }
}
