package dev.reflux.distillation.loss;

import java.util.List;

/**
 * A loss that a pipeline file can name: each loss class has one, and {@link Losses} lists them.
 *
 * @param name in {@code distillation.losses}
 * @param options beside the weight
 * @param leastRows rows that a step must have for the loss to say anything: a relation needs at least two
 */
public record LossType(String name, List<LossOption> options, int leastRows, Factory factory) {

    /** Makes the loss. */
    @FunctionalInterface
    public interface Factory {
        Loss create(LossSettings settings);
    }

    public LossType {
        options = List.copyOf(options);
    }

    /** A loss that says something of each row by itself. */
    public static LossType of(String name, Factory factory, LossOption... options) {
        return new LossType(name, List.of(options), 1, factory);
    }

    /** A loss on the relations between the rows of a step. */
    public static LossType ofRelations(String name, int leastRows, Factory factory, LossOption... options) {
        return new LossType(name, List.of(options), leastRows, factory);
    }
}
