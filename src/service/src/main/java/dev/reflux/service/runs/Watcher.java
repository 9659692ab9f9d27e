package dev.reflux.service.runs;

import dev.reflux.jobs.metrics.Registries;
import dev.reflux.jobs.pipeline.Pipeline;

/** Someone who looks at a run from outside while it lasts. */
@FunctionalInterface
public interface Watcher {
    /** Nobody looks. */
    Watcher NOBODY = (running, registries) -> () -> {};

    /** Ends the watch; the job is about to be gone. */
    @FunctionalInterface
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Called when brokers are there and the job is about to start.
     *
     * @param running the pipeline as it runs
     * @param registries with its metrics, for as long as the watch lasts
     */
    Watch watch(Pipeline running, Registries registries);
}
