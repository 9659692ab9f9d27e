package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import java.util.List;

/** What is watched for change. */
public record DriftSettings(
        @Option(
                description = "The detectors; an empty list watches nothing",
                defaultValue = "[{type: adwin, on: student-error}]")
        List<DetectorSettings> detectors) {

    public DriftSettings {
        detectors = List.copyOf(detectors);
        Options.check(DriftSettings.class, detectors);
    }
}
