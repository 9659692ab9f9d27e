package dev.reflux.jobs.scoring;

import dev.reflux.checkpoints.Checkpoint;
import dev.reflux.checkpoints.CheckpointException;
import dev.reflux.checkpoints.CheckpointException.Problem;
import dev.reflux.checkpoints.Manifest;
import dev.reflux.checkpoints.follow.TrialRun;
import dev.reflux.checkpoints.onnx.OnnxStudent;
import dev.reflux.events.EventSchema;
import dev.reflux.jobs.publish.RawColumns;
import dev.reflux.jobs.records.PredictionJson;
import dev.reflux.jobs.rows.RawRows;

/**
 * A student ready to score the events of a pipeline.
 *
 * @param columns finds what the model takes among the features of the events
 * @param scorer what its predictions say of it
 */
record LoadedStudent(Manifest manifest, OnnxStudent model, RawColumns columns, PredictionJson.Scorer scorer)
        implements AutoCloseable {

    /**
     * @throws CheckpointException {@code BAD_MODEL} when it cannot be loaded, or takes features that the events lack
     */
    static LoadedStudent of(Checkpoint checkpoint, EventSchema schema) {
        Manifest manifest = checkpoint.manifest();
        RawColumns columns;
        try {
            columns = new RawColumns(schema, manifest.inputs());
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(Problem.BAD_MODEL, String.valueOf(e.getMessage()), e);
        }
        return new LoadedStudent(
                manifest,
                TrialRun.load(checkpoint),
                columns,
                PredictionJson.Scorer.of(manifest.student(), manifest.step(), manifest.classes()));
    }

    float[] score(RawRows rows) {
        return model.score(rows.columns(columns));
    }

    @Override
    public void close() {
        model.close();
    }
}
