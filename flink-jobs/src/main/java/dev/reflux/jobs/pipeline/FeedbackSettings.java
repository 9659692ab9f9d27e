package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;

/** The loop from the students back to the teacher. */
public record FeedbackSettings(
        @Option(
                description =
                        "What the teacher does with the students' feedback: none; error-signal: weight classes and events by the students' error; mutual: add KL(student || teacher) to its loss; meta: make the pseudo labels that it teaches likelier or less likely by what they did to the students' loss",
                defaultValue = "none")
        Policy policy,

        @Option(
                description = "Strength of the feedback's part in the teacher's learning",
                defaultValue = "0.5",
                range = "[0, 100]")
        double weight,

        @Option(
                description = "How many batches the teacher may be ahead of the students; 0 is lockstep",
                unit = "batches",
                defaultValue = "1",
                range = "[0, 1024]")
        int lag) {

    /** What the teacher does with feedback. */
    public enum Policy {
        NONE,
        ERROR_SIGNAL,
        MUTUAL,
        META
    }

    public FeedbackSettings {
        Options.check(FeedbackSettings.class, policy, weight, lag);
    }
}
