package dev.reflux.distillation.external;

import dev.reflux.distillation.Outputs;
import java.util.Arrays;

/** What a teacher from elsewhere gives for the classes of an example, and how that becomes logits. */
public enum Answer {
    /** Numbers whose softmax are the probabilities; minus infinity for a class that cannot be. */
    LOGITS,
    /** Shares of 1. Their logarithms are the logits. */
    PROBABILITIES;

    /** Stands for a probability of 0, which has no logarithm: the step from one float to the next at 1. */
    public static final double LEAST_PROBABILITY = 0x1p-23;

    private static final double SUM_TOLERANCE = 0.05;

    /**
     * Writes answers to rows {@code from} to {@code to} of a batch. About an example with an answer that is NaN or infinite
     * (minus infinity among logits apart) the teacher says nothing: its row becomes NaN.
     *
     * @param answers {@code [to - from, classes]}
     * @param outputs of the whole batch
     * @throws IllegalArgumentException when layers are asked for: a teacher from elsewhere shows its logits alone
     * @throws IllegalStateException when probabilities are negative, or sum to something further than 0.05 from 1
     */
    public void write(float[] answers, int from, int to, Outputs outputs) {
        if (!outputs.layers().isEmpty()) {
            throw new IllegalArgumentException("layers " + outputs.layers()
                    + " asked for, a teacher from elsewhere shows its logits alone; use losses that learn from logits");
        }
        int classes = outputs.classes();
        for (int row = from; row < to; row++) {
            int at = (row - from) * classes;
            int target = row * classes;
            boolean says =
                    switch (this) {
                        case LOGITS -> writeLogits(answers, at, classes, outputs.logits(), target);
                        case PROBABILITIES -> writeProbabilities(answers, at, classes, outputs.logits(), target);
                    };
            if (!says) {
                Arrays.fill(outputs.logits(), target, target + classes, Float.NaN);
            }
        }
    }

    private static boolean writeLogits(float[] answers, int at, int classes, float[] logits, int target) {
        float greatest = Float.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            // Math.max keeps a NaN
            greatest = Math.max(greatest, answers[at + c]);
        }
        float least = greatest + (float) Math.log(LEAST_PROBABILITY);
        for (int c = 0; c < classes; c++) {
            float answer = answers[at + c];
            logits[target + c] = answer == Float.NEGATIVE_INFINITY ? least : answer;
        }
        return Float.isFinite(greatest);
    }

    private static boolean writeProbabilities(float[] answers, int at, int classes, float[] logits, int target) {
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            float answer = answers[at + c];
            if (!Float.isFinite(answer)) {
                return false;
            }
            if (answer < 0) {
                throw noProbabilities(Float.toString(answer));
            }
            sum += answer;
            logits[target + c] = (float) Math.log(Math.max(answer, LEAST_PROBABILITY));
        }
        if (Math.abs(sum - 1) > SUM_TOLERANCE) {
            throw noProbabilities("a sum of " + (float) sum);
        }
        return true;
    }

    private static IllegalStateException noProbabilities(String found) {
        return new IllegalStateException("the teacher's probabilities: " + found
                + " found, they are not negative and sum to 1 within " + SUM_TOLERANCE
                + "; if these are logits, declare them so");
    }
}
