package dev.reflux.distillation;

import dev.reflux.distillation.loss.LossSpec;
import java.util.List;

/**
 * How a student learns.
 *
 * @param name unique among the students of a pipeline
 * @param losses what it minimises, as a weighted sum
 * @param rowsPerStep rows of a batch that are predicted and then learned together, in stream order
 * @param lossAfter whether {@link Feedback#lossAfter()} is measured
 * @param qualityWindow labelled examples over which its recent quality is measured
 * @param curveWindow events per point of its learning curve; 0 keeps none
 */
public record StudentSpec(
        String name, List<LossSpec> losses, int rowsPerStep, boolean lossAfter, int qualityWindow, long curveWindow) {

    public StudentSpec {
        losses = List.copyOf(losses);
        if (rowsPerStep < 1) {
            throw new IllegalArgumentException("batch.step: " + rowsPerStep + " rows found, must be at least 1");
        }
    }
}
