package dev.reflux.distillation.loss;

import dev.reflux.distillation.Lesson;
import java.nio.IntBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One group of rows of a batch, as the losses see it. Rows {@code from} (inclusive) to {@code to} (exclusive) of the
 * batch-wide arrays belong to the group.
 *
 * @param logits {@code [size, classes]}: what the learner says
 * @param labels {@code [size]}: the visible labels, -1 where there is none
 * @param lesson what the teacher says; null when nobody teaches
 * @param weights {@code [size]}: weight of each row's label; null for 1 everywhere
 */
public record LossInput(
        int from,
        int to,
        int classes,
        float[] logits,
        IntBuffer labels,
        @Nullable Lesson lesson,
        float @Nullable [] weights) {

    /** Number of rows of the group. */
    public int rows() {
        return to - from;
    }

    /** Number of rows of the group that have a visible label. */
    public int labelled() {
        int labelled = 0;
        for (int row = from; row < to; row++) {
            if (labels.get(row) >= 0) {
                labelled++;
            }
        }
        return labelled;
    }

    /** What the teacher says, for a loss that cannot do without. */
    public Lesson requireLesson(String loss) {
        if (lesson == null) {
            throw new IllegalStateException("loss '" + loss
                    + "' needs a teacher's lesson and none was given: remove the loss or add a teacher");
        }
        return lesson;
    }
}
