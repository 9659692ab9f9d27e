package dev.reflux.distillation.loss;

import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Outputs;
import java.util.Arrays;

/**
 * Distillation by correlation: Huang et al., "Knowledge Distillation from A Stronger Teacher", NeurIPS 2022. The student
 * need not match the teacher's probabilities, only go along with them: across the classes of a row, and across the rows
 * of a step for each class.
 *
 * <pre>L = T^2 * ( beta/n * sum_i (1 - r(q_i, p_i)) + gamma/C * sum_c (1 - r(q_.c, p_.c)) )
 * r is Pearson's correlation;   p_i = softmax(teacher_i / T), q_i = softmax(student_i / T)
 * dr(a, b)/da = (b' / |b'| - r * a' / |a'|) / |a'|      a', b' without their means</pre>
 *
 * <p>Zero where the student's probabilities are a positive affine function of the teacher's. A correlation is left out,
 * as if it were 1, where either side has a standard deviation below {@value #FLAT}: nothing goes along with a constant.
 *
 * <p>The correlation of two numbers is 1 or -1 whatever they are. So with two classes the first part teaches nothing,
 * and the second part needs three rows in a step: not for two classes learned event by event.
 */
public final class DistLoss implements Loss {

    /** Standard deviation of probabilities below which they count as constant. */
    private static final double FLAT = 1e-4;

    static final LossType TYPE = LossType.of(
            "dist",
            DistLoss::new,
            LossOption.number("temperature", "Softens both outputs", "1", "(0, 1000]"),
            LossOption.number("beta", "Factor of the correlation across the classes of an event", "1", "[0, 1000]"),
            LossOption.number("gamma", "Factor of the correlation across the events of a step", "1", "[0, 1000]"));

    private final double temperature;
    private final double beta;
    private final double gamma;
    private final double[] row;
    /** {@code [taught rows, classes]} each. */
    private double[] teacher = {};

    private double[] student = {};
    private double[] slope = {};

    DistLoss(LossSettings settings) {
        this.temperature = settings.number("temperature");
        this.beta = settings.number("beta");
        this.gamma = settings.number("gamma");
        this.row = new double[settings.classes()];
    }

    @Override
    public double addGradient(LossInput input, double weight, Outputs gradient) {
        Lesson lesson = input.requireLesson(TYPE.name());
        int rows = input.taught();
        if (rows == 0) {
            return 0;
        }
        int classes = input.classes();
        soften(input, lesson, rows * classes);
        double loss = 0;
        for (int i = 0; i < rows; i++) {
            loss += decorrelation(i * classes, 1, classes, beta / rows);
        }
        for (int c = 0; c < classes; c++) {
            loss += decorrelation(c, classes, rows, gamma / classes);
        }
        double scale = weight * temperature;
        int at = 0;
        for (int i = input.from(); i < input.to(); i++) {
            if (lesson.teaches(i)) {
                double mean = Vectors.dot(student, at, slope, at, classes);
                for (int c = 0; c < classes; c++) {
                    double change = student[at + c] * (slope[at + c] - mean);
                    gradient.logits()[i * classes + c] += (float) (scale * change);
                }
                at += classes;
            }
        }
        return temperature * temperature * loss;
    }

    private void soften(LossInput input, Lesson lesson, int size) {
        if (student.length < size) {
            teacher = new double[size];
            student = new double[size];
            slope = new double[size];
        }
        Arrays.fill(slope, 0, size, 0);
        int at = 0;
        for (int i = input.from(); i < input.to(); i++) {
            if (lesson.teaches(i)) {
                Logits.softmax(lesson.softLabels(), i, temperature, row);
                System.arraycopy(row, 0, teacher, at, row.length);
                Logits.softmax(input.logits(), i, temperature, row);
                System.arraycopy(row, 0, student, at, row.length);
                at += row.length;
            }
        }
    }

    /** {@code factor} times one minus the correlation of two runs; adds its derivative to {@link #slope}. */
    private double decorrelation(int from, int stride, int count, double factor) {
        int to = from + count * stride;
        double studentMean = 0;
        double teacherMean = 0;
        for (int i = from; i < to; i += stride) {
            studentMean += student[i] / count;
            teacherMean += teacher[i] / count;
        }
        double studentSquares = 0;
        double teacherSquares = 0;
        double product = 0;
        for (int i = from; i < to; i += stride) {
            double own = student[i] - studentMean;
            double other = teacher[i] - teacherMean;
            studentSquares += own * own;
            teacherSquares += other * other;
            product += own * other;
        }
        if (Math.min(studentSquares, teacherSquares) < count * FLAT * FLAT) {
            return 0;
        }
        double lengths = Math.sqrt(studentSquares) * Math.sqrt(teacherSquares);
        double correlation = product / lengths;
        for (int i = from; i < to; i += stride) {
            slope[i] -= factor
                    * ((teacher[i] - teacherMean) / lengths
                            - correlation * (student[i] - studentMean) / studentSquares);
        }
        return factor * (1 - correlation);
    }
}
