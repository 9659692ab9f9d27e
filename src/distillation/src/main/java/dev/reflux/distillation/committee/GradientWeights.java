package dev.reflux.distillation.committee;

import dev.reflux.distillation.Logits;
import java.util.Arrays;
import java.util.List;

/**
 * Adaptive ensemble distillation (AE-KD: Du et al., NeurIPS 2020): a student looks for the direction in which it comes
 * nearer to all members at once, the multiple-gradient descent direction of Sener and Koltun (2018). With {@code g_k} the
 * gradient of the divergence from member k by the student's logits, over the rows of a step, the weights solve
 *
 * <pre>min_w || sum_k w_k g_k ||^2        sum_k w_k = 1, 0 &lt;= w_k &lt;= C</pre>
 *
 * <p>by projected gradient steps. Since {@code g_k = softmax(z) - p_k}, the weighted gradient is that of the divergence
 * from the mixture {@code sum_k w_k p_k}. Members that disagree cancel each other; one that stands far off does not
 * dominate, as C bounds its weight.
 */
public final class GradientWeights {

    private static final int STEPS = 60;

    private final int classes;
    private final double bound;
    private final double[] student;
    private final double[] member;
    private final Mixture mixture;

    /** @param tolerance how unequal the weights may be: C is {@code (1 + tolerance) / K}, at most 1 */
    public GradientWeights(int members, int classes, double tolerance) {
        this.classes = classes;
        this.bound = Math.min(1, (1 + tolerance) / members);
        this.student = new double[classes];
        this.member = new double[classes];
        this.mixture = new Mixture(classes);
    }

    /**
     * The soft labels of a step for one student.
     *
     * @param logits {@code [size, classes]} of the student
     * @param members {@code [size, classes]} logits of each
     * @param combined receives logits in rows {@code from} to {@code to}
     */
    public void combine(int from, int to, float[] logits, List<float[]> members, float[] combined) {
        double[] weights = weights(from, to, logits, members);
        for (int row = from; row < to; row++) {
            mixture.mix(members, row, weights, combined);
        }
    }

    /** The weights of the members for the rows of a step; the same for all where no row has a word of each. */
    double[] weights(int from, int to, float[] logits, List<float[]> members) {
        double[][] products = products(from, to, logits, members);
        int count = members.size();
        double[] weights = new double[count];
        Arrays.fill(weights, 1.0 / count);
        double trace = 0;
        for (int k = 0; k < count; k++) {
            trace += products[k][k];
        }
        if (trace <= 0) {
            return weights;
        }
        double[] moved = new double[count];
        for (int step = 0; step < STEPS; step++) {
            for (int k = 0; k < count; k++) {
                double slope = 0;
                for (int j = 0; j < count; j++) {
                    slope += products[k][j] * weights[j];
                }
                moved[k] = weights[k] - slope / trace;
            }
            project(moved, weights);
        }
        return weights;
    }

    /** Inner products of the members' gradients, over the rows of which every member says something. */
    private double[][] products(int from, int to, float[] logits, List<float[]> members) {
        int count = members.size();
        double[][] gradients = new double[count][(to - from) * classes];
        for (int row = from; row < to; row++) {
            if (!allSpeak(members, row)) {
                continue;
            }
            Logits.softmax(logits, row, 1, student);
            for (int k = 0; k < count; k++) {
                Logits.softmax(members.get(k), row, 1, member);
                for (int c = 0; c < classes; c++) {
                    gradients[k][(row - from) * classes + c] = student[c] - member[c];
                }
            }
        }
        double[][] products = new double[count][count];
        for (int k = 0; k < count; k++) {
            for (int j = 0; j <= k; j++) {
                double product = 0;
                for (int i = 0; i < gradients[k].length; i++) {
                    product += gradients[k][i] * gradients[j][i];
                }
                products[k][j] = product;
                products[j][k] = product;
            }
        }
        return products;
    }

    private boolean allSpeak(List<float[]> members, int row) {
        for (float[] logits : members) {
            if (!Logits.speak(logits, row, classes)) {
                return false;
            }
        }
        return true;
    }

    /** The nearest weights that add up to 1 and lie in [0, C]: shifted by what bisection finds, and clipped. */
    private void project(double[] point, double[] target) {
        double low = Arrays.stream(point).min().orElse(0) - 1;
        double high = Arrays.stream(point).max().orElse(0);
        for (int i = 0; i < 60; i++) {
            double shift = (low + high) / 2;
            double sum = 0;
            for (int k = 0; k < point.length; k++) {
                target[k] = Math.max(0, Math.min(bound, point[k] - shift));
                sum += target[k];
            }
            if (sum > 1) {
                low = shift;
            } else {
                high = shift;
            }
        }
    }
}
