package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import org.jspecify.annotations.Nullable;

/** A small network that is published under its name. */
public record StudentSettings(
        @Option(
                description = "Key of its checkpoints, tag of its metrics",
                defaultValue = "student",
                pattern = "[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?",
                patternInWords = "lower-case letters, digits and hyphens between them, at most 64")
        String name,

        @Option(description = "Its network", defaultValue = "{type: mlp, hidden: [32]}")
        NetworkSettings network,

        @Option(description = "Its optimizer", defaultValue = "{type: sgd, learningRate: 0.05}")
        OptimizerSettings optimizer,

        @Option(
                description =
                        "What it does differently from the pipeline's distillation; a key left out is the pipeline's",
                defaultValue = "<distillation>")
        DistillationSettings distillation,

        @Option(
                description =
                        "Seed of its initial parameters and sampling; if none is given, it follows from the pipeline's seed and its place in the list")
        @Nullable
        Long seed) {

    public StudentSettings {
        Options.check(StudentSettings.class, name, network, optimizer, distillation, seed);
    }
}
