package dev.reflux.distillation;

/** Arithmetic on rows of row-major {@code [rows, classes]} logits. */
public final class Logits {

    /** Cap of one example's log loss, in nats: {@code -ln(1e-15)}, the usual clipping of a probability of zero. */
    public static final double MAX_LOG_LOSS = 34.538776394910684;

    private Logits() {}

    /** Writes {@code softmax(logits[row] / temperature)} into {@code probabilities}, of length {@code classes}. */
    public static void softmax(float[] logits, int row, double temperature, double[] probabilities) {
        int classes = probabilities.length;
        int start = row * classes;
        double max = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            max = Math.max(max, logits[start + c]);
        }
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            double e = Math.exp((logits[start + c] - max) / temperature);
            probabilities[c] = e;
            sum += e;
        }
        for (int c = 0; c < classes; c++) {
            probabilities[c] /= sum;
        }
    }

    /** Whether a row says anything; one that does not is NaN throughout. */
    public static boolean speak(float[] logits, int row, int classes) {
        return !Float.isNaN(logits[row * classes]);
    }

    /** The class of the greatest logit of a row, the first of equals. */
    public static int argmax(float[] logits, int row, int classes) {
        int start = row * classes;
        int best = 0;
        for (int c = 1; c < classes; c++) {
            if (logits[start + c] > logits[start + best]) {
                best = c;
            }
        }
        return best;
    }

    /** {@code -ln(softmax(logits[row])[label])} in nats, at most {@link #MAX_LOG_LOSS}. */
    public static double logLoss(float[] logits, int row, int classes, int label) {
        int start = row * classes;
        double max = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            max = Math.max(max, logits[start + c]);
        }
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp(logits[start + c] - max);
        }
        return Math.min(MAX_LOG_LOSS, Math.log(sum) + max - logits[start + label]);
    }
}
