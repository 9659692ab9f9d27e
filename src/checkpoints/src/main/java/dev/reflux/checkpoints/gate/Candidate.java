package dev.reflux.checkpoints.gate;

import dev.reflux.checkpoints.Manifest;

/**
 * The student as it stands when publication is due.
 *
 * @param step training steps taken
 * @param eventsSeen events of the stream so far
 * @param quality prequential quality over the evaluation window, each event predicted before it was learned
 * @param drift level at present
 */
public record Candidate(long step, long eventsSeen, Manifest.Quality quality, DriftLevel drift) {
    public Candidate {
        if (step < 0 || eventsSeen < 0) {
            throw new IllegalArgumentException("step is " + step + " and eventsSeen " + eventsSeen
                    + "; both count something and cannot be negative");
        }
    }
}
