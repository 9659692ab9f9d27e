package dev.reflux.distillation.loss;

import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.Arrays;

/**
 * Knowledge distillation by softened outputs: Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network",
 * 2015. The divergence is summed over the classes and averaged over the rows that the
 * teacher says something about; the factor {@code T^2} keeps the
 * gradient's size when the temperature changes.
 *
 * <pre>L = T^2/n * sum_i KL( p_i || q_i )      p_i = softmax(teacher_i / T), q_i = softmax(student_i / T)
 * dL/dz_i = T/n * (q_i - p_i)</pre>
 *
 * <p>Two things are made for streams with few labels. What the teacher says can be sharpened first ({@code
 * teacherTemperature} below 1): a student that copies probabilities also copies doubts that more labels would have
 * settled. And an event without a label can count for more or less than one with ({@code unlabelled}), by the teacher's
 * confidence {@code m_i = (max p_i - 1/C) / (1 - 1/C)} in it: weight {@code unlabelled * m_i^confidence}.
 *
 * <p>The temperature can move along a line from a first to a last value over a number of events: softer outputs at
 * first, sharper ones once the student can follow them (annealing, Jafari et al., EACL 2021).
 *
 * <p>Needs no label. Not to be used with a large weight while the teacher is no better than the student: its errors
 * are learned as well.
 */
public final class KdLoss implements Loss {

    private static final int VERSION = 1;

    static final LossType TYPE = LossType.of(
            "kd",
            KdLoss::new,
            LossOption.number(
                    "temperature",
                    "Softens both outputs; above 1 shows more of how the teacher ranks the wrong classes",
                    "1",
                    "(0, 1000]"),
            LossOption.number(
                    "finalTemperature",
                    "Temperature after temperatureEvents, reached along a line; 0 keeps the first",
                    "0",
                    "[0, 1000]"),
            LossOption.number(
                    "temperatureEvents",
                    "Events that it takes from temperature to finalTemperature; 0 keeps the first",
                    "0",
                    "[0, 1e15]"),
            LossOption.number(
                    "teacherTemperature",
                    "Softens what the teacher says before all else, or sharpens it, below 1",
                    "1",
                    "(0, 1000]"),
            LossOption.number(
                    "unlabelled",
                    "Factor on the weight of events without a label, where the teacher is all there is to learn from",
                    "1",
                    "[0, 1000]"),
            LossOption.number(
                    "confidence",
                    "How the weight of events without a label follows the teacher's confidence, from 0 (a guess) to 1: its"
                            + " power; 0 is not at all",
                    "0",
                    "[0, 10]"));

    private final double first;
    private final double last;
    /** Events from first to last temperature; 0 without a schedule. */
    private final double length;

    private final double sharpness;
    private final double unlabelled;
    private final double confidence;
    private final double[] teacher;
    private final double[] student;
    private long events;

    /** @param temperature above 0; above 1 softens, which shows more of how the teacher ranks the wrong classes */
    public KdLoss(double temperature, int classes) {
        this(temperature, temperature, 0, 1, 1, 0, classes);
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException("losses.kd.temperature: " + temperature
                    + " found, must be above 0; 1 leaves the outputs as they are");
        }
    }

    KdLoss(LossSettings settings) {
        this(
                settings.number("temperature"),
                settings.number("finalTemperature"),
                settings.number("temperatureEvents"),
                settings.number("teacherTemperature"),
                settings.number("unlabelled"),
                settings.number("confidence"),
                settings.classes());
        if ((last == 0) != (length == 0)) {
            throw settings.illegal(
                    last == 0 ? "finalTemperature" : "temperatureEvents",
                    "0 found beside " + (last == 0 ? "temperatureEvents " + length : "finalTemperature " + last)
                            + "; give both for a schedule, or neither");
        }
    }

    private KdLoss(
            double first,
            double last,
            double length,
            double sharpness,
            double unlabelled,
            double confidence,
            int classes) {
        this.sharpness = sharpness;
        this.unlabelled = unlabelled;
        this.confidence = confidence;
        this.first = first;
        this.last = last;
        this.length = length;
        this.teacher = new double[classes];
        this.student = new double[classes];
    }

    /** The temperature of the next step. */
    double temperature() {
        return length == 0 ? first : first + (last - first) * Math.min(1, events / length);
    }

    @Override
    public double addGradient(LossInput input, double weight, Outputs gradient) {
        Lesson lesson = input.requireLesson(TYPE.name());
        int rows = input.taught();
        if (rows == 0) {
            return 0;
        }
        int classes = input.classes();
        double temperature = temperature();
        double scale = weight * temperature / rows;
        double divergence = 0;
        for (int row = input.from(); row < input.to(); row++) {
            if (!lesson.teaches(row)) {
                continue;
            }
            Logits.softmax(lesson.softLabels(), row, temperature * sharpness, teacher);
            Logits.softmax(input.logits(), row, temperature, student);
            double share = input.labels().get(row) >= 0 ? 1 : unlabelled * trust();
            for (int c = 0; c < classes; c++) {
                gradient.logits()[row * classes + c] += (float) (scale * share * (student[c] - teacher[c]));
                if (teacher[c] > 0) {
                    divergence += share * teacher[c] * Math.log(teacher[c] / Math.max(student[c], 1e-15));
                }
            }
        }
        events += rows;
        return temperature * temperature * divergence / rows;
    }

    /** The teacher's confidence in the row under way, from 0 for equal probabilities to 1, to its power. */
    private double trust() {
        if (confidence == 0) {
            return 1;
        }
        double guess = 1.0 / teacher.length;
        double margin = Math.max(0, (Arrays.stream(teacher).max().orElse(guess) - guess) / (1 - guess));
        return confidence == 1 ? margin : StrictMath.pow(margin, confidence);
    }

    @Override
    public void write(StateWriter out) {
        out.section("loss-kd", VERSION, body -> body.putLong(events));
    }

    @Override
    public void read(StateReader in) {
        events = in.section("loss-kd", VERSION).getLong();
    }
}
