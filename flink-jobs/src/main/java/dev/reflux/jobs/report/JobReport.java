package dev.reflux.jobs.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a bounded job says when it has ended.
 *
 * @param teacher null where the students teach themselves
 */
public record JobReport(
        IntakeReport intake,
        @Nullable TeacherReport teacher,
        List<StudentReport> students,
        StreamDriftReport streamDrift) {

    /** Alarms of all detectors and distances. */
    public long driftAlarms() {
        return streamDrift.driftAlarms()
                + (teacher == null ? 0 : teacher.driftAlarms())
                + students.stream().mapToLong(StudentReport::driftAlarms).sum();
    }
}
