package dev.reflux.distillation;

import dev.reflux.distillation.replay.ReplaySpec;

/**
 * How a learner takes its steps.
 *
 * @param rowsPerStep rows of a batch that are predicted and then learned together, in stream order; a batch that is
 *     smaller is one step
 * @param steps optimizer steps on each group of rows
 * @param warmUp examples over which the learning rate rises linearly from 0; 0 begins at the full rate
 * @param replay which past examples are learned again
 */
public record LearningSpec(int rowsPerStep, int steps, long warmUp, ReplaySpec replay) {

    public LearningSpec {
        if (rowsPerStep < 1) {
            throw new IllegalArgumentException("batch.step: " + rowsPerStep + " rows found, must be at least 1");
        }
        if (steps < 1) {
            throw new IllegalArgumentException("steps: " + steps + " found, must be at least 1");
        }
        if (warmUp < 0) {
            throw new IllegalArgumentException("warmUp: " + warmUp + " found, must not be negative");
        }
    }

    /** One step on each group of rows, and nothing else. */
    public static LearningSpec steps(int rowsPerStep) {
        return new LearningSpec(rowsPerStep, 1, 0, ReplaySpec.NONE);
    }

    /** The same with another replay. */
    public LearningSpec with(ReplaySpec other) {
        return new LearningSpec(rowsPerStep, steps, warmUp, other);
    }

    /** Factor on the learning rate after so many examples. */
    public double rateScale(long seen) {
        return seen >= warmUp ? 1 : (seen + 1.0) / (warmUp + 1.0);
    }
}
