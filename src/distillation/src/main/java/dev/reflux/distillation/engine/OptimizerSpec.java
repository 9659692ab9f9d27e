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
