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

    /** Whether the value is a number of the range. */
    boolean allows(double value) {
        if (range.isEmpty()) {
            return true;
        }
        int comma = range.indexOf(',');
        double low = bound(range.substring(1, comma));
        double high = bound(range.substring(comma + 1, range.length() - 1));
        return (value > low || (value == low && range.startsWith("[")))
                && (value < high || (value == high && range.endsWith("]")));
    }

    private static double bound(String text) {
        return switch (text.strip()) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
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
