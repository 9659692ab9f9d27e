package dev.reflux.service.monitor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflux.jobs.metrics.RefluxMetric;
import dev.reflux.jobs.pipeline.Pipeline;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Makes a point of the live page out of one look at the metrics. Rates and means are those since the look before; after a
 * restart, when counters begin anew, a point has none.
 */
final class PipelineView {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** What is looked at: the metrics behind the page, and behind the checks of health. */
    static final Set<String> NAMES = names();

    private final List<String> students;
    private final List<String> classes;
    private final boolean teacher;
    private final String job;
    private final RefluxMetric published;
    private final Clock clock;

    private long lastMillis;
    private double lastEvents = Double.NaN;
    private double lastDelays = Double.NaN;
    private double lastDelaySum = Double.NaN;

    PipelineView(Pipeline pipeline, WatchedJob job, Clock clock) {
        this.students = job.students(pipeline);
        this.classes = pipeline.events().label().classes();
        this.teacher = job.hasTeacher(pipeline);
        this.job = job.jobName(pipeline);
        this.published = job.published();
        this.clock = clock;
    }

    private static Set<String> names() {
        Set<String> names = new HashSet<>(List.of(
                "kafka_consumer_lag_records",
                "flink_job_restarts_total",
                "flink_job_running_time_seconds",
                "flink_job_last_checkpoint_timestamp_seconds",
                "process_resident_memory_bytes"));
        List.of(
                        RefluxMetric.EVENTS,
                        RefluxMetric.DEAD_LETTERS,
                        RefluxMetric.DRIFT_ALARMS,
                        RefluxMetric.LOOP_DELAY,
                        RefluxMetric.TEACHER_ACCURACY,
                        RefluxMetric.TEACHER_CLASS_ERROR,
                        RefluxMetric.STUDENT_ACCURACY,
                        RefluxMetric.STUDENT_AGREEMENT,
                        RefluxMetric.STUDENT_GAIN,
                        RefluxMetric.STUDENT_CLASS_ERROR,
                        RefluxMetric.STUDENT_EVENTS,
                        RefluxMetric.MODEL_PARAMETERS,
                        RefluxMetric.PUBLISHED_STEP,
                        RefluxMetric.PUBLISHED_SIZE,
                        RefluxMetric.PUBLISHED_TIMESTAMP,
                        RefluxMetric.SCORING_EVENTS,
                        RefluxMetric.SCORING_TIMESTAMP)
                .forEach(metric -> names.add(MetricValues.name(metric)));
        return Set.copyOf(names);
    }

    /** What does not change. */
    ObjectNode header(String pipeline) {
        ObjectNode header = JSON.objectNode();
        header.put("pipeline", pipeline);
        header.put("hasTeacher", teacher);
        ArrayNode names = header.putArray("students");
        students.forEach(names::add);
        ArrayNode labels = header.putArray("classes");
        classes.forEach(labels::add);
        return header;
    }

    ObjectNode point(MetricValues values) {
        long now = clock.millis();
        double seconds = (now - lastMillis) / 1e3;
        ObjectNode point = JSON.objectNode();
        point.put("t", now);
        double read = values.sum(RefluxMetric.EVENTS);
        double events = Double.isNaN(read) ? values.sum(RefluxMetric.SCORING_EVENTS) : read;
        double delays = values.sum(MetricValues.name(RefluxMetric.LOOP_DELAY) + "_count");
        double delaySum = values.sum(MetricValues.name(RefluxMetric.LOOP_DELAY) + "_sum");
        double studied =
                students.isEmpty() ? Double.NaN : values.sum(RefluxMetric.STUDENT_EVENTS, "student", students.get(0));
        put(point, "x", Double.isNaN(studied) ? events : studied);
        put(point, "events", events);
        put(point, "rate", rate(events - lastEvents, seconds));
        put(point, "delay", rate(delaySum - lastDelaySum, delays - lastDelays));
        put(point, "lag", values.sum("kafka_consumer_lag_records"));
        put(point, "deadLetters", values.sum(RefluxMetric.DEAD_LETTERS));
        ObjectNode reasons = point.putObject("reasons");
        values.of(MetricValues.name(RefluxMetric.DEAD_LETTERS)).stream()
                .filter(sample -> sample.value() > 0)
                .forEach(sample -> put(reasons, sample.labels().get("reason"), sample.value()));
        put(point, "alarms", values.sum(RefluxMetric.DRIFT_ALARMS));
        put(point, "restarts", values.sum("flink_job_restarts_total", "job_name", job));
        put(point, "running", values.sum("flink_job_running_time_seconds", "job_name", job));
        put(point, "memory", values.sum("process_resident_memory_bytes"));
        if (teacher) {
            put(point, "teacher", values.sum(RefluxMetric.TEACHER_ACCURACY));
        }
        ObjectNode all = point.putObject("students");
        students.forEach(name -> student(all.putObject(name), name, values));
        lastMillis = now;
        lastEvents = events;
        lastDelays = delays;
        lastDelaySum = delaySum;
        return point;
    }

    private void student(ObjectNode json, String name, MetricValues values) {
        put(json, "accuracy", values.sum(RefluxMetric.STUDENT_ACCURACY, "student", name));
        put(json, "gain", values.sum(RefluxMetric.STUDENT_GAIN, "student", name));
        put(json, "control", values.sum(RefluxMetric.CONTROL_ACCURACY, "student", name));
        put(json, "agreement", values.sum(RefluxMetric.STUDENT_AGREEMENT, "student", name));
        put(json, "step", values.sum(RefluxMetric.PUBLISHED_STEP, "student", name));
        put(json, "published", values.sum(published, "student", name));
        put(json, "bytes", values.sum(RefluxMetric.PUBLISHED_SIZE, "student", name));
        put(json, "parameters", values.sum(RefluxMetric.MODEL_PARAMETERS, "model", name));
    }

    /** Per class, the error of the teacher and of each student, as they stand. */
    ObjectNode classErrors(MetricValues values) {
        ObjectNode errors = JSON.objectNode();
        if (teacher) {
            classErrors(errors.putArray("teacher"), RefluxMetric.TEACHER_CLASS_ERROR, values);
        }
        for (String name : students) {
            classErrors(errors.putArray(name), RefluxMetric.STUDENT_CLASS_ERROR, values, "student", name);
        }
        return errors;
    }

    private void classErrors(ArrayNode to, RefluxMetric metric, MetricValues values, String... labels) {
        for (String label : classes) {
            String[] all = Arrays.copyOf(labels, labels.length + 2);
            all[labels.length] = "class";
            all[labels.length + 1] = label;
            to.add(number(values.sum(metric, all)));
        }
    }

    /** Counters that went back, or did not move, give none. */
    private static double rate(double more, double per) {
        return more >= 0 && per > 0 ? more / per : Double.NaN;
    }

    private static void put(ObjectNode json, String field, double value) {
        json.set(field, number(value));
    }

    /** JSON has no NaN: null is what is not known. */
    private static JsonNode number(double value) {
        return Double.isFinite(value) ? JSON.numberNode(value) : JSON.nullNode();
    }
}
