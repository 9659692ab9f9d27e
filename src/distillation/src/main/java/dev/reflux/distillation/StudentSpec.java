package dev.reflux.distillation;

import dev.reflux.distillation.adversarial.AdversarialSpec;
import dev.reflux.distillation.loss.LossSpec;
import java.util.List;

/**
 * How a student learns.
 *
 * @param name unique among the students of a pipeline
 * @param losses what it minimises, as a weighted sum
 * @param learning how it takes its steps
 * @param adversarial which moved examples it learns too
 * @param lossAfter whether {@link Feedback#lossAfter()} is measured
 * @param qualityWindow labelled examples over which its recent quality is measured
 * @param curveWindow events per point of its learning curve; 0 keeps none
 */
public record StudentSpec(
        String name,
        List<LossSpec> losses,
        LearningSpec learning,
        AdversarialSpec adversarial,
        boolean lossAfter,
        int qualityWindow,
        long curveWindow) {

    public StudentSpec {
        losses = List.copyOf(losses);
    }

    /** One step on each group of rows, as they are. */
    public StudentSpec(
            String name,
            List<LossSpec> losses,
            int rowsPerStep,
            boolean lossAfter,
            int qualityWindow,
            long curveWindow) {
        this(
                name,
                losses,
                LearningSpec.steps(rowsPerStep),
                AdversarialSpec.NONE,
                lossAfter,
                qualityWindow,
                curveWindow);
    }
}
