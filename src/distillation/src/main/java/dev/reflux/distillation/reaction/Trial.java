package dev.reflux.distillation.reaction;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;

/**
 * Which of two teachers errs less on the same labelled examples, each before it learned them: among the examples that only one
 * of them got right, {@code z = (a - t) / sqrt(a + t)} (McNemar 1947), older ones counting less by a factor of {@value #DISCOUNT}
 * per labelled example.
 */
final class Trial {

    /** Labelled examples before one may be called the better. */
    static final long MIN_EXAMPLES = 500;

    private static final double DISCOUNT = 0.998;

    /** Standard deviations. */
    private static final double CLEARLY = 3;

    private double onlyTeacherRight;
    private double onlyAlternativeRight;
    private long examples;

    /**
     * Takes in a batch.
     *
     * @param predicted {@code [size, classes]}: logits of the teacher
     * @param alternative the same of the other one
     */
    void add(Examples batch, float[] predicted, float[] alternative, int classes) {
        for (int row = 0; row < batch.size(); row++) {
            int label = batch.labels().get(row);
            if (label >= 0 && Logits.speak(predicted, row, classes) && Logits.speak(alternative, row, classes)) {
                boolean teacher = Logits.argmax(predicted, row, classes) == label;
                boolean other = Logits.argmax(alternative, row, classes) == label;
                onlyTeacherRight = onlyTeacherRight * DISCOUNT + (teacher && !other ? 1 : 0);
                onlyAlternativeRight = onlyAlternativeRight * DISCOUNT + (other && !teacher ? 1 : 0);
                examples++;
            }
        }
    }

    boolean isAlternativeBetter() {
        double advantage = onlyAlternativeRight - onlyTeacherRight;
        return examples >= MIN_EXAMPLES
                && advantage > 0
                && advantage >= CLEARLY * Math.sqrt(onlyAlternativeRight + onlyTeacherRight);
    }

    void write(StateWriter out) {
        out.putDouble(onlyTeacherRight).putDouble(onlyAlternativeRight).putLong(examples);
    }

    static Trial read(StateReader in) {
        Trial trial = new Trial();
        trial.onlyTeacherRight = in.getDouble();
        trial.onlyAlternativeRight = in.getDouble();
        trial.examples = in.getLong();
        return trial;
    }
}
