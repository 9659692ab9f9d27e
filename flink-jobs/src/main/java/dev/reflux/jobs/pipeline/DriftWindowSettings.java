package dev.reflux.jobs.pipeline;

import dev.reflux.drift.DistributionMonitor.Renewal;
import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;

/** The windows in which distributions are compared. */
public record DriftWindowSettings(
        @Option(
                description = "Events of the reference, in whole windows",
                unit = "events",
                defaultValue = "10000",
                range = "[1, 1000000000]")
        long reference,

        @Option(
                description = "Events of a window that is compared with it; it ends with a batch",
                unit = "events",
                defaultValue = "2000",
                range = "[1, 1000000000]")
        long current,

        @Option(
                description =
                        "Events at the beginning that no reference of a model's outputs holds, since the model is new",
                unit = "events",
                defaultValue = "10000",
                range = "[0, 1000000000000]")
        long warmUp,

        @Option(
                description = "Chance that a window shows something where nothing has changed",
                defaultValue = "0.001",
                range = "(0, 1)")
        double alpha,

        @Option(
                description =
                        "What becomes of a reference after a drift: after-drift lets the window that showed it begin a new one, never keeps it",
                defaultValue = "after-drift")
        Renewal renewal) {

    public DriftWindowSettings {
        Options.check(DriftWindowSettings.class, reference, current, warmUp, alpha, renewal);
    }
}
