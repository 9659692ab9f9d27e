package dev.reflux.distillation.committee;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.Arrays;
import java.util.List;

/**
 * A logarithmic opinion pool (Genest and Zidek 1986) whose weights learn, a stacked generalisation (Wolpert 1992) on the
 * stream:
 *
 * <pre>p(c) ~ prod_k p_k(c)^a_k</pre>
 *
 * <p>At each label y the weights take a gradient step on its log loss, scaled by the curvature, and stay above zero:
 *
 * <pre>g_k = ln p_k(y) - E_p[ln p_k]        v = sum_k Var_p[ln p_k]
 * a_k = max(0, a_k + {@value #RATE} g_k / (1 + v))</pre>
 *
 * <p>The weights need not add up to 1: members that err independently make the pool surer than each of them, members that
 * are too sure make it doubt. They start at {@code 1 / K}. Probabilities count as {@value #FLOOR} at least, so that no member
 * can veto a class.
 */
final class StackedCombination implements Combination {

    private static final String SECTION = "stacked";
    private static final int VERSION = 1;
    private static final double RATE = 0.02;
    private static final double FLOOR = 1e-4;

    private final int classes;
    private final double[] weights;
    private final double[] probabilities;
    private final double[] pool;
    /** {@code [members, classes]} of the row under way. */
    private final double[][] logs;

    private final boolean[] speaks;
    private final double[] slopes;
    private int speaking;

    StackedCombination(int members, int classes) {
        this.classes = classes;
        this.weights = new double[members];
        this.probabilities = new double[classes];
        this.pool = new double[classes];
        this.logs = new double[members][classes];
        this.speaks = new boolean[members];
        this.slopes = new double[members];
        Arrays.fill(weights, 1.0 / members);
    }

    @Override
    public void combine(
            Examples examples,
            int rowsPerStep,
            List<Outputs> predicted,
            List<Outputs> taught,
            float[] before,
            float[] after) {
        boolean inHindsight = !predicted.equals(taught);
        for (int from = 0; from < examples.size(); from += rowsPerStep) {
            int to = Math.min(examples.size(), from + rowsPerStep);
            for (int row = from; row < to; row++) {
                pool(predicted, row);
                write(before, row);
                if (inHindsight) {
                    pool(taught, row);
                }
                write(after, row);
            }
            for (int row = from; row < to; row++) {
                int label = examples.labels().get(row);
                if (label >= 0) {
                    pool(predicted, row);
                    learn(label);
                }
            }
        }
    }

    /** Pools what the members say of a row into {@link #pool}, as logarithms of probabilities. */
    private void pool(List<Outputs> members, int row) {
        Arrays.fill(pool, 0);
        speaking = 0;
        for (int k = 0; k < weights.length; k++) {
            speaks[k] = Logits.speak(members.get(k).logits(), row, classes);
            if (speaks[k]) {
                speaking++;
                Logits.softmax(members.get(k).logits(), row, 1, probabilities);
                for (int c = 0; c < classes; c++) {
                    logs[k][c] = Math.log(Math.max(probabilities[c], FLOOR));
                    pool[c] += weights[k] * logs[k][c];
                }
            }
        }
        double greatest = Arrays.stream(pool).max().orElse(0);
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp(pool[c] - greatest);
        }
        double norm = greatest + Math.log(sum);
        for (int c = 0; c < classes; c++) {
            pool[c] -= norm;
        }
    }

    private void write(float[] combined, int row) {
        for (int c = 0; c < classes; c++) {
            combined[row * classes + c] = speaking == 0 ? Float.NaN : (float) pool[c];
        }
    }

    private void learn(int label) {
        double variances = 0;
        for (int k = 0; k < weights.length; k++) {
            double mean = 0;
            double square = 0;
            for (int c = 0; speaks[k] && c < classes; c++) {
                double probability = Math.exp(pool[c]);
                mean += probability * logs[k][c];
                square += probability * logs[k][c] * logs[k][c];
            }
            variances += square - mean * mean;
            slopes[k] = speaks[k] ? logs[k][label] - mean : 0;
        }
        for (int k = 0; k < weights.length; k++) {
            weights[k] = Math.max(0, weights[k] + RATE * slopes[k] / (1 + variances));
        }
    }

    /** The weights by now, one per member. */
    double[] weights() {
        return weights.clone();
    }

    @Override
    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> section.putDoubles(weights));
    }

    @Override
    public void read(StateReader in) {
        double[] saved = in.section(SECTION, VERSION).getDoubles();
        if (saved.length != weights.length) {
            throw new StateException("teacher.members: the state is of " + saved.length
                    + " members and averages, the pipeline has " + weights.length
                    + "; keep their number, or start from new state");
        }
        System.arraycopy(saved, 0, weights, 0, weights.length);
    }
}
