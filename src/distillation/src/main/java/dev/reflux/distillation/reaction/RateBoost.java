package dev.reflux.distillation.reaction;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;

/** Another learning rate for some batches after an alarm; one that comes within them begins them anew. */
final class RateBoost {

    private final ReactionSpec spec;
    private int left;

    RateBoost(ReactionSpec spec) {
        this.spec = spec;
    }

    void begin() {
        left = spec.rateBatches();
    }

    void countBatch() {
        left = Math.max(0, left - 1);
    }

    double factor() {
        return left > 0 ? spec.rateFactor() : 1;
    }

    void write(StateWriter out) {
        out.putInt(left);
    }

    void read(StateReader in) {
        left = Math.min(in.getInt(), spec.rateBatches());
    }
}
