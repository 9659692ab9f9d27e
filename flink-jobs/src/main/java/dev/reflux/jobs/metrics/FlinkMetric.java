package dev.reflux.jobs.metrics;

import static dev.reflux.jobs.metrics.MetricDescription.Dashboard.OVERVIEW;
import static dev.reflux.jobs.metrics.MetricDescription.Dashboard.RUNTIME;
import static dev.reflux.jobs.metrics.MetricKind.COUNTER;
import static dev.reflux.jobs.metrics.MetricKind.GAUGE;

import dev.reflux.jobs.metrics.MetricDescription.Dashboard;
import io.micrometer.core.instrument.Tag;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Flink's own metrics that are worth a time series, under names and in units that follow Prometheus' conventions. Flink
 * has several hundred; the rest is in its web interface.
 */
enum FlinkMetric {
    JOB_RUNNING_TIME(
            Scope.JOB,
            "running.time",
            1e-3,
            job("running.time", GAUGE, "seconds", "Time since the job last began to run")),
    JOB_RESTARTING_TIME(
            Scope.JOB,
            "restarting.time",
            1e-3,
            job("restarting.time", GAUGE, "seconds", "Time since the job last failed, until it runs again")),
    JOB_RESTARTS(Scope.JOB, "num.restarts", 1, job("restarts", COUNTER, "", "Restarts of the job after failures")),
    JOB_CHECKPOINTS_COMPLETED(
            Scope.JOB, "number.of.completed.checkpoints", 1, Described.CHECKPOINTS, "result", "completed"),
    JOB_CHECKPOINTS_FAILED(Scope.JOB, "number.of.failed.checkpoints", 1, Described.CHECKPOINTS, "result", "failed"),
    JOB_CHECKPOINT_TIMESTAMP(
            Scope.JOB,
            "last.checkpoint.completed.timestamp",
            1e-3,
            job(
                    "last.checkpoint.timestamp",
                    GAUGE,
                    "seconds",
                    "When the last Flink checkpoint was complete, seconds since 1970; NaN before the first")),
    JOB_CHECKPOINT_DURATION(
            Scope.JOB,
            "last.checkpoint.duration",
            1e-3,
            job("last.checkpoint.duration", GAUGE, "seconds", "Time that the last Flink checkpoint took")),
    JOB_CHECKPOINT_SIZE(
            Scope.JOB,
            "last.checkpoint.full.size",
            1,
            job("last.checkpoint.size", GAUGE, "bytes", "State in the last Flink checkpoint")),
    TASK_MANAGERS(
            Scope.JOB_MANAGER,
            "num.registered.task.managers",
            1,
            cluster("flink.taskmanagers", "TaskManagers registered at the JobManager")),
    SLOTS(Scope.JOB_MANAGER, "task.slots.total", 1, cluster("flink.slots", "Slots of all TaskManagers")),
    SLOTS_FREE(
            Scope.JOB_MANAGER,
            "task.slots.available",
            1,
            cluster("flink.slots.free", "Slots that no job has; without one a failed job cannot move")),
    RUNNING_JOBS(
            Scope.JOB_MANAGER, "num.running.jobs", 1, cluster("flink.running.jobs", "Jobs that run on the cluster")),

    TASK_BUSY(
            Scope.TASK,
            "busy.time.ms.per.second",
            1e-3,
            task("busy", GAUGE, "ratio", "Share of the time in which the task worked, 0 to 1")),
    TASK_BACK_PRESSURED(
            Scope.TASK,
            "back.pressured.time.ms.per.second",
            1e-3,
            task(
                    "back.pressured",
                    GAUGE,
                    "ratio",
                    "Share of the time in which it waited for the task after it, 0 to 1")),
    TASK_IDLE(
            Scope.TASK,
            "idle.time.ms.per.second",
            1e-3,
            task("idle", GAUGE, "ratio", "Share of the time in which it had nothing to do, 0 to 1")),
    TASK_CHECKPOINT_START_DELAY(
            Scope.TASK,
            "checkpoint.start.delay.nanos",
            1e-9,
            task(
                    "checkpoint.start.delay",
                    GAUGE,
                    "seconds",
                    "Time from the start of a Flink checkpoint to its barrier here")),
    TASK_RECORDS_IN(Scope.TASK, "num.records.in", 1, task("records.in", COUNTER, "", "Records that came in")),
    TASK_RECORDS_OUT(Scope.TASK, "num.records.out", 1, task("records.out", COUNTER, "", "Records that went out")),
    TASK_BYTES_IN(Scope.TASK, "num.bytes.in", 1, task("in", COUNTER, "bytes", "Bytes that came in")),
    TASK_BYTES_OUT(Scope.TASK, "num.bytes.out", 1, task("out", COUNTER, "bytes", "Bytes that went out")),

