package dev.reflux.jobs.pipeline;

import dev.reflux.distillation.adversarial.AdversarialSpec.HardFor;
import dev.reflux.distillation.adversarial.AdversarialSpec.Loss;
import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;

/** Learning from events that are moved to be hard. */
public record AdversarialSettings(
        @Option(
                description =
                        "Largest move of each number or tensor value, in standard deviations; above 0 the accuracy under such moves is measured, 0 is off",
                defaultValue = "0",
                range = "[0, 100]")
        double epsilon,

        @Option(description = "Steps of projected gradient ascent", defaultValue = "3", range = "[1, 1000]")
        int steps,

        @Option(
                description = "Size of one of these steps, in standard deviations; 0 chooses 2.5 * epsilon / steps",
                defaultValue = "0",
                range = "[0, 100]")
        double stepSize,

        @Option(
                description = "Whose mistakes are looked for; the teacher's moves travel with its lessons",
                defaultValue = "student")
        HardFor hardFor,

        @Option(
                description =
                        "How the moves are found and learned from: rslad (far from the teacher's soft labels) or ard (far from the label)",
                defaultValue = "rslad")
        Loss loss,

        @Option(
                description =
                        "Weight of the moved events beside the losses; 0 measures robustness and learns nothing from it",
                defaultValue = "1",
                range = "[0, 1000000]")
        double weight) {

    public AdversarialSettings {
        Options.check(AdversarialSettings.class, epsilon, steps, stepSize, hardFor, loss, weight);
    }
}
