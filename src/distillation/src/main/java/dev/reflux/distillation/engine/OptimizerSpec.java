package dev.reflux.distillation.engine;

/** How gradients become parameter changes. */
public sealed interface OptimizerSpec {

    /** Step size; the unit is parameter per gradient. */
    double learningRate();

    /** Largest global L2 norm of the gradient of one step; 0 does not clip (Pascanu et al. 2013). */
    double clipNorm();

    /**
     * Stochastic gradient descent with Polyak momentum: {@code v = momentum * v + g; w -= learningRate * v}.
     *
     * @param momentum in [0, 1); 0 keeps no moments
     */
    record Sgd(double learningRate, double momentum, double clipNorm) implements OptimizerSpec {
        public Sgd {
            requireRate(learningRate, clipNorm);
            requireFraction("momentum", momentum);
        }
    }

    /**
     * Stochastic gradient descent whose rate follows, layer by layer, from the size of what the layer reads, so that one
     * setting fits streams of any number and scale of features, and layers of any width:
     *
     * <pre>rate_l = learningRate / (1 + 4 (m_l q_l)^(1/4))        q_l = mean ||x_l||^2 over the rows of the step</pre>
     *
     * <p>{@code m_l} is the mean of {@code q_l} over the steps so far, over the last {@value #MEMORY} once there were more. A
     * step of {@code rate * delta} on the layer's output moves its answer to the same input by {@code rate * ||x||^2 *
     * delta}; normalised least mean squares (Nagumo and Noda 1967) divides by {@code ||x||^2}, which on streams forgets too
     * little of dense inputs and too much of sparse ones. Here the rate falls with {@code ||x||}, and by the running mean an
     * example of unusual size still counts for more than its neighbours.
     *
     * <p>For networks of dense layers, {@link dev.reflux.distillation.network.Network#sources()}.
     *
     * @param learningRate of a layer whose input is zero
     */
    record Scaled(double learningRate) implements OptimizerSpec {
        /** Steps over which the mean size of a layer's input is taken. */
        public static final int MEMORY = 1000;

        public Scaled {
            requireRate(learningRate, 0);
        }

        @Override
        public double clipNorm() {
            return 0;
        }
    }

    /** Adam with bias correction (Kingma and Ba 2015). */
    record Adam(double learningRate, double beta1, double beta2, double epsilon, double clipNorm)
            implements OptimizerSpec {
        public Adam {
            requireRate(learningRate, clipNorm);
            requireFraction("beta1", beta1);
            requireFraction("beta2", beta2);
            if (!(epsilon > 0)) {
                throw new IllegalArgumentException("epsilon: " + epsilon + " found, must be above 0");
            }
        }
    }

    private static void requireRate(double learningRate, double clipNorm) {
        if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
            throw new IllegalArgumentException("learningRate: " + learningRate + " found, must be above 0 and finite");
        }
        if (!(clipNorm >= 0)) {
            throw new IllegalArgumentException("clipNorm: " + clipNorm + " found, must be 0 (off) or above");
        }
    }

    private static void requireFraction(String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(name + ": " + value + " found, must be in [0, 1)");
        }
    }
}
