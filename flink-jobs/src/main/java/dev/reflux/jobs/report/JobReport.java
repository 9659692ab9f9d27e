package dev.reflux.jobs.report;

import java.util.List;

/** What a bounded job says when it has ended. */
public record JobReport(IntakeReport intake, TeacherReport teacher, List<StudentReport> students) {

    /** Alarms of all detectors. */
    public long driftAlarms() {
        return teacher.driftAlarms()
                + students.stream().mapToLong(StudentReport::driftAlarms).sum();
    }
}
