package dev.reflux.distillation.engine;

import dev.reflux.distillation.network.NetworkSpec;

/**
 * What a {@link Model} is made of.
 *
 * @param rowsPerStep rows that a step usually has; with it {@link EngineChoice#AUTO} chooses, nothing else depends on it
 */
public record ModelSpec(NetworkSpec network, OptimizerSpec optimizer, EngineChoice engine, int rowsPerStep) {
    public ModelSpec {
        if (rowsPerStep < 1) {
            throw new IllegalArgumentException("rowsPerStep: " + rowsPerStep + " found, a step has at least one row");
        }
    }
}
