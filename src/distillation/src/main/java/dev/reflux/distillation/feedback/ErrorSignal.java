package dev.reflux.distillation.feedback;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.Arrays;
import java.util.List;

/**
 * The teacher spends its steps where its students err. The weight of a label grows with the students' recent error on
 * its class and, once the feedback on its own batch is there, with their error on the very example:
 *
 * <pre>w_i = (1 - a) + a * e_i / mean(e)      e_i = 1 - p_student(y_i), or the recent mean of it over the class y_i</pre>
 *
 * <p>so that weights average 1, and none is above {@value #MAX_WEIGHT}. The idea is that of boosting and of
 * online hard example mining (Shrivastava et al., CVPR 2016). Not to be used where labels are noisy: the hardest
 * examples are then the wrong labels.
 */
public final class ErrorSignal implements FeedbackPolicy {

    private static final String SECTION = "feedback-error-signal";
    private static final int VERSION = 1;
    private static final float MAX_WEIGHT = 4;
    /** Share of the newest batch in the running error of a class: about fifty batches are remembered. */
    private static final float RATE = 0.02f;

    private final float weight;
    private final float[] classError;
    private final double[] probabilities;

    /** @param weight a in the formula, in (0, 1] */
    public ErrorSignal(double weight, int classes) {
        if (!(weight > 0 && weight <= 1)) {
            throw new IllegalArgumentException(
                    "feedback.weight: " + weight + " found, must be above 0 and at most 1 for the policy error-signal");
        }
        this.weight = (float) weight;
        this.classError = new float[classes];
        Arrays.fill(classError, Float.NaN);
        this.probabilities = new double[classes];
    }

    @Override
    public void hear(List<Feedback> feedback) {
        for (int c = 0; c < classError.length; c++) {
            float sum = 0;
            int heard = 0;
            for (Feedback one : feedback) {
                if (!Float.isNaN(one.classError()[c])) {
                    sum += one.classError()[c];
                    heard++;
                }
            }
            if (heard > 0) {
                float error = sum / heard;
                classError[c] = Float.isNaN(classError[c]) ? error : classError[c] + RATE * (error - classError[c]);
            }
        }
    }

    @Override
    public void weigh(Examples examples, float[] weights) {
        for (int row = 0; row < examples.size(); row++) {
            int label = examples.labels().get(row);
            weights[row] = label >= 0 ? classError[label] : Float.NaN;
        }
        normalise(meanKnownClassError(), examples.size(), weights);
    }

    @Override
    public void weigh(Examples examples, List<Feedback> feedback, float[] weights) {
        double sum = 0;
        int labelled = 0;
        for (int row = 0; row < examples.size(); row++) {
            int label = examples.labels().get(row);
            weights[row] = Float.NaN;
            if (label >= 0) {
                float error = 0;
                for (Feedback one : feedback) {
                    Logits.softmax(one.logits(), row, 1, probabilities);
                    error += (float) (1 - probabilities[label]);
                }
                weights[row] = error / feedback.size();
                sum += weights[row];
                labelled++;
            }
        }
        normalise(labelled == 0 ? Float.NaN : (float) (sum / labelled), examples.size(), weights);
    }

    /** Turns errors into weights, in place; what is not known weighs 1. */
    private void normalise(float mean, int size, float[] weights) {
        for (int row = 0; row < size; row++) {
            float error = weights[row];
            boolean known = !Float.isNaN(error) && mean > 1e-6f;
            weights[row] = known ? Math.min(MAX_WEIGHT, 1 - weight + weight * error / mean) : 1;
        }
    }

    private float meanKnownClassError() {
        float sum = 0;
        int known = 0;
        for (float error : classError) {
            if (!Float.isNaN(error)) {
                sum += error;
                known++;
            }
        }
        return known == 0 ? Float.NaN : sum / known;
    }

    @Override
    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> section.putFloats(classError));
    }

    @Override
    public void read(StateReader in) {
        float[] saved = in.section(SECTION, VERSION).getFloats();
        System.arraycopy(saved, 0, classError, 0, classError.length);
    }
}
