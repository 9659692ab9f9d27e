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
 * Meta pseudo labels (Pham, Dai, Xie, Le, CVPR 2021): the teacher teaches classes that it draws from what it believes, and
 * is told how much better its students do on the labels after they learned them. Classes that helped become more likely,
 * those that harmed less:
 *
 * <pre>dL/dz_i = w/n * h * (softmax(z_i) - onehot(y_i))        h = (g - mean(g)) / sd(g), in [-3, 3]
 * g = student's mean log loss on the batch's visible labels before it learned the batch, minus that after it</pre>
 *
 * <p>{@code y_i} is the class that was drawn and taught; with soft pseudo labels the expected gradient would be zero. Mean
 * and deviation of {@code g} are moving ones over some {@value #MEMORY} batches: the students get better from the labels
 * alone, and only what a batch adds to the usual counts. Needs batches of which a part is labelled, and a student that is
 * taught by {@code kd}. Noisier than the other policies: not to be used where labels are so few that most batches have
 * none, since those teach nothing.
 */
public final class MetaPseudoLabels implements FeedbackPolicy {

    private static final String SECTION = "feedback-meta";
    private static final int VERSION = 1;
    private static final int MEMORY = 50;
    private static final double LARGEST = 3;

    private final double weight;
    private final int classes;
    private double mean;
    private double variance;
    private long measured;
    private double advantage;

    /** @param weight of the pseudo labels beside the teacher's label loss, above 0 */
    public MetaPseudoLabels(double weight, int classes) {
        if (!(weight > 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException("feedback.weight: " + weight + " found, must be above 0 and finite");
        }
        this.weight = weight;
        this.classes = classes;
    }

    @Override
    public void hear(List<Feedback> feedback) {
        double sum = 0;
        int heard = 0;
        for (Feedback one : feedback) {
            double gain = one.lossBefore() - one.lossAfter();
            if (!Double.isNaN(gain)) {
                sum += gain;
                heard++;
            }
        }
        advantage = 0;
        if (heard == 0) {
            return;
        }
        double gain = sum / heard;
        if (measured > 0) {
            double deviation = Math.sqrt(Math.max(variance, 1e-12));
            advantage = Math.max(-LARGEST, Math.min(LARGEST, (gain - mean) / deviation));
        }
        measured++;
        double rate = Math.max(1.0 / measured, 1.0 / MEMORY);
        double distance = gain - mean;
        mean += rate * distance;
        variance += rate * (distance * (gain - mean) - variance);
    }

    /** What the last batch's pseudo labels were worth, in deviations from the usual; positive when they helped. */
    public double advantage() {
        return advantage;
    }

    @Override
    public void weigh(Examples examples, float[] weights) {
        Arrays.fill(weights, 0, examples.size(), 1);
    }

    @Override
    public boolean addsGradient() {
        return advantage != 0;
    }

    @Override
    public boolean teachesPseudoLabels() {
        return true;
    }

    @Override
    public boolean needsLossAfter() {
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
        if (pseudoLabels == null) {
            throw new IllegalStateException("the policy meta needs the classes that were taught, and none were given");
        }
        double[] probabilities = new double[classes];
        double scale = weight * advantage / (to - from);
        for (int row = from; row < to; row++) {
            if (pseudoLabels[row] < 0) {
                continue;
            }
            Logits.softmax(logits, row, 1, probabilities);
            for (int c = 0; c < classes; c++) {
                double drawn = c == pseudoLabels[row] ? 1 : 0;
                gradient[row * classes + c] += (float) (scale * (probabilities[c] - drawn));
            }
        }
    }

    @Override
    public void write(StateWriter out) {
        out.section(
                SECTION,
                VERSION,
                section -> section.putDouble(mean)
                        .putDouble(variance)
                        .putLong(measured)
                        .putDouble(advantage));
    }

    @Override
    public void read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        mean = section.getDouble();
        variance = section.getDouble();
        measured = section.getLong();
        advantage = section.getDouble();
    }
}
