package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import java.util.List;

/** What is watched for change. */
public record DriftSettings(
        @Option(
                description = "The detectors; an empty list watches nothing",
                defaultValue = "[{type: adwin, on: student-error}]")
        List<DetectorSettings> detectors,

        @Option(
                description = "Values after an alarm of a detector within which it raises no other",
                unit = "values",
                defaultValue = "2000",
                range = "[0, 1000000000000]")
        long coolDown,

        @Option(
                description = "What is compared with a reference window; an empty list compares nothing",
                defaultValue = "[]")
        List<DistanceSettings> distances,

        @Option(description = "The windows of these comparisons", defaultValue = "{}")
        DriftWindowSettings windows,

        @Option(description = "What is done when a detector alarms", defaultValue = "{}")
        ReactionSettings reaction) {

    public DriftSettings {
        detectors = List.copyOf(detectors);
        distances = List.copyOf(distances);
        Options.check(DriftSettings.class, detectors, coolDown, distances, windows, reaction);
    }

    /** Whether the teacher is watched. */
    public boolean watchesTeacher() {
        return distances.stream().anyMatch(distance -> distance.on().isTeachers())
                || detectors.stream().anyMatch(detector -> detector.on().isTeachers());
    }

    /** Whether the events themselves are watched. */
    public boolean watchesStream() {
        return distances.stream().anyMatch(distance -> distance.on().isStreams())
                || detectors.stream().anyMatch(detector -> detector.on().isStreams());
    }
}
