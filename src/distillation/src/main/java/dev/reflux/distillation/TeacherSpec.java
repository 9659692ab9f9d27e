package dev.reflux.distillation;

import dev.reflux.distillation.adversarial.AdversarialSpec;
import dev.reflux.distillation.committee.Combination;

/**
 * How a teacher teaches.
 *
 * @param moment when it makes its soft labels
 * @param learning how its members take their steps
 * @param combination how they speak as one
 * @param adversarial moves of examples that are hard for the teacher, sent along with its lessons; {@link
 *     AdversarialSpec#NONE} sends none
 * @param qualityWindow labelled examples over which its recent quality is measured
 * @param curveWindow events per point of its learning curve; 0 keeps none
 */
public record TeacherSpec(
        Moment moment,
        LearningSpec learning,
        Combination.Kind combination,
        AdversarialSpec adversarial,
        int qualityWindow,
        long curveWindow) {

    /** When soft labels are made. */
    public enum Moment {
        /** Before the teacher learned the examples: it takes all its steps when the feedback's turn comes. */
        BEFORE,
        /** In hindsight, after its own label step on the examples: better soft labels for the student. */
        AFTER,
        /** Of a teacher that learns nothing any more. */
        FROZEN
    }

    /** A teacher of one network, or of several of which each counts the same, that takes one step at a time. */
    public TeacherSpec(Moment moment, int rowsPerStep, int qualityWindow, long curveWindow) {
        this(
                moment,
                LearningSpec.steps(rowsPerStep),
                Combination.Kind.MEAN,
                AdversarialSpec.NONE,
                qualityWindow,
                curveWindow);
    }
}
