package dev.reflux.drift;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What one detector, or one measure of a distribution, found in one window of a stream.
 *
 * @param subject whose metric it is: a student's name, {@code teacher}, or {@code stream}
 * @param metric what is watched, such as {@code student-error}
 * @param feature name of the feature; null where the metric is not a feature's
 * @param detector type of the detector, or name of the measure
 * @param value what the detector's test held against the threshold: for a distance, the size of the effect
 * @param threshold drift is established above it; positive infinity where nothing was tested yet
 * @param estimate mean of the metric over the values that the detector holds to be current; NaN where there are none
 * @param probability of such a value by chance, adjusted for the number of tests; null for detectors that give none
 * @param level highest level within the window
 * @param windowStart number of events of the stream before the window
 * @param windowEnd number of events of the stream up to the window's end, above {@code windowStart}
 * @param event number of the event, from 0, at which the level was reached; the last of the window for none
 * @param changeEvent number of the event, from 0, at which the detector puts the change; null where there is no drift
 */
public record DriftRecord(
        String subject,
        String metric,
        @Nullable String feature,
        String detector,
        double value,
        double threshold,
        double estimate,
        @Nullable Double probability,
        DriftLevel level,
        long windowStart,
        long windowEnd,
        long event,
        @Nullable Long changeEvent) {

    public DriftRecord {
        if (windowStart < 0 || windowEnd <= windowStart) {
            throw new IllegalArgumentException(
                    "window: [" + windowStart + ", " + windowEnd + ") found, must hold at least one event");
        }
        if (probability != null && !(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("probability: " + probability + " found, must be in [0, 1]");
        }
        if (event < windowStart || event >= windowEnd) {
            throw new IllegalArgumentException(
                    "event: " + event + " found, must be in the window [" + windowStart + ", " + windowEnd + ")");
        }
        if (changeEvent != null && (changeEvent < 0 || changeEvent > event)) {
            throw new IllegalArgumentException(
                    "changeEvent: " + changeEvent + " found, must be in [0, event " + event + "]");
        }
    }

    /** Where the detector puts the change; present with {@link DriftLevel#DRIFT} alone. */
    public OptionalLong changeAt() {
        return changeEvent == null ? OptionalLong.empty() : OptionalLong.of(changeEvent);
    }
}
