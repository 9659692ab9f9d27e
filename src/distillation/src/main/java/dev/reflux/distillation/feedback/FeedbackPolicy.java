package dev.reflux.distillation.feedback;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /** Whether {@link #addGradient} adds anything for the batch heard last, so that the teacher takes a step for it. */
    default boolean addsGradient() {
        return false;
    }

    /**
     * Whether the teacher teaches a class that it draws from what it believes, in place of its belief; {@link
     * #addGradient} is then told which.
     */
    default boolean teachesPseudoLabels() {
        return false;
    }

    /**
     * Adds the policy's gradient with respect to the logits of one of the teacher's networks for rows {@code from} to
     * {@code to}. Several networks may call it at once.
     *
     * @param logits {@code [size, classes]}: the network's
     * @param pseudoLabels {@code [size]}: the classes that were taught; null unless the policy teaches them
     * @param gradient {@code [size, classes]}
     */
    default void addGradient(
            int from,
            int to,
            float[] logits,
            List<Feedback> feedback,
            int @Nullable [] pseudoLabels,
            float[] gradient) {}

    /** Whether it reads {@link Feedback#lossAfter()}, which costs the student one more prediction of each batch. */
    default boolean needsLossAfter() {
        return false;
    }

    void write(StateWriter out);

    void read(StateReader in);
}