    OPERATOR_RECORDS_IN(
            Scope.OPERATOR,
            "num.records.in",
            1,
            operator("flink.operator.records.in", COUNTER, "", "Records that came in")),
    OPERATOR_RECORDS_OUT(
            Scope.OPERATOR,
            "num.records.out",
            1,
            operator("flink.operator.records.out", COUNTER, "", "Records that went out")),
    SINK_ERRORS(
            Scope.OPERATOR,
            "num.records.send.errors",
            1,
            operator("flink.sink.errors", COUNTER, "", "Records that a sink could not write")),

    SOURCE_PENDING(
            Scope.OPERATOR,
            "pending.records",
            1,
            new MetricDescription(
                    "kafka.consumer.lag.records",
                    GAUGE,
                    "",
                    Described.OPERATOR_TAGS,
                    "Events in the topic that the source has not read yet",
                    OVERVIEW,
                    "")),
    SOURCE_TIME_LAG(
            Scope.OPERATOR,
            "current.emit.event.time.lag",
            1e-3,
            new MetricDescription(
                    "kafka.consumer.lag",
                    GAUGE,
                    "seconds",
                    Described.OPERATOR_TAGS,
                    "Age of the Kafka record that the source has just handed on",
                    OVERVIEW,
                    "")),
    CONSUMER_OFFSET(
            Scope.READER,
            "current.offset",
            1,
            new MetricDescription(
                    "kafka.consumer.offset",
                    GAUGE,
                    "",
                    Described.PARTITION_TAGS,
                    "Offset of the newest event that the source has handed on; NaN before the first",
                    RUNTIME,
                    "")),
    CONSUMER_COMMITTED_OFFSET(
            Scope.READER,
            "committed.offset",
            1,
            new MetricDescription(
                    "kafka.consumer.committed.offset",
                    GAUGE,
                    "",
                    Described.PARTITION_TAGS,
                    "Offset that the source has committed to Kafka; NaN before the first Flink checkpoint",
                    RUNTIME,
                    "")),
    CONSUMER_COMMITS_FAILED(
            Scope.READER,
            "commits.failed",
            1,
            operator("kafka.consumer.commits.failed", COUNTER, "", "Offset commits to Kafka that failed")),
    CONSUMER_COMMITS_SUCCEEDED(
            Scope.READER,
            "commits.succeeded",
            1,
            operator("kafka.consumer.commits.succeeded", COUNTER, "", "Offset commits to Kafka that went well")),
    CONSUMER_LAG_MAX(
            Scope.CONSUMER,
            "records.lag.max",
            1,
            operator(
                    "kafka.consumer.fetch.lag.max.records",
                    GAUGE,
                    "",
                    "Largest lag of a partition at the last fetches")),
    CONSUMER_RECORDS(
            Scope.CONSUMER,
            "records.consumed.total",
            1,
            operator("kafka.consumer.records.consumed", COUNTER, "", "Records fetched")),
    CONSUMER_BYTES(
            Scope.CONSUMER,
            "bytes.consumed.total",
            1,
            operator("kafka.consumer.consumed", COUNTER, "bytes", "Bytes fetched")),
    CONSUMER_FETCH_LATENCY(
            Scope.CONSUMER,
            "fetch.latency.avg",
            1e-3,
            operator(
                    "kafka.consumer.fetch.latency",
                    GAUGE,
                    "seconds",
                    "Mean time of a fetch, waiting for events included")),
    PRODUCER_RECORDS(
            Scope.PRODUCER, "record.send.total", 1, operator("kafka.producer.records", COUNTER, "", "Records sent")),
    PRODUCER_ERRORS(
            Scope.PRODUCER,
            "record.error.total",
            1,
            operator("kafka.producer.errors", COUNTER, "", "Records that could not be sent")),
    PRODUCER_RETRIES(
            Scope.PRODUCER,
            "record.retry.total",
            1,
            operator("kafka.producer.retries", COUNTER, "", "Records sent again")),
    PRODUCER_LATENCY(
            Scope.PRODUCER,
            "request.latency.avg",
            1e-3,
            operator("kafka.producer.request.latency", GAUGE, "seconds", "Mean time of a request to the brokers")),

