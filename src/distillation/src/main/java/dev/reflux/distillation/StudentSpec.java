package dev.reflux.distillation;

import dev.reflux.distillation.adversarial.AdversarialSpec;
import dev.reflux.distillation.candidates.Way;
import dev.reflux.distillation.exits.SelfDistillationSpec;
import dev.reflux.distillation.loss.LossSpec;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a student learns.
 *
 * @param name unique among the students of a pipeline
 * @param losses what it minimises, as a weighted sum
 * @param self how the exits of its network teach each other; null when a teacher does, and {@code losses} hold
 * @param learning how it takes its steps
 * @param adversarial which moved examples it learns too
 * @param candidates the ways in which it learns at once, the most trusted first; the best of them is served. One that teaches
 *     itself learns in one way
 * @param control whether one that learns from labels only is measured beside it
 * @param lossAfter whether {@link Feedback#lossAfter()} is measured
 * @param qualityWindow labelled examples over which its recent quality is measured
 * @param curveWindow events per point of its learning curve; 0 keeps none
 */
public record StudentSpec(
        String name,
        List<LossSpec> losses,
        @Nullable SelfDistillationSpec self,
        LearningSpec learning,
        AdversarialSpec adversarial,
        List<Way> candidates,
        boolean control,
        boolean lossAfter,
        int qualityWindow,
        long curveWindow) {

    public StudentSpec {
        losses = List.copyOf(losses);
        candidates = List.copyOf(candidates);
        if (candidates.isEmpty() || Set.copyOf(candidates).size() < candidates.size()) {
            throw new IllegalArgumentException(
                    "students.candidates: " + candidates + " found; name at least one, and each once");
        }
    }

    /** One step on each group of rows, as they are, in one way and without a control. */
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
                null,
                LearningSpec.steps(rowsPerStep),
                AdversarialSpec.NONE,
                List.of(Way.DISTILLED),
                false,
                lossAfter,
                qualityWindow,
                curveWindow);
    }
}
