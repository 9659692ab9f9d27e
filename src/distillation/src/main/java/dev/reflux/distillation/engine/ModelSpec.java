package dev.reflux.distillation.engine;

import dev.reflux.distillation.network.NetworkSpec;
import java.util.List;

/**
 * What a {@link Model} is made of.
 *
 * @param rowsPerStep rows that a step usually has; with it {@link EngineChoice#AUTO} chooses, nothing else depends on it
 * @param layers names of the layers whose outputs are seen and taught, as {@link
 *     dev.reflux.distillation.network.Network#layer} knows them
 */
public record ModelSpec(
        NetworkSpec network, OptimizerSpec optimizer, EngineChoice engine, int rowsPerStep, List<String> layers) {
    public ModelSpec {
        layers = List.copyOf(layers);
        if (rowsPerStep < 1) {
            throw new IllegalArgumentException("rowsPerStep: " + rowsPerStep + " found, a step has at least one row");
        }
    }

    /** Only the logits are seen and taught. */
    public ModelSpec(NetworkSpec network, OptimizerSpec optimizer, EngineChoice engine, int rowsPerStep) {
        this(network, optimizer, engine, rowsPerStep, List.of());
    }
}
