package dev.reflux.jobs.pipeline;

import dev.reflux.distillation.candidates.Way;
import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Options;
import dev.reflux.jobs.pipeline.options.Texts;
import java.util.List;
import java.util.Set;
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

        @Option(description = "Its optimizer", defaultValue = "{type: auto}")
        OptimizerSettings optimizer,

        @Option(
                description = "Names of the features that it sees, and its published models take; an empty list is all",
                defaultValue = "[]")
        List<String> features,

        @Option(description = "Optimizer steps on each group of events", defaultValue = "1", range = "[1, 1000]")
        int steps,

        @Option(
                description = "Events over which the learning rate rises from 0 to its full size",
                unit = "events",
                defaultValue = "0",
                range = "[0, 1000000000]")
        long warmUp,

        @Option(description = "Past events that it learns again", defaultValue = "{}")
        ReplaySettings replay,

        @Option(
                description =
                        "What it does differently from the pipeline's distillation; a key left out is the pipeline's",
                defaultValue = "<distillation>")
        DistillationSettings distillation,

        @Option(
                description =
                        "Ways in which it learns at once, the most trusted first; served is at any time the one that lately erred least. distilled (as distillation says), bold (the same, twice as far in steps with labels), memory (the same, and a remembered label after each event), alone (from labels only). An empty list is memory, alone, distilled and bold under the optimizer auto, else distilled alone",
                defaultValue = "[]",
                count = "[0, 4]")
        List<Way> candidates,

        @Option(
                description =
                        "Whether the same network learns beside it from labels only, to show what distillation gains; it is not published",
                defaultValue = "true")
        boolean control,

        @Option(
                description =
                        "Seed of its initial parameters and sampling; if none is given, it follows from the pipeline's seed and its place in the list")
        @Nullable
        Long seed) {

    public StudentSettings {
        features = List.copyOf(features);
        candidates = List.copyOf(candidates);
        Options.check(
                StudentSettings.class,
                name,
                network,
                optimizer,
                features,
                steps,
                warmUp,
                replay,
                distillation,
                candidates,
                control,
                seed);
        if (Set.copyOf(candidates).size() < candidates.size()) {
            throw new OptionException(
                    "candidates", candidates.stream().map(Texts::wireName).toList() + " found; name each way once");
        }
        if (distillation.scheme() == DistillationSettings.Scheme.SELF
                && !candidates.isEmpty()
                && !candidates.equals(List.of(Way.DISTILLED))) {
            throw new OptionException(
                    "candidates",
                    candidates.stream().map(Texts::wireName).toList()
                            + " found, but a student that teaches itself learns in one way; leave them out");
        }
    }
}
