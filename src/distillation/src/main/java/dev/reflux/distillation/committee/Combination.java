package dev.reflux.distillation.committee;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.List;

/** How the members of a committee speak as one teacher. */
public interface Combination {

    /** The ways there are. */
    enum Kind {
        /** The mean of the members' probabilities. */
        MEAN,
        /** Members weighted by how well they know the label of the very example (CA-MKD). */
        CONFIDENCE,
        /** A logarithmic pool whose weights learn from the labels (stacking). */
        STACKED,
        /** Each student weighs the members by its own gradients (AE-KD); what the committee itself predicts is the mean. */
        GRADIENT
    }

    /**
     * Combines what the members say of a batch. A member counts for the rows of which it says something; where none does,
     * nothing is said. Labels must not be used for what is predicted of the rows of their own step, or of earlier ones.
     *
     * @param rowsPerStep rows that belong to one step, in stream order
     * @param predicted one per member, {@code [size, classes]} logits from before it learned the step
     * @param taught one per member: what is to be taught, the same unless it is in hindsight
     * @param before receives logits, logarithms of probabilities, of what the committee predicts
     * @param after receives the same of what it teaches
     */
    void combine(
            Examples examples,
            int rowsPerStep,
            List<Outputs> predicted,
            List<Outputs> taught,
            float[] before,
            float[] after);

    void write(StateWriter out);

    void read(StateReader in);

    /** A combination of a kind for so many members. */
    static Combination of(Kind kind, int members, int classes) {
        return switch (kind) {
            case MEAN, GRADIENT -> new MeanCombination(classes);
            case STACKED -> new StackedCombination(members, classes);
            case CONFIDENCE -> new ConfidenceCombination(members, classes);
        };
    }
}
