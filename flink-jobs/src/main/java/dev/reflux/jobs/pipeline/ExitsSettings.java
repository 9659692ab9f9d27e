package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import java.util.List;

/** The exits of a student that teaches itself. */
public record ExitsSettings(
        @Option(
                description = "Layers of the student's network that get a shallow exit, from the input on",
                defaultValue = "[hidden-1]",
                count = "[1, 64]")
        List<String> at,

        @Option(
                description =
                        "The exit that is measured and published: 1 for the first and cheapest, and so on; 0 for the deepest",
                defaultValue = "0",
                range = "[0, 64]")
        int publish,

        @Option(
                description = "Share of the deepest exit's word in what a shallow one learns; the rest is the labels'",
                defaultValue = "0.5",
                range = "[0, 1]")
        double weight,

        @Option(description = "Softens both in that", defaultValue = "1", range = "(0, 1000]")
        double temperature,

        @Option(
                description = "Weight of the distance between a shallow exit's features and the deepest layer's",
                defaultValue = "0.03",
                range = "[0, 1000000]")
        double featureWeight) {

    public ExitsSettings {
        at = List.copyOf(at);
        Options.check(ExitsSettings.class, at, publish, weight, temperature, featureWeight);
    }
}
