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
        /** Each student weighs the members by its own gradients (AE-KD); what the committee itself predicts is the mean. */
        GRADIENT
    }

    /**
     * Combines what the members predicted before they learned the examples. Labels must not be used. A member counts for the
     * rows of which it says something; where none does, nothing is said.
     *
     * @param members one per member, {@code [size, classes]} logits
     * @param combined receives logits: logarithms of probabilities
     */
    void predict(List<Outputs> members, int size, float[] combined);

    /**
     * Combines what the members teach. Called after {@link #predict} for the same batch.
     *
     * @param predicted one per member, as before
     * @param taught one per member: what is to be combined
     * @param combined receives logits: logarithms of probabilities
     */
    void teach(Examples examples, List<Outputs> predicted, List<Outputs> taught, float[] combined);

    void write(StateWriter out);

    void read(StateReader in);

    /** A combination of a kind for so many members. */
    static Combination of(Kind kind, int members, int classes) {
        return switch (kind) {
            case MEAN, GRADIENT -> new MeanCombination(classes);
            case CONFIDENCE -> new ConfidenceCombination(members, classes);
        };
    }
}
