package dev.reflux.jobs.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a bounded job says when it has ended.
 *
 * @param teacher null where the students teach themselves
 */
public record JobReport(IntakeReport intake, @Nullable TeacherReport teacher, List<StudentReport> students) {

    /** Alarms of all detectors. */
    public long driftAlarms() {
        return (teacher == null ? 0 : teacher.driftAlarms())
                + students.stream().mapToLong(StudentReport::driftAlarms).sum();
    }
}
