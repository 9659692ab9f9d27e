package dev.reflux.service.report;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.reflux.jobs.report.CurvePoint;
import dev.reflux.jobs.report.JobReport;
import dev.reflux.jobs.report.StudentReport;
import dev.reflux.jobs.report.TeacherReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The report of a bounded run. Its JSON is a contract: fields are added, never renamed or removed.
 *
 * @param events events read
 * @param trained events that were learned from or distilled on
 * @param seconds from the first lesson to the last
 * @param teacher null where the students teach themselves
 * @param curve accuracy in consecutive windows of the stream
 */
@JsonPropertyOrder({
    "events",
    "trained",
    "deadLetters",
    "batches",
    "seconds",
    "eventsPerSecond",
    "teacher",
    "students",
    "driftAlarms",
    "curve"
})
public record RunReport(
        long events,
        long trained,
        long deadLetters,
        long batches,
        double seconds,
        double eventsPerSecond,
        @Nullable Teacher teacher,
        List<Student> students,
        long driftAlarms,
        List<Point> curve) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    public RunReport {
        students = List.copyOf(students);
        curve = List.copyOf(curve);
    }

    /** Quality is prequential, over the whole stream. */
    public record Teacher(long parameters, double accuracy, double kappa, double logLoss) {}

    /**
     * @param agreement share of the events on which it predicted the teacher's class; null without a teacher
     * @param robustAccuracy accuracy on events that were moved to make it err; null where that is not measured
     * @param gain accuracy above that of the same network without a teacher; null where none was beside it
     * @param control that network; null likewise
     * @param sha256 of the last published model, null when none was
     */
    public record Student(
            String name,
            long parameters,
            double accuracy,
            double kappa,
            double logLoss,
            @Nullable Double agreement,
            @Nullable Double robustAccuracy,
            @Nullable Double gain,
            @Nullable Control control,
            long checkpointsPublished,
            @Nullable String sha256) {}

    /** A student's network as it learned from labels only, on the same events. */
    public record Control(double accuracy, double kappa, double logLoss) {
        static @Nullable Control of(StudentReport.@Nullable Control found) {
            return found == null ? null : new Control(found.accuracy(), found.kappa(), found.logLoss());
        }
    }

    /**
     * A window of the stream.
     *
     * @param events events since the start, at the window's end
     * @param labelled events in the window whose label is known
     * @param teacher accuracy on those; null when there are none
     * @param students the same by student
     */
    public record Point(
            long events, long labelled, @Nullable Double teacher, Map<String, @Nullable Double> students) {}

    public static RunReport of(JobReport job, double seconds) {
        return new RunReport(
                job.intake().events(),
                job.intake().trained(),
                job.intake().deadLetters(),
                job.intake().batches(),
                Math.round(seconds * 1000) / 1000.0,
                seconds > 0 ? Math.round(job.intake().events() / seconds * 10) / 10.0 : 0,
                teacher(job.teacher()),
                job.students().stream().map(RunReport::student).toList(),
                job.driftAlarms(),
                curve(job));
    }

    public String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the report cannot be written as JSON", e);
        }
    }

    private static @Nullable Teacher teacher(@Nullable TeacherReport of) {
        return of == null ? null : new Teacher(of.parameters(), of.accuracy(), of.kappa(), of.logLoss());
    }

    private static Student student(StudentReport of) {
        Control control = Control.of(of.control());
        return new Student(
                of.name(),
                of.parameters(),
                of.accuracy(),
                of.kappa(),
                of.logLoss(),
                of.agreement(),
                of.robustAccuracy(),
                control == null ? null : (Double) (of.accuracy() - control.accuracy()),
                control,
                of.checkpointsPublished(),
                of.sha256());
    }

    private static List<Point> curve(JobReport job) {
        TeacherReport teacher = job.teacher();
        List<CurvePoint> windows = teacher == null ? job.students().get(0).curve() : teacher.curve();
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < windows.size(); i++) {
            Map<String, @Nullable Double> students = new LinkedHashMap<>();
            for (StudentReport student : job.students()) {
                if (i < student.curve().size()) {
                    students.put(student.name(), student.curve().get(i).accuracy());
                }
            }
            CurvePoint point = windows.get(i);
            Double ofTeacher = teacher == null ? null : point.accuracy();
            points.add(new Point(point.events(), point.labelled(), ofTeacher, students));
        }
        return points;
    }
}
