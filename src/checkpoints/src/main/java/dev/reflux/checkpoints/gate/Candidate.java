package dev.reflux.checkpoints.gate;

/**
 * The student as it stands when publication is due.
 *
 * @param step training steps taken
 * @param eventsSeen events of the stream so far
 * @param accuracy prequential accuracy over the evaluation window, in 0..1; NaN when no label was seen in it
 * @param drift level at present
 */
public record Candidate(long step, long eventsSeen, double accuracy, DriftLevel drift) {
    public Candidate {
        if (step < 0 || eventsSeen < 0) {
            throw new IllegalArgumentException("step is " + step + " and eventsSeen " + eventsSeen
                    + "; both count something and cannot be negative");
        }
        if (accuracy < 0 || accuracy > 1) {
            throw new IllegalArgumentException(
                    "accuracy is " + accuracy + "; it must be in 0..1, or NaN when it was not measured");
        }
    }
}
