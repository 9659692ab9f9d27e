package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import java.util.List;

/** One network of a committee. */
public record MemberSettings(
        @Option(description = "Its network", defaultValue = "{type: mlp, hidden: [128, 128]}")
        NetworkSettings network,

        @Option(description = "Its optimizer", defaultValue = "{type: sgd, learningRate: 0.02}")
        OptimizerSettings optimizer,

        @Option(description = "Names of the features that it sees; an empty list is the teacher's", defaultValue = "[]")
        List<String> features) {

    public MemberSettings {
        features = List.copyOf(features);
        Options.check(MemberSettings.class, network, optimizer, features);
    }
}
