package dev.reflux.jobs.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflux.distillation.quality.LearningCurve;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.functions.RuntimeContext;

/** Hands the operators' parts of the report over through Flink's accumulators. */
public final class Reports {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String INTAKE = "reflux.intake";
    private static final String TEACHER = "reflux.teacher";
    private static final String STUDENT = "reflux.student.";
    private static final String STREAM_DRIFT = "reflux.stream-drift";

    private Reports() {}

    public static void add(RuntimeContext context, IntakeReport report) {
        add(context, INTAKE, report);
    }

    public static void add(RuntimeContext context, TeacherReport report) {
        add(context, TEACHER, report);
    }

    public static void add(RuntimeContext context, StudentReport report) {
        add(context, STUDENT + report.name(), report);
    }

    public static void add(RuntimeContext context, StreamDriftReport report) {
        add(context, STREAM_DRIFT, report);
    }

    /**
     * The whole report of a job that ran to its end.
     *
     * @param teacher whether the job has one
     * @param students names of its students
     * @param streamDrift whether it watches the events themselves
     * @throws IllegalStateException when an operator did not report: the job was not bounded, or did not end by itself
     */
    public static JobReport collect(
            JobExecutionResult result, boolean teacher, List<String> students, boolean streamDrift) {
        List<StudentReport> all = new ArrayList<>();
        for (String student : students) {
            all.add(get(result, STUDENT + student, StudentReport.class));
        }
        return new JobReport(
                get(result, INTAKE, IntakeReport.class),
                teacher ? get(result, TEACHER, TeacherReport.class) : null,
                List.copyOf(all),
                streamDrift ? get(result, STREAM_DRIFT, StreamDriftReport.class) : new StreamDriftReport(0));
    }

    static List<CurvePoint> curve(LearningCurve curve) {
        return curve.points().stream()
                .map(point -> new CurvePoint(
                        point.events(), point.labelled(), Double.isNaN(point.accuracy()) ? null : point.accuracy()))
                .toList();
    }

    private static void add(RuntimeContext context, String name, Object report) {
        JsonAccumulator accumulator = new JsonAccumulator();
        try {
            accumulator.add(JSON.writeValueAsString(report));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("report " + name + " cannot be written as JSON", e);
        }
        context.addAccumulator(name, accumulator);
    }

    private static <T> T get(JobExecutionResult result, String name, Class<T> type) {
        String json = result.getAccumulatorResult(name);
        if (json == null) {
            throw new IllegalStateException(
                    "the job ended without the report " + name + ": only a bounded job that runs to its end reports");
        }
        try {
            return JSON.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("report " + name + " cannot be read: " + json, e);
        }
    }
}
