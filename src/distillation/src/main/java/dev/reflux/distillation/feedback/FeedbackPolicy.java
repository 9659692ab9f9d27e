package dev.reflux.distillation.feedback;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.List;

/**
 * What the teacher does with its students' feedback. A policy can weigh the labels of the teacher's own steps, add a
 * gradient of its own, or both.
 */
public interface FeedbackPolicy {

    /** Takes in the feedback on one batch, in the order of the batches. One entry per student. */
    void hear(List<Feedback> feedback);

    /**
     * Weighs the visible labels of a batch whose feedback is not known yet, by what was heard of earlier ones.
     *
     * @param weights {@code [size]}, set for every row
     */
    void weigh(Examples examples, float[] weights);

    /**
     * Weighs the visible labels of the batch whose feedback this is; heard before.
     *
     * @param weights {@code [size]}, set for every row
     */
    default void weigh(Examples examples, List<Feedback> feedback, float[] weights) {
        weigh(examples, weights);
    }

    /** Whether {@link #addGradient} ever adds anything, so that the teacher takes a step for it. */
    boolean addsGradient();

    /**
     * Adds the policy's gradient with respect to the teacher's logits for rows {@code from} to {@code to}.
     *
     * @param logits {@code [size, classes]}: the teacher's
     * @param gradient {@code [size, classes]}
     */
    void addGradient(int from, int to, float[] logits, List<Feedback> feedback, float[] gradient);

    /** Whether it reads {@link Feedback#lossAfter()}, which costs the student one more prediction of each batch. */
    default boolean needsLossAfter() {
        return false;
    }

    void write(StateWriter out);

    void read(StateReader in);
}
