package dev.reflux.distillation.committee;

import dev.reflux.distillation.LearningSpec;

/**
 * How one of the networks that are the teacher learns.
 *
 * @param learning how it takes its steps
 * @param average rate of the moving average of its parameters, which is a member of its own; 0 keeps none
 */
public record MemberSpec(LearningSpec learning, double average) {
    public MemberSpec {
        if (!(average >= 0 && average < 1)) {
            throw new IllegalArgumentException("teacher.members.average: " + average + " found, must be in [0, 1)");
        }
    }
}
