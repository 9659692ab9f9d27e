package dev.reflux.distillation.engine;

/**
 * Nanoseconds that a model has spent since it was built, by part of its steps.
 *
 * @param encode raw features to dense rows, running statistics included
 * @param forward logits, predictions included
 * @param backward gradients
 * @param optimizer clipping and parameter changes
 */
public record StepTimes(long encode, long forward, long backward, long optimizer) {

    /** All parts together. */
    public long total() {
        return encode + forward + backward + optimizer;
    }
}
