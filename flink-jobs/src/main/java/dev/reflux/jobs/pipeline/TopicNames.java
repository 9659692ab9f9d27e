package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Options;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The pipeline's topics. Never underscores: Kafka's metrics cannot tell them from dots. */
public record TopicNames(
        @Option(
                description = "Topic of the labelled events, read",
                defaultValue = "<pipeline>.events",
                pattern = RULE,
                patternInWords = WORDS)
        String events,

        @Option(
                description = "Topic of the published students",
                defaultValue = "<pipeline>.checkpoints",
                pattern = RULE,
                patternInWords = WORDS)
        String checkpoints,

        @Option(
                description = "Topic of the gate's decisions: what was published or held, and why",
                defaultValue = "<pipeline>.checkpoint-decisions",
                pattern = RULE,
                patternInWords = WORDS)
        String checkpointDecisions,

        @Option(
                description = "Topic of the drift records",
                defaultValue = "<pipeline>.drift",
                pattern = RULE,
                patternInWords = WORDS)
        String drift,

        @Option(
                description = "Topic reserved for a readable copy of the loop; nothing is written to it yet",
                defaultValue = "<pipeline>.feedback",
                pattern = RULE,
                patternInWords = WORDS)
        String feedback,

        @Option(
                description = "Topic of the scoring job's predictions",
                defaultValue = "<pipeline>.predictions",
                pattern = RULE,
                patternInWords = WORDS)
        String predictions,

        @Option(
                description = "Topic of the events that cannot be used, with the reason",
                defaultValue = "<pipeline>.dead-letters",
                pattern = RULE,
                patternInWords = WORDS)
        String deadLetters) {

    static final String RULE = "[a-z0-9.-]{1,249}";
    static final String WORDS = "lower-case letters, digits, dots and hyphens, at most 249 of them";

    public TopicNames {
        Options.check(
                TopicNames.class, events, checkpoints, checkpointDecisions, drift, feedback, predictions, deadLetters);
        Set<String> seen = new HashSet<>();
        for (String name :
                List.of(events, checkpoints, checkpointDecisions, drift, feedback, predictions, deadLetters)) {
            if (!seen.add(name)) {
                throw new OptionException(
                        "", "topic " + name + " is named twice; give each kind of record its own topic");
            }
        }
    }

    /** The default names. */
    public static TopicNames of(String pipeline) {
        return new TopicNames(
                pipeline + ".events",
                pipeline + ".checkpoints",
                pipeline + ".checkpoint-decisions",
                pipeline + ".drift",
                pipeline + ".feedback",
                pipeline + ".predictions",
                pipeline + ".dead-letters");
    }
}