    NETWORK_MEMORY(
            "flink.taskmanager.status.shuffle.netty",
            "total.memory",
            1,
            memory("flink.network.memory", "Memory of Flink's network buffers")),
    NETWORK_MEMORY_USED(
            "flink.taskmanager.status.shuffle.netty",
            "used.memory",
            1,
            memory("flink.network.memory.used", "What of it is in use")),
    MANAGED_MEMORY(
            "flink.taskmanager.status.flink.memory",
            "managed.total",
            1,
            memory("flink.managed.memory", "Memory that Flink manages for state backends")),
    MANAGED_MEMORY_USED(
            "flink.taskmanager.status.flink.memory",
            "managed.used",
            1,
            memory("flink.managed.memory.used", "What of it is in use"));

    private static final Map<String, FlinkMetric> BY_FLINK_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(metric -> metric.flinkName, Function.identity()));

    private final String flinkName;
    private final double factor;
    private final MetricDescription description;
    private final List<Tag> fixed = new ArrayList<>();

    FlinkMetric(String scope, String name, double factor, MetricDescription description, String... fixedTags) {
        this.flinkName = scope + "." + name;
        this.factor = factor;
        this.description = description;
        for (int i = 0; i < fixedTags.length; i += 2) {
            fixed.add(Tag.of(fixedTags[i], fixedTags[i + 1]));
        }
    }

    /** @param name as {@link MeterName} makes it of Flink's scope and name; empty for one that is not forwarded */
    static Optional<FlinkMetric> find(String name) {
        return Optional.ofNullable(BY_FLINK_NAME.get(name));
    }

    MetricDescription description() {
        return description;
    }

    /** Tags that are no variables of Flink's. */
    List<Tag> fixed() {
        return fixed;
    }

    /** A value in Flink's unit, in ours. Flink says -1 for what it does not know yet. */
    double convert(double value) {
        return value < 0 ? Double.NaN : value * factor;
    }

    private static MetricDescription job(String name, MetricKind kind, String unit, String meaning, String... tags) {
        List<String> all = new ArrayList<>(List.of("job.name"));
        all.addAll(List.of(tags));
        Dashboard dashboard = name.startsWith("restart") || name.contains("checkpoint") ? OVERVIEW : RUNTIME;
        return new MetricDescription("flink.job." + name, kind, unit, all, meaning, dashboard, Described.JOB_MANAGER);
    }

    private static MetricDescription cluster(String name, String meaning) {
        return new MetricDescription(name, GAUGE, "", List.of(), meaning, RUNTIME, Described.JOB_MANAGER);
    }

    private static MetricDescription memory(String name, String meaning) {
        return new MetricDescription(name, GAUGE, "bytes", List.of(), meaning, RUNTIME, "");
    }

    private static MetricDescription task(String name, MetricKind kind, String unit, String meaning) {
        return new MetricDescription("flink.task." + name, kind, unit, Described.TASK_TAGS, meaning, RUNTIME, "");
    }

    private static MetricDescription operator(String name, MetricKind kind, String unit, String meaning) {
        return new MetricDescription(name, kind, unit, Described.OPERATOR_TAGS, meaning, RUNTIME, "");
    }

    private static final class Scope {
        static final String JOB_MANAGER = "flink.jobmanager";
        static final String JOB = "flink.jobmanager.job";
        static final String TASK = "flink.taskmanager.job.task";
        static final String OPERATOR = "flink.taskmanager.job.task.operator";
        static final String READER = OPERATOR + ".kafka.source.reader";
        static final String CONSUMER = READER + ".kafka.consumer";
        static final String PRODUCER = OPERATOR + ".kafka.producer";
    }

    private static final class Described {
        static final String JOB_MANAGER = "in the JobManager's process";
        static final List<String> TASK_TAGS = List.of("job.name", "task.name", "subtask.index");
        static final List<String> OPERATOR_TAGS = List.of("job.name", "task.name", "operator.name", "subtask.index");
        static final List<String> PARTITION_TAGS =
                List.of("job.name", "task.name", "operator.name", "subtask.index", "topic", "partition");
        static final MetricDescription CHECKPOINTS =
                job("checkpoints", COUNTER, "", "Flink checkpoints; result is completed or failed", "result");
    }
}
