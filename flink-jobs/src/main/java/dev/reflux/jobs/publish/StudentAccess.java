package dev.reflux.jobs.publish;

import dev.reflux.checkpoints.Acceptance;
import dev.reflux.jobs.pipeline.Pipeline;

/** What those who use a pipeline's students need to know of how it publishes them. */
public final class StudentAccess {

    private StudentAccess() {}

    /** Which records of the pipeline's checkpoints topic are its own. */
    public static Acceptance acceptance(Pipeline pipeline) {
        return Acceptance.of(new FlinkModelStore(pipeline.checkpoints().store()));
    }
}
