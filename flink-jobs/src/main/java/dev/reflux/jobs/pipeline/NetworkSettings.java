package dev.reflux.jobs.pipeline;

import dev.reflux.distillation.network.Activation;
import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import dev.reflux.jobs.pipeline.options.Variant;
import java.util.List;

/** Which network to build. */
public sealed interface NetworkSettings {

    /** A multi-layer perceptron. */
    @Variant("mlp")
    record Mlp(
            @Option(
                    description = "Width of each hidden layer; an empty list makes a linear model",
                    defaultValue = "[128, 128]",
                    range = "[1, 65536]")
            List<Integer> hidden,

            @Option(description = "Non-linearity after each hidden layer", defaultValue = "relu")
            Activation activation,

            @Option(description = "Normalise each hidden layer before its activation", defaultValue = "false")
            boolean layerNorm,

            @Option(
                    description = "Add a hidden layer's input to its output where both have the same width",
                    defaultValue = "false")
            boolean residual,

            @Option(
                    description =
                            "Width of the embedding of each category and text column; 0 chooses by the number of codes",
                    defaultValue = "0",
                    range = "[0, 4096]")
            int embedding)
            implements NetworkSettings {
        public Mlp {
            hidden = List.copyOf(hidden);
            Options.check(Mlp.class, hidden, activation, layerNorm, residual, embedding);
        }
    }
}
