package dev.reflux.distillation.loss;

import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Outputs;
import java.nio.IntBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One group of rows of a batch, as the losses see it. Rows {@code from} (inclusive) to {@code to} (exclusive) of the
 * batch-wide arrays belong to the group.
 *
 * @param outputs what the learner says
 * @param labels {@code [size]}: the visible labels, -1 where there is none
 * @param lesson what the teacher says; null when nobody teaches
 * @param weights {@code [size]}: weight of each row's label; null for 1 everywhere
 */
public record LossInput(
        int from,
        int to,
        Outputs outputs,
        IntBuffer labels,
        @Nullable Lesson lesson,
        float @Nullable [] weights) {

    /** Number of classes. */
    public int classes() {
        return outputs.classes();
    }

    /** {@code [size, classes]}: the learner's logits. */
    public float[] logits() {
        return outputs.logits();
    }

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

    /** Number of rows of the group that the teacher says something about. */
    public int taught() {
        int taught = 0;
        for (int row = from; lesson != null && row < to; row++) {
            if (lesson.teaches(row)) {
                taught++;
            }
        }
        return taught;
    }

    /**
     * The class that a row counts as: its visible label, or where it has none the one that the teacher holds most likely.
     */
    public int target(int row) {
        int label = labels.get(row);
        return label >= 0 || lesson == null ? label : Logits.argmax(lesson.softLabels(), row, classes());
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
