package dev.reflux.distillation.loss;

import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Outputs;

/**
 * Knowledge distillation by softened outputs: Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network",
 * 2015. The divergence is summed over the classes and averaged over the rows that the
 * teacher says something about; the factor {@code T^2} keeps the
 * gradient's size when the temperature changes.
 *
 * <pre>L = T^2/n * sum_i KL( p_i || q_i )      p_i = softmax(teacher_i / T), q_i = softmax(student_i / T)
 * dL/dz_i = T/n * (q_i - p_i)</pre>
 *
 * <p>Needs no label. Not to be used with a large weight while the teacher is no better than the student: its errors
 * are learned as well.
 */
public final class KdLoss implements Loss {

    static final LossType TYPE = LossType.of(
            "kd",
            settings -> new KdLoss(settings.number("temperature"), settings.classes()),
            LossOption.number(
                    "temperature",
                    "Softens both outputs; above 1 shows more of how the teacher ranks the wrong classes",
                    "1",
                    "(0, 1000]"));

    private final double temperature;
    private final double[] teacher;
    private final double[] student;

    /** @param temperature above 0; above 1 softens, which shows more of how the teacher ranks the wrong classes */
    public KdLoss(double temperature, int classes) {
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException("losses.kd.temperature: " + temperature
                    + " found, must be above 0; 1 leaves the outputs as they are");
        }
        this.temperature = temperature;
        this.teacher = new double[classes];
        this.student = new double[classes];
    }

    @Override
    public double addGradient(LossInput input, double weight, Outputs gradient) {
        Lesson lesson = input.requireLesson("kd");
        int rows = input.taught();
        if (rows == 0) {
            return 0;
        }
        int classes = input.classes();
        double scale = weight * temperature / rows;
        double divergence = 0;
        for (int row = input.from(); row < input.to(); row++) {
            if (!lesson.teaches(row)) {
                continue;
            }
            Logits.softmax(lesson.softLabels(), row, temperature, teacher);
            Logits.softmax(input.logits(), row, temperature, student);
            for (int c = 0; c < classes; c++) {
                gradient.logits()[row * classes + c] += (float) (scale * (student[c] - teacher[c]));
                if (teacher[c] > 0) {
                    divergence += teacher[c] * Math.log(teacher[c] / Math.max(student[c], 1e-15));
                }
            }
        }
        return temperature * temperature * divergence / rows;
    }
}
