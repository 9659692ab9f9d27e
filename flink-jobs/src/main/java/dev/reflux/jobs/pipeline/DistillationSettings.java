package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Options;
import java.util.Map;

/** How a student learns from labels and teacher. */
public record DistillationSettings(
        @Option(
                description =
                        "online: teacher and student learn together; offline: the teacher is loaded and frozen; self: there is no teacher, the deepest exit of the student's network teaches the shallow ones, and labels take the place of the losses",
                defaultValue = "online")
        Scheme scheme,

        @Option(
                description = "The student's losses: name to weight, or name to {weight, and the loss's own options}",
                defaultValue = "{label: 0.5, kd: {weight: 0.5, teacherTemperature: 0.5, unlabelled: 4, confidence: 1}}",
                count = "[1, inf)")
        Map<String, LossSettings> losses,

        @Option(description = "The exits of a student that teaches itself, of the scheme self", defaultValue = "{}")
        ExitsSettings exits,

        @Option(description = "Events that are moved to be hard", defaultValue = "{}")
        AdversarialSettings adversarial) {

    /** Who learns. */
    public enum Scheme {
        ONLINE,
        OFFLINE,
        SELF
    }

    public DistillationSettings {
        losses = Options.copyInOrder(losses);
        Options.check(DistillationSettings.class, scheme, losses, exits, adversarial);
        if (losses.values().stream().noneMatch(loss -> loss.weight() > 0)) {
            throw new OptionException(
                    "losses", "every weight is 0, so nothing would be learned; give one a weight above 0");
        }
    }
}
