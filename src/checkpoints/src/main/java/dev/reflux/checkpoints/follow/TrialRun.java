package dev.reflux.checkpoints.follow;

import dev.reflux.checkpoints.Checkpoint;
import dev.reflux.checkpoints.CheckpointException;
import dev.reflux.checkpoints.CheckpointException.Problem;
import dev.reflux.checkpoints.Manifest;
import dev.reflux.checkpoints.onnx.OnnxStudent;
import dev.reflux.checkpoints.onnx.RawBatch;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Loads a model and lets it score one event of which everything is missing, before anybody depends on it. */
public final class TrialRun {

    private static final double SUM_TOLERANCE = 1e-3;

    private TrialRun() {}

    /**
     * @throws CheckpointException {@code BAD_MODEL} when the model does not load, is not what its manifest says, or gives
     *     no probabilities
     */
    public static OnnxStudent load(Checkpoint checkpoint) {
        OnnxStudent student = new OnnxStudent(checkpoint.model());
        try {
            Manifest manifest = checkpoint.manifest();
            if (!student.inputs().equals(manifest.inputs())
                    || !student.classes().equals(manifest.classes())) {
                throw bad(
                        checkpoint,
                        "takes " + student.inputs() + " and gives " + student.classes() + ", its manifest says "
                                + manifest.inputs() + " and " + manifest.classes(),
                        null);
            }
            double sum = 0;
            for (float probability : student.score(RawBatch.of(student.inputs(), List.of(Map.of())))) {
                sum += probability >= 0 ? probability : Double.NaN;
            }
            if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
                throw bad(checkpoint, "gives probabilities that sum to " + sum, null);
            }
            return student;
        } catch (RuntimeException e) {
            student.close();
            throw e instanceof CheckpointException
                    ? (CheckpointException) e
                    : bad(checkpoint, "cannot score an event of which everything is missing: " + e.getMessage(), e);
        }
    }

    private static CheckpointException bad(Checkpoint checkpoint, String what, @Nullable RuntimeException cause) {
        return new CheckpointException(
                Problem.BAD_MODEL,
                "the model of " + checkpoint.manifest().student() + " step "
                        + checkpoint.manifest().step() + " " + what,
                cause);
    }
}
