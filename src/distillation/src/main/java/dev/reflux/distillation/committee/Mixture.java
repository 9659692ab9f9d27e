package dev.reflux.distillation.committee;

import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Outputs;
import java.util.Arrays;
import java.util.List;

/** Weighted means of the members' probabilities. */
final class Mixture {

    /** Added to a probability before its logarithm, which stays finite. */
    private static final double FLOOR = 1e-12;

    private final int classes;
    private final double[] probabilities;
    private final double[] sum;

    Mixture(int classes) {
        this.classes = classes;
        this.probabilities = new double[classes];
        this.sum = new double[classes];
    }

    /**
     * Writes {@code ln sum_k w_k softmax(member_k[row])} to the row.
     *
     * @param weights one per member, adding up to 1
     */
    void mix(List<Outputs> members, int row, double[] weights, float[] combined) {
        Arrays.fill(sum, 0);
        for (int k = 0; k < weights.length; k++) {
            Logits.softmax(members.get(k).logits(), row, 1, probabilities);
            for (int c = 0; c < classes; c++) {
                sum[c] += weights[k] * probabilities[c];
            }
        }
        for (int c = 0; c < classes; c++) {
            combined[row * classes + c] = (float) Math.log(sum[c] + FLOOR);
        }
    }
}
