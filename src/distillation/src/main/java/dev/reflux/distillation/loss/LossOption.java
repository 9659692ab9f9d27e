package dev.reflux.distillation.loss;

/**
 * An option of a loss beside its weight, described where the loss is.
 *
 * @param name its key in the pipeline file
 * @param description what it does, one sentence without a full stop
 * @param defaultValue as it would be written in the file
 * @param range of a number, such as {@code (0, 1000]}; empty for layers
 */
public record LossOption(String name, String description, Kind kind, String defaultValue, String range) {

    /** What its value is. */
    public enum Kind {
        NUMBER,
        /** Name of a layer of the student's network. */
        STUDENT_LAYER,
        /** Name of a layer of the teacher's network. */
        TEACHER_LAYER
    }

    public static LossOption number(String name, String description, String defaultValue, String range) {
        return new LossOption(name, description, Kind.NUMBER, defaultValue, range);
    }

    /** The student's layer that is taught, under the key {@code student}. */
    public static LossOption studentLayer(String defaultValue) {
        return new LossOption(
                "student",
                "Layer of the student: hidden-1 and so on, last (before the head), or logits",
                Kind.STUDENT_LAYER,
                defaultValue,
                "");
    }

    /** The teacher's layer that is learned from, under the key {@code teacher}. */
    public static LossOption teacherLayer(String defaultValue) {
        return new LossOption(
                "teacher",
                "Layer of the teacher: hidden-1 and so on, last (before the head), or logits",
                Kind.TEACHER_LAYER,
                defaultValue,
                "");
    }
}
