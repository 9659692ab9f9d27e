package dev.reflux.service.monitor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflux.jobs.metrics.RefluxMetric;
import dev.reflux.jobs.pipeline.MonitorSettings;
import dev.reflux.jobs.pipeline.Pipeline;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether a pipeline does what it is there for: brokers answer, the job runs, its checkpoints and students are fresh. */
final class Readiness {
    private final MonitorSettings settings;
    private final List<String> students;
    private final String job;
    private final RefluxMetric published;
    private final Clock clock;
    private final Instant since;

    /**
     * One thing that must hold.
     *
     * @param detail what was found, and when it does not hold, what is expected
     */
    record Check(String name, boolean ok, String detail) {}

    Readiness(Pipeline pipeline, WatchedJob job, Clock clock) {
        this.settings = pipeline.monitor();
        this.students = job.students(pipeline);
        this.job = job.jobName(pipeline);
        this.published = job.published();
        this.clock = clock;
        this.since = clock.instant();
    }

    /** @param brokerFailure why the brokers could not be asked; empty when they answered */
    List<Check> check(MetricValues values, Optional<String> brokerFailure) {
        List<Check> checks = new ArrayList<>();
        checks.add(new Check("broker", brokerFailure.isEmpty(), brokerFailure.orElse("the brokers answer")));
        double running = values.sum("flink_job_running_time_seconds", "job_name", job);
        checks.add(new Check(
                "job",
                running > 0,
                running > 0
                        ? "runs since " + text(Duration.ofMillis((long) (running * 1e3)))
                        : Double.isNaN(running) ? "no metrics of the job " + job : "the job does not run"));
        checks.add(age(
                "checkpoint",
                "the last Flink checkpoint",
                values.sum("flink_job_last_checkpoint_timestamp_seconds", "job_name", job),
                settings.maxCheckpointAge()));
        for (String student : students) {
            checks.add(age(
                    "student " + student,
                    "the published student",
                    values.sum(published, "student", student),
                    settings.maxStudentAge()));
        }
        return checks;
    }

    /** What is not there yet may take as long as it may be old, counted from the start. */
    private Check age(String name, String what, double timestamp, Duration limit) {
        boolean isThere = timestamp > 0;
        Instant from = isThere ? Instant.ofEpochMilli((long) (timestamp * 1e3)) : since;
        Duration age = Duration.between(from, clock.instant());
        boolean fresh = age.compareTo(limit) <= 0;
        // before the first, nothing serves: the pipeline is not ready, but nothing is wrong either
        return new Check(
                name,
                isThere && fresh,
                isThere
                        ? what + " is " + text(age) + " old, may be " + text(limit)
                        : what + " is not there yet after " + text(age)
                                + (fresh ? "" : ", should be within " + text(limit)));
    }

    private static String text(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 60) {
            return seconds + " s";
        }
        long large = seconds < 3600 ? seconds / 60 : seconds / 3600;
        long small = seconds < 3600 ? seconds % 60 : seconds / 60 % 60;
        String[] units = seconds < 3600 ? new String[] {" min", " s"} : new String[] {" h", " min"};
        return large + units[0] + (small == 0 ? "" : " " + small + units[1]);
    }

    static ObjectNode json(List<Check> checks) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("ready", checks.stream().allMatch(Check::ok));
        ArrayNode all = json.putArray("checks");
        checks.forEach(check ->
                all.addObject().put("name", check.name()).put("ok", check.ok()).put("detail", check.detail()));
        return json;
    }
}
