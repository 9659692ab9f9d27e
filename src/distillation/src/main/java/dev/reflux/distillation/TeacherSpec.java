package dev.reflux.distillation;

/**
 * How a teacher teaches.
 *
 * @param moment when it makes its soft labels
 * @param rowsPerStep rows of a batch that are predicted and then learned together, in stream order; a batch that is
 *     smaller is one step
 * @param qualityWindow labelled examples over which its recent quality is measured
 * @param curveWindow events per point of its learning curve; 0 keeps none
 */
public record TeacherSpec(Moment moment, int rowsPerStep, int qualityWindow, long curveWindow) {

    /** When soft labels are made. */
    public enum Moment {
        /** Before the teacher learned the examples: it takes all its steps when the feedback's turn comes. */
        BEFORE,
        /** In hindsight, after its own label step on the examples: better soft labels for the student. */
        AFTER,
        /** Of a teacher that learns nothing any more. */
        FROZEN
    }

    public TeacherSpec {
        if (rowsPerStep < 1) {
            throw new IllegalArgumentException("batch.step: " + rowsPerStep + " rows found, must be at least 1");
        }
    }
}
