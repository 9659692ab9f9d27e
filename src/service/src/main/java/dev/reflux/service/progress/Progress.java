package dev.reflux.service.progress;

import java.util.List;

/**
 * A running job at one moment.
 *
 * @param events events read since the job started in this process
 * @param deadLetters those of them that could not be used
 * @param driftAlarms alarms of all detectors
 * @param restarts times that Flink restarted the job
 * @param teacherAccuracy share in [0, 1] over the recent window; NaN while unknown
 */
public record Progress(
        long events,
        long deadLetters,
        long driftAlarms,
        long restarts,
        double teacherAccuracy,
        List<StudentProgress> students) {
    public Progress {
        students = List.copyOf(students);
    }

    /** Nothing is known yet. */
    public static Progress none() {
        return new Progress(0, 0, 0, 0, Double.NaN, List.of());
    }
}
