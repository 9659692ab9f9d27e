package dev.reflux.distillation.loss;

/** A term of what a learner minimises, as a function of its logits. Implementations may keep scratch space. */
public interface Loss {

    /**
     * Adds {@code weight} times the gradient of this loss with respect to the logits of the group's rows.
     *
     * @param gradient {@code [size, classes]}, batch-wide; only the group's rows are touched
     * @return the loss over the group, not weighted, in nats; 0 where it says nothing of the group
     */
    double addGradient(LossInput input, double weight, float[] gradient);
}
