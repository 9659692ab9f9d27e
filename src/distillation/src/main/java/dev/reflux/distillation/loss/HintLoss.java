package dev.reflux.distillation.loss;

import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.network.FeatureLayer;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;

/**
 * Hints: Romero et al., "FitNets: Hints for Thin Deep Nets", ICLR 2015. A layer of the student is to hold what a layer of
 * the teacher holds, up to a linear map that is learned with it and is no part of the published student.
 *
 * <pre>L = 1/(n d) * sum_i | s_i W + b - t_i |^2      s_i [student's width], t_i [d, the teacher's width]
 * dL/ds_i = 2/(n d) * W (s_i W + b - t_i)</pre>
 *
 * <p>The map takes a normalised least-mean-squares step (Nagumo and Noda 1967) per step of the student, with half of the
 * rate for the matrix and half for the bias. It converges at any scale of the features, for rates below 2:
 *
 * <pre>W -= rate/2 * sum_i s_i^T (s_i W + b - t_i) / sum_i |s_i|^2      b -= rate/(2 n) * sum_i (s_i W + b - t_i)</pre>
 *
 * <p>Not with a large weight on a student much narrower than the teacher's layer: it then spends its width on what the
 * teacher's head may not even use. Not where the teacher has no layers, such as one whose answers come inside the events.
 */
public final class HintLoss implements Loss {

    private static final int VERSION = 1;

    static final LossType TYPE = LossType.of(
            "hint",
            HintLoss::new,
            LossOption.studentLayer("last"),
            LossOption.teacherLayer("last"),
            LossOption.number(
                    "learningRate",
                    "Step size of the map from the student's to the teacher's layer, relative to the size of its input",
                    "0.1",
                    "(0, 1]"));

    private final FeatureLayer studentLayer;
    private final FeatureLayer teacherLayer;
    private final int width;
    private final double rate;
    private final LinearHead map;
    private final double[] error;

    HintLoss(LossSettings settings) {
        this.studentLayer = settings.studentLayer("student");
        this.teacherLayer = settings.teacherLayer("teacher");
        this.width = studentLayer.width();
        this.rate = settings.number("learningRate");
        this.map = new LinearHead(width, teacherLayer.width(), settings.random());
        this.error = new double[teacherLayer.width()];
    }

    /** From the student's layer to the teacher's. */
    LinearHead map() {
        return map;
    }

    @Override
    public double addGradient(LossInput input, double weight, Outputs gradient) {
        Lesson lesson = input.requireLesson(TYPE.name());
        int rows = input.taught();
        if (rows == 0) {
            return 0;
        }
        float[] student = input.outputs().features(studentLayer.name());
        float[] teacher = lesson.features(teacherLayer.name());
        float[] target = gradient.features(studentLayer.name());
        double scale = weight * 2 / rows / error.length;
        double squares = 0;
        double inputSquares = 0;
        for (int row = input.from(); row < input.to(); row++) {
            if (!lesson.teaches(row)) {
                continue;
            }
            map.apply(student, row * width, error, 0);
            for (int j = 0; j < error.length; j++) {
                error[j] -= teacher[row * error.length + j];
            }
            squares += Vectors.dot(error, 0, error, 0, error.length);
            inputSquares += Vectors.dot(student, row * width, student, row * width, width);
            map.addInputGradient(error, scale, target, row * width);
            map.addGradient(student, row * width, error);
        }
        map.step(inputSquares > 0 ? rate / (2 * inputSquares) : 0, rate / (2 * rows));
        return squares / rows / error.length;
    }

    @Override
    public void write(StateWriter out) {
        out.section("loss-hint", VERSION, map::write);
    }

    @Override
    public void read(StateReader in) {
        map.read(in.section("loss-hint", VERSION));
    }
}
