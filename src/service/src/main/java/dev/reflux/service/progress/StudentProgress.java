package dev.reflux.service.progress;

/**
 * A student while the job runs.
 *
 * @param accuracy share in [0, 1] over the recent window; NaN while unknown
 * @param agreement share of recent events on which it predicts the teacher's class; NaN while unknown
 * @param gain accuracy above that of its control, over the recent window; NaN while unknown or without one
 * @param checkpointVersion version of the newest published student; 0 when none was published
 * @param checkpointBytes size of its model
 * @param checkpointCreatedMillis when it was made, epoch milliseconds
 */
public record StudentProgress(
        String name,
        double accuracy,
        double agreement,
        double gain,
        long checkpointVersion,
        long checkpointBytes,
        long checkpointCreatedMillis) {}
