package dev.reflux.distillation.candidates;

import dev.reflux.distillation.LearningSpec;
import dev.reflux.distillation.StudentSpec;
import dev.reflux.distillation.adversarial.AdversarialSpec;
import dev.reflux.distillation.loss.LossSpec;
import dev.reflux.distillation.replay.ReplaySpec;
import java.util.List;
import java.util.Map;

/** How a candidate for a student learns. */
public enum Way {
    /** As the student's losses have it. */
    DISTILLED,

    /** As {@link #DISTILLED}, and twice as far in a step that has a label: for streams whose labels are alike for a while. */
    BOLD,

    /**
     * As {@link #DISTILLED}, and after each event once more a remembered label; or as the student's own replay has it, where
     * it has one.
     */
    MEMORY,

    /** From the labels only, as if there were no teacher. */
    ALONE;

    /** Labels that {@link #MEMORY} keeps. */
    public static final int REMEMBERED = 2_000;

    private static final ReplaySpec LABELS =
            new ReplaySpec(REMEMBERED, 1, ReplaySpec.Policy.RECENT, 0, ReplaySpec.Relearn.LABELS);

    List<LossSpec> losses(StudentSpec student) {
        return this == ALONE ? List.of(new LossSpec("label", 1, Map.of())) : student.losses();
    }

    AdversarialSpec adversarial(StudentSpec student) {
        return this == ALONE ? AdversarialSpec.NONE : student.adversarial();
    }

    /** How far it goes in a step, relative to the student's learning rate. */
    double rateScale(boolean labelled) {
        return this == BOLD && labelled ? 2 : 1;
    }

    LearningSpec learning(StudentSpec student) {
        LearningSpec own = student.learning();
        return this == MEMORY && !own.replay().isOn() ? own.with(LABELS) : own;
    }
}
