package dev.reflux.distillation;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;

/**
 * What a student tells its teacher after one batch.
 *
 * @param batch sequence number of the batch
 * @param student name of the student
 * @param logits {@code [size, classes]}: the student's logits before it learned the example
 * @param lossBefore mean log loss on the batch's visible labels before the student learned them, in nats; NaN without
 *     a label
 * @param lossAfter the same after the student learned the batch; NaN without a label, or when no policy asked for it
 * @param classError {@code [classes]}: mean of {@code 1 - p(label)} over the visible labels of each class; NaN for a
 *     class without one
 * @param driftLevel 0 none, 1 warning, 2 drift, as the student's detectors stand after the batch
 */
public record Feedback(
        long batch,
        String student,
        float[] logits,
        double lossBefore,
        double lossAfter,
        float[] classError,
        int driftLevel) {

    private static final String SECTION = "feedback";
    private static final int VERSION = 1;

    public Feedback {
        if (driftLevel < 0 || driftLevel > 2) {
            throw new IllegalArgumentException("driftLevel: " + driftLevel + " found, must be 0, 1 or 2");
        }
    }

    /** The same feedback at another drift level. */
    public Feedback withDriftLevel(int level) {
        return new Feedback(batch, student, logits, lossBefore, lossAfter, classError, level);
    }

    public void write(StateWriter out) {
        out.section(
                SECTION,
                VERSION,
                section -> section.putLong(batch)
                        .putString(student)
                        .putFloats(logits)
                        .putDouble(lossBefore)
                        .putDouble(lossAfter)
                        .putFloats(classError)
                        .putInt(driftLevel));
    }

    public static Feedback read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        return new Feedback(
                section.getLong(),
                section.getString(),
                section.getFloats(),
                section.getDouble(),
                section.getDouble(),
                section.getFloats(),
                section.getInt());
    }
}
