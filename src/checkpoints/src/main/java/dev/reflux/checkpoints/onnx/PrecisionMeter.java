package dev.reflux.checkpoints.onnx;

import dev.reflux.checkpoints.Manifest.PrecisionLoss;
import java.nio.IntBuffer;

/** Runs a model with fewer bits beside the same one with 32-bit weights, through ONNX Runtime, on labelled events. */
public final class PrecisionMeter implements AutoCloseable {

    private static final double SMALLEST = 1e-15;

    private final OnnxStudent full;
    private final OnnxStudent reduced;
    private final int classes;
    private long events;
    private long lost;
    private double logLoss;
    private double maxDifference;

    /**
     * @throws dev.reflux.checkpoints.CheckpointException {@code BAD_MODEL} when ONNX Runtime does not take one of them
     */
    public PrecisionMeter(byte[] full, byte[] reduced) {
        this.full = new OnnxStudent(full);
        try {
            this.reduced = new OnnxStudent(reduced);
        } catch (RuntimeException e) {
            this.full.close();
            throw e;
        }
        this.classes = this.full.classes().size();
    }

    /**
     * Measures on a batch.
     *
     * @param labels one per row; negative where there is none
     */
    public void add(RawBatch rows, IntBuffer labels) {
        float[] expected = full.score(rows);
        float[] found = reduced.score(rows);
        for (int i = 0; i < expected.length; i++) {
            // Math.max keeps a NaN
            maxDifference = Math.max(maxDifference, Math.abs((double) expected[i] - found[i]));
        }
        for (int row = 0; row < rows.rows(); row++) {
            int label = labels.get(row);
            if (label >= 0) {
                events++;
                lost += (best(expected, row) == label ? 1 : 0) - (best(found, row) == label ? 1 : 0);
                logLoss += logLoss(found, row, label) - logLoss(expected, row, label);
            }
        }
    }

    /** Over all batches so far. */
    public PrecisionLoss loss() {
        return new PrecisionLoss(
                events == 0 ? Double.NaN : (double) lost / events,
                events == 0 ? Double.NaN : logLoss / events,
                Math.min(1, maxDifference),
                events);
    }

    @Override
    public void close() {
        full.close();
        reduced.close();
    }

    private int best(float[] probabilities, int row) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
            if (probabilities[row * classes + c] > probabilities[row * classes + best]) {
                best = c;
            }
        }
        return best;
    }

    private double logLoss(float[] probabilities, int row, int label) {
        return -Math.log(Math.max(SMALLEST, probabilities[row * classes + label]));
    }
}
