package dev.reflux.distillation.loss;

import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;

/**
 * A term of what a learner minimises, as a function of its outputs. Implementations may keep scratch space; those that
 * learn something themselves (a regressor between layers, a queue of negatives) take their own step in {@link
 * #addGradient} and have state.
 */
public interface Loss {

    /**
     * Adds {@code weight} times the gradient of this loss with respect to the learner's outputs, for the group's rows.
     *
     * @param gradient batch-wide, with the layers of {@link LossInput#outputs()}; only the group's rows are touched
     * @return the loss over the group, not weighted, in nats or in the unit of its formula; 0 where it says nothing of the
     *     group
     */
    double addGradient(LossInput input, double weight, Outputs gradient);

    /** Writes what the loss has learned or remembers; nothing by default. */
    default void write(StateWriter out) {}

    /** Takes over what {@link #write} wrote. */
    default void read(StateReader in) {}
}
