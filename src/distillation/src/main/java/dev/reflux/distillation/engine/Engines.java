package dev.reflux.distillation.engine;

import dev.reflux.distillation.network.Mlp;
import dev.reflux.distillation.network.Network;

/** Builds the engine of a network. */
final class Engines {

    private Engines() {}

    static StepEngine create(ModelSpec spec, Network network, float[] parameters, FlatOptimizer optimizer) {
        return new FusedEngine((Mlp) network, parameters, optimizer);
    }
}
