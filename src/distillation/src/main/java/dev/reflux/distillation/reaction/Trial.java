package dev.reflux.distillation.reaction;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;

/**
 * Which of two teachers errs less on the same labelled examples, each before it learned them. Older errors count less, by a
 * factor of {@value #DISCOUNT} per example.
 */
final class Trial {

    /** Labelled examples before one may be called the better. */
    static final long MIN_EXAMPLES = 500;

    private static final double DISCOUNT = 0.998;

    private double errors;
    private double errorsOfAlternative;
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
                errors = errors * DISCOUNT + (Logits.argmax(predicted, row, classes) == label ? 0 : 1);
                errorsOfAlternative =
                        errorsOfAlternative * DISCOUNT + (Logits.argmax(alternative, row, classes) == label ? 0 : 1);
                examples++;
            }
        }
    }

    boolean isAlternativeBetter() {
        return examples >= MIN_EXAMPLES && errorsOfAlternative < errors;
    }

    void write(StateWriter out) {
        out.putDouble(errors).putDouble(errorsOfAlternative).putLong(examples);
    }

    static Trial read(StateReader in) {
        Trial trial = new Trial();
        trial.errors = in.getDouble();
        trial.errorsOfAlternative = in.getDouble();
        trial.examples = in.getLong();
        return trial;
    }
}
