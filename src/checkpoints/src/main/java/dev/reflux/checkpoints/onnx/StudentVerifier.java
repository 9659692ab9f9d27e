package dev.reflux.checkpoints.onnx;

import dev.reflux.checkpoints.Manifest.Verification;

/**
 * Compares an exported student with the live one on the same raw rows, through ONNX Runtime, as a consumer would run it.
 */
public final class StudentVerifier {

    /** Above this difference of a probability a student is not published. */
    public static final double VERIFICATION_LIMIT = Verification.LIMIT;

    private StudentVerifier() {}

    /**
     * @param probabilities of the live student, {@code [rows, classes]} row-major
     * @return the largest absolute difference; NaN, which does not pass, when any value is not a number
     * @throws dev.reflux.checkpoints.CheckpointException {@code BAD_MODEL} when ONNX Runtime does not take the model
     * @throws IllegalArgumentException when the sizes do not agree
     */
    public static Verification againstProbabilities(byte[] model, RawBatch rows, float[] probabilities) {
        try (OnnxStudent student = new OnnxStudent(model)) {
            float[] exported = student.score(rows);
            requireLength(probabilities.length, exported.length, rows.rows());
            double max = 0;
            for (int i = 0; i < exported.length; i++) {
                // Math.max keeps a NaN
                max = Math.max(max, Math.abs((double) exported[i] - probabilities[i]));
            }
            return verification(max, rows.rows());
        }
    }

    /**
     * {@link #againstProbabilities} of the softmax of {@code logits}.
     *
     * @param logits of the live student, {@code [rows, classes]} row-major
     */
    public static Verification againstLogits(byte[] model, RawBatch rows, float[] logits) {
        if (rows.rows() == 0) {
            return againstProbabilities(model, rows, logits);
        }
        if (logits.length % rows.rows() != 0) {
            throw new IllegalArgumentException("the live student gave " + logits.length + " logits for " + rows.rows()
                    + " rows; they must be [rows, classes]");
        }
        return againstProbabilities(model, rows, softmax(logits, logits.length / rows.rows()));
    }

    private static float[] softmax(float[] logits, int classes) {
        float[] probabilities = new float[logits.length];
        for (int from = 0; from < logits.length; from += classes) {
            double top = Double.NEGATIVE_INFINITY;
            for (int i = from; i < from + classes; i++) {
                top = Math.max(top, logits[i]);
            }
            double sum = 0;
            for (int i = from; i < from + classes; i++) {
                sum += Math.exp(logits[i] - top);
            }
            for (int i = from; i < from + classes; i++) {
                probabilities[i] = (float) (Math.exp(logits[i] - top) / sum);
            }
        }
        return probabilities;
    }

    private static Verification verification(double max, int rows) {
        return new Verification(max > 1 ? 1 : max, rows);
    }

    private static void requireLength(int live, int exported, int rows) {
        if (live != exported) {
            throw new IllegalArgumentException("the live student gave " + live + " values for " + rows
                    + " rows, the exported one " + exported + "; both must be [rows, classes] of the same student");
        }
    }
}
