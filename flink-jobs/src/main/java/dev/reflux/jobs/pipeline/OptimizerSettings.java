package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import dev.reflux.jobs.pipeline.options.Variant;
import org.jspecify.annotations.Nullable;

/** How gradients become parameter changes. */
public sealed interface OptimizerSettings {

    String CLIP = "Largest global L2 norm of one step's gradient; 0 does not clip";

    /** Whatever Reflux holds best for the network; plain gradient descent where a rate is given. */
    @Variant("auto")
    record Auto(
            @Option(
                    description =
                            "Step size of plain SGD; if none is given, scaled is chosen for dense networks, and for others sgd",
                    range = "(0, 1000]")
            @Nullable
            Double learningRate)
            implements OptimizerSettings {
        public Auto {
            Options.check(Auto.class, learningRate);
        }
    }

    /** Whether everything about the learning is left to Reflux. */
    default boolean isOpen() {
        return this instanceof Auto auto && auto.learningRate() == null;
    }

    /** Stochastic gradient descent whose rate follows, layer by layer, from the size of what the layer reads. */
    @Variant("scaled")
    record Scaled(
            @Option(description = "Step size of a layer whose input is zero", defaultValue = "0.5", range = "(0, 1000]")
            double learningRate)
            implements OptimizerSettings {
        public Scaled {
            Options.check(Scaled.class, learningRate);
        }
    }

    /** Stochastic gradient descent: on drifting streams well ahead of Adam. */
    @Variant("sgd")
    record Sgd(
            @Option(description = "Step size", defaultValue = "0.02", range = "(0, 1000]")
            double learningRate,

            @Option(description = "Polyak momentum; 0 keeps no moments", defaultValue = "0", range = "[0, 1)")
            double momentum,

            @Option(description = CLIP, defaultValue = "0", range = "[0, 1e9]")
            double clipNorm)
            implements OptimizerSettings {
        public Sgd {
            Options.check(Sgd.class, learningRate, momentum, clipNorm);
        }
    }

    /** Adam with bias correction. */
    @Variant("adam")
    record Adam(
            @Option(description = "Step size", defaultValue = "0.001", range = "(0, 1000]")
            double learningRate,

            @Option(description = "Decay of the first moment", defaultValue = "0.9", range = "[0, 1)")
            double beta1,

            @Option(description = "Decay of the second moment", defaultValue = "0.999", range = "[0, 1)")
            double beta2,

            @Option(description = "Added to the root of the second moment", defaultValue = "1e-8", range = "(0, 1]")
            double epsilon,

            @Option(description = CLIP, defaultValue = "0", range = "[0, 1e9]")
            double clipNorm)
            implements OptimizerSettings {
        public Adam {
            Options.check(Adam.class, learningRate, beta1, beta2, epsilon, clipNorm);
        }
    }
}
