package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import java.util.List;

/** One network of a committee. */
public record MemberSettings(
        @Option(description = "Its network", defaultValue = "{type: mlp, hidden: [128, 128]}")
        NetworkSettings network,

        @Option(description = "Its optimizer", defaultValue = "{type: auto}")
        OptimizerSettings optimizer,

        @Option(description = "Names of the features that it sees; an empty list is the teacher's", defaultValue = "[]")
        List<String> features,

        @Option(
                description = "Past labelled events that it learns again; a capacity of 0 is the teacher's replay",
                defaultValue = "{}")
        ReplaySettings replay,

        @Option(
                description =
                        "Rate of a moving average of its parameters, which is a member of its own: the weight of the newest at each event; 0 keeps none",
                defaultValue = "0",
                range = "[0, 1)")
        double average) {

    public MemberSettings {
        features = List.copyOf(features);
        Options.check(MemberSettings.class, network, optimizer, features, replay, average);
    }
}
