package dev.reflux.distillation.loss;

import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.network.FeatureLayer;
import java.util.Arrays;

/**
 * A loss on how the rows of a step lie to each other in a layer of the student and of the teacher; the layers can differ
 * in width. Its cost is quadratic in the rows, so a step of more than {@value #MOST_ROWS} taught rows is cut into runs
 * of equal length, each compared within itself, and the loss is their mean. A step with too few taught rows for a
 * relation adds nothing.
 */
abstract class RelationLoss implements Loss {

    private static final int MOST_ROWS = 512;

    private final LossType type;
    private final FeatureLayer studentLayer;
    private final FeatureLayer teacherLayer;
    private final int studentWidth;
    private final int teacherWidth;
    private int[] rows = {};

    RelationLoss(LossType type, LossSettings settings) {
        this.type = type;
        this.studentLayer = settings.studentLayer("student");
        this.teacherLayer = settings.teacherLayer("teacher");
        this.studentWidth = studentLayer.width();
        this.teacherWidth = teacherLayer.width();
    }

    /**
     * Rows of a layer's outputs.
     *
     * @param values {@code [size, width]}
     * @param rows indices of the rows to compare
     */
    record Rows(float[] values, int width, int[] rows) {

        int count() {
            return rows.length;
        }

        /** Index of the first value of the {@code i}-th row. */
        int at(int i) {
            return rows[i] * width;
        }
    }

    /**
     * Adds the gradient for the student's rows.
     *
     * @param target like {@code student.values()}
     * @return the loss, not weighted
     */
    abstract double relate(Rows student, Rows teacher, double weight, float[] target);

    @Override
    public final double addGradient(LossInput input, double weight, Outputs gradient) {
        Lesson lesson = input.requireLesson(type.name());
        int count = gather(input, lesson);
        if (count < type.leastRows()) {
            return 0;
        }
        float[] student = input.outputs().features(studentLayer.name());
        float[] teacher = lesson.features(teacherLayer.name());
        float[] target = gradient.features(studentLayer.name());
        int runs = (count + MOST_ROWS - 1) / MOST_ROWS;
        double loss = 0;
        for (int run = 0; run < runs; run++) {
            int[] part = Arrays.copyOfRange(
                    rows, (int) ((long) count * run / runs), (int) ((long) count * (run + 1) / runs));
            loss += relate(
                    new Rows(student, studentWidth, part),
                    new Rows(teacher, teacherWidth, part),
                    weight / runs,
                    target);
        }
        return loss / runs;
    }

    private int gather(LossInput input, Lesson lesson) {
        if (rows.length < input.rows()) {
            rows = new int[input.rows()];
        }
        int count = 0;
        for (int row = input.from(); row < input.to(); row++) {
            if (lesson.teaches(row)) {
                rows[count++] = row;
            }
        }
        return count;
    }

    /** Half the square of a difference up to 1, linear beyond (Huber 1964). */
    static double huber(double difference) {
        double size = Math.abs(difference);
        return size < 1 ? 0.5 * size * size : size - 0.5;
    }

    static double huberSlope(double difference) {
        return Math.max(-1, Math.min(1, difference));
    }
}
