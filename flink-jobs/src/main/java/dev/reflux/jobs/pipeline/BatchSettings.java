package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;

/** Micro-batches: the unit of transport, and the steps of learning within. */
public record BatchSettings(
        @Option(
                description = "Events of a full micro-batch",
                unit = "events",
                defaultValue = "256",
                range = "[1, 65536]")
        int size,

        @Option(
                description =
                        "Longest wait for a batch to fill; off makes batches by count alone, which makes runs repeatable",
                defaultValue = "50ms")
        MaxDelay maxDelay,

        @Option(
                description = "Events predicted and then learned together within a batch: event, a number, or batch",
                defaultValue = "event")
        BatchStep step) {

    public BatchSettings {
        Options.check(BatchSettings.class, size, maxDelay, step);
    }
}
