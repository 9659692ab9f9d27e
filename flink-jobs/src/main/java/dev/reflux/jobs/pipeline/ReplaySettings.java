package dev.reflux.jobs.pipeline;

import dev.reflux.distillation.replay.ReplaySpec.Policy;
import dev.reflux.distillation.replay.ReplaySpec.Relearn;
import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;

/** Past events that are learned again. */
public record ReplaySettings(
        @Option(
                description = "Events that are remembered, in the job's state too; 0 replays none",
                unit = "events",
                defaultValue = "0",
                range = "[0, 10000000]")
        int capacity,

        @Option(
                description = "Replayed events per new one; 0.25 replays one after every fourth",
                defaultValue = "1",
                range = "[0, 1000]")
        double share,

        @Option(
                description =
                        "What is remembered: reservoir (a uniform sample of all), recent (the last ones), or dark-experience (a uniform sample, each held to the logits of then)",
                defaultValue = "reservoir")
        Policy policy,

        @Option(
                description = "Weight of the squared distance to the logits of then, for dark-experience",
                defaultValue = "0.3",
                range = "[0, 1000]")
        double darkWeight,

        @Option(
                description =
                        "What is learned of an event that comes again: all that was known of it, or labels (events without one are not remembered then)",
                defaultValue = "all")
        Relearn relearn) {

    public ReplaySettings {
        Options.check(ReplaySettings.class, capacity, share, policy, darkWeight, relearn);
    }
}
