package dev.reflux.distillation.candidates;

import dev.reflux.distillation.Logits;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.Arrays;

/**
 * Chooses the candidate that is served: the one with the fewest recent errors on the labels that are visible,
 *
 * <pre>E_k = {@value #DISCOUNT} E_k + [k was wrong]</pre>
 *
 * at every label, each judged on what it said before it learned the label. So a student listens to its teacher as long as
 * that pays, and not where it does not. Errors are counted rather than log losses: candidates that learn sharpened soft
 * labels are too sure of themselves, which costs them nothing as to which class they name.
 *
 * <p>The first candidate starts one error ahead, and wins ties: the order of the candidates is the order of trust.
 */
public final class Choice {

    private static final String SECTION = "choice";
    private static final int VERSION = 1;

    /** What an error counts for at the next label; half of it after 346 labels. */
    private static final double DISCOUNT = 0.998;

    private final int classes;
    private final double[] errors;

    public Choice(int candidates, int classes) {
        this.classes = classes;
        this.errors = new double[candidates];
        Arrays.fill(errors, 1, candidates, 1);
    }

    /** Place of the one that is served. */
    public int served() {
        int best = 0;
        for (int k = 1; k < errors.length; k++) {
            if (errors[k] < errors[best]) {
                best = k;
            }
        }
        return best;
    }

    /** A label has come; each candidate is judged by {@link #answer}. */
    public void label() {
        for (int k = 0; k < errors.length; k++) {
            errors[k] *= DISCOUNT;
        }
    }

    /** What a candidate had said of the example of the last {@link #label}. */
    public void answer(int candidate, float[] logits, int row, int label) {
        if (Logits.argmax(logits, row, classes) != label) {
            errors[candidate]++;
        }
    }

    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> section.putDoubles(errors));
    }

    public void read(StateReader in) {
        double[] saved = in.section(SECTION, VERSION).getDoubles();
        if (saved.length != errors.length) {
            throw new StateException("students.candidates: the state is of " + saved.length
                    + " candidates, the pipeline has " + errors.length + "; keep them, or start from new state");
        }
        System.arraycopy(saved, 0, errors, 0, errors.length);
    }
}
