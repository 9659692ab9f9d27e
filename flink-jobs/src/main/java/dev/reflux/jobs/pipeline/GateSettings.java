package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;

/** When a due checkpoint is published and when it is held back. */
public record GateSettings(
        @Option(
                description = "Largest loss of accuracy against the published student, as a share of 1",
                defaultValue = "0.01",
                range = "[0, 1]")
        double maxRegression,

        @Option(
                description = "Events that a student must have seen before it is published",
                unit = "events",
                defaultValue = "1000",
                range = "[0, inf)")
        long minEvents) {

    public GateSettings {
        Options.check(GateSettings.class, maxRegression, minEvents);
    }
}
