package dev.reflux.distillation.committee;

import dev.reflux.distillation.Logits;
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
     * Writes {@code ln ( sum_k w_k softmax(member_k[row]) / sum_k w_k )} to the row, of the members that say something of
     * it; NaN where none of a weight above 0 does.
     *
     * @param members logits of each, {@code [size, classes]}
     * @param weights one per member, not negative
     */
    void mix(List<float[]> members, int row, double[] weights, float[] combined) {
        Arrays.fill(sum, 0);
        double total = 0;
        for (int k = 0; k < weights.length; k++) {
            if (Logits.speak(members.get(k), row, classes)) {
                Logits.softmax(members.get(k), row, 1, probabilities);
                for (int c = 0; c < classes; c++) {
                    sum[c] += weights[k] * probabilities[c];
                }
                total += weights[k];
            }
        }
        for (int c = 0; c < classes; c++) {
            combined[row * classes + c] = total == 0 ? Float.NaN : (float) Math.log(sum[c] / total + FLOOR);
        }
    }
}
