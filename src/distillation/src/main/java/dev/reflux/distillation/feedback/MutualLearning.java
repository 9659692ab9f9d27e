package dev.reflux.distillation.feedback;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Deep mutual learning (Zhang et al., CVPR 2018): the teacher also learns from its students.
 *
 * <pre>L = w/n * sum_i mean_s KL( student_s,i || teacher_i )      dL/dz_i = w/n * (teacher_i - mean_s student_s,i)</pre>
 *
 * <p>Pulls the two together, which steadies a teacher that has few labels. Not to be used with a large weight when the
 * student is far behind: it then drags the teacher down.
 */
public final class MutualLearning implements FeedbackPolicy {

    private final double weight;
    private final int classes;

    /** @param weight of the divergence beside the teacher's label loss, above 0 */
    public MutualLearning(double weight, int classes) {
        if (!(weight > 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException("feedback.weight: " + weight + " found, must be above 0 and finite");
        }
        this.weight = weight;
        this.classes = classes;
    }

    @Override
    public void hear(List<Feedback> feedback) {}

    @Override
    public void weigh(Examples examples, float[] weights) {
        Arrays.fill(weights, 0, examples.size(), 1);
    }

    @Override
    public boolean addsGradient() {
        return true;
    }

    @Override
    public void addGradient(
            int from,
            int to,
            float[] logits,
            List<Feedback> feedback,
            int @Nullable [] pseudoLabels,
            float[] gradient) {
        double[] teacher = new double[classes];
        double[] student = new double[classes];
        double scale = weight / (to - from);
        double share = scale / feedback.size();
        for (int row = from; row < to; row++) {
            Logits.softmax(logits, row, 1, teacher);
            for (int c = 0; c < classes; c++) {
                gradient[row * classes + c] += (float) (scale * teacher[c]);
            }
            for (Feedback one : feedback) {
                Logits.softmax(one.logits(), row, 1, student);
                for (int c = 0; c < classes; c++) {
                    gradient[row * classes + c] -= (float) (share * student[c]);
                }
            }
        }
    }

    @Override
    public void write(StateWriter out) {
        out.section("feedback-mutual", 1, section -> {});
    }

    @Override
    public void read(StateReader in) {
        in.section("feedback-mutual", 1);
    }
}
