package dev.reflux.checkpoints.follow;

import java.util.List;

/**
 * What one student said of the events of one batch.
 *
 * @param student that said it; one for the whole batch
 * @param classes names, in the order of the columns of {@code probabilities}
 * @param probabilities {@code [events, classes]} row-major; rows sum to 1
 */
public record Predictions(FollowedStudent student, List<String> classes, float[] probabilities) {

    /** Number of events. */
    public int size() {
        return probabilities.length / classes.size();
    }

    /** The probability that event {@code row} is of class number {@code column}. */
    public float probability(int row, int column) {
        return probabilities[row * classes.size() + column];
    }

    /** The most probable class of event {@code row}, the first of equals. */
    public String label(int row) {
        return classes.get(best(row));
    }

    /** The probability of {@link #label}. */
    public float confidence(int row) {
        return probability(row, best(row));
    }

    private int best(int row) {
        int best = 0;
        for (int column = 1; column < classes.size(); column++) {
            if (probability(row, column) > probability(row, best)) {
                best = column;
            }
        }
        return best;
    }
}
