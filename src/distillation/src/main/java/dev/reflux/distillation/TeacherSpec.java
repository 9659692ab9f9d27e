package dev.reflux.distillation;

import dev.reflux.distillation.adversarial.AdversarialSpec;
import dev.reflux.distillation.committee.Combination;
import dev.reflux.distillation.committee.MemberSpec;
import java.util.Collections;
import java.util.List;

/**
 * How a teacher teaches.
 *
 * @param moment when it makes its soft labels
 * @param members how each of its networks learns
 * @param combination how they speak as one
 * @param adversarial moves of examples that are hard for the teacher, sent along with its lessons; {@link
 *     AdversarialSpec#NONE} sends none
 * @param qualityWindow labelled examples over which its recent quality is measured
 * @param curveWindow events per point of its learning curve; 0 keeps none
 */
public record TeacherSpec(
        Moment moment,
        List<MemberSpec> members,
        Combination.Kind combination,
        AdversarialSpec adversarial,
        int qualityWindow,
        long curveWindow) {

    public TeacherSpec {
        members = List.copyOf(members);
        if (members.isEmpty()) {
            throw new IllegalArgumentException("a teacher needs at least one network");
        }
    }

    /** The same for several networks that learn alike. */
    public TeacherSpec withMembers(int count) {
        return new TeacherSpec(
                moment,
                Collections.nCopies(count, members.get(0)),
                combination,
                adversarial,
                qualityWindow,
                curveWindow);
    }

    /** Rows that are predicted and then learned together. */
    public int rowsPerStep() {
        return members.get(0).learning().rowsPerStep();
    }

    /** When soft labels are made. */
    public enum Moment {
        /** Before the teacher learned the examples: it takes all its steps when the feedback's turn comes. */
        BEFORE,
        /** Step by step, before the teacher learned the examples of the step, which it then does at once. */
        STEPWISE,
        /** In hindsight, after its own label step on the examples: better soft labels for the student. */
        AFTER,
        /** Of a teacher that learns nothing any more. */
        FROZEN
    }

    /** A teacher of one network, or of several of which each counts the same, that takes one step at a time. */
    public TeacherSpec(Moment moment, int rowsPerStep, int qualityWindow, long curveWindow) {
        this(
                moment,
                List.of(new MemberSpec(LearningSpec.steps(rowsPerStep), 0)),
                Combination.Kind.MEAN,
                AdversarialSpec.NONE,
                qualityWindow,
                curveWindow);
    }
}
