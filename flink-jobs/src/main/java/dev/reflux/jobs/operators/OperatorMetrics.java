package dev.reflux.jobs.operators;

import dev.reflux.checkpoints.gate.Reason;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.Teacher;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.reaction.StudentReaction;
import dev.reflux.distillation.reaction.TeacherReaction;
import dev.reflux.drift.DriftRecord;
import dev.reflux.jobs.publish.StudentPublisher;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;

/** What the operators measure, under the group {@code reflux} with the pipeline, and the student, as variables. */
final class OperatorMetrics {

    private final MetricGroup group;

    OperatorMetrics(MetricGroup operator, String pipeline) {
        this.group = operator.addGroup("reflux").addGroup("pipeline", pipeline);
    }

    Counter events() {
        return group.counter("events");
    }

    Counter eventsTrained() {
        return group.counter("eventsTrained");
    }

    Counter deadLetters() {
        return group.counter("deadLetters");
    }

    Counter batches() {
        return group.counter("batches");
    }

    void teacher(
            Teacher teacher,
            TeacherReaction reaction,
            DriftWatch drift,
            DistributionWatch outputs,
            LongSupplier pendingBatches) {
        gauge(group, "teacherAccuracy", () -> teacher.quality().recent().accuracy());
        gauge(group, "teacherKappa", () -> teacher.quality().recent().kappa());
        gauge(group, "teacherLogLoss", () -> teacher.quality().recent().logLoss());
        total(group, "teacherDriftAlarms", () -> drift.alarms() + outputs.alarms());
        drift(drift.keys(), drift::latest);
        drift(outputs.keys(), outputs::latest);
        gauge(group, "teacherRateFactor", reaction::rateFactor);
        total(group, "teacherAlternatives", reaction::alternatives);
        total(group, "teacherTakeovers", reaction::takeovers);
        total(group, "pendingBatches", pendingBatches);
        total(
                group,
                "teacherLiveArrays",
                () -> teacher.models().stream().mapToLong(Model::liveArrays).sum());
    }

    void student(
            Student student,
            StudentReaction reaction,
            DriftWatch drift,
            DistributionWatch outputs,
            StudentPublisher publisher) {
        MetricGroup own = group.addGroup("student", student.name());
        gauge(own, "studentAccuracy", () -> student.quality().recent().accuracy());
        gauge(own, "studentKappa", () -> student.quality().recent().kappa());
        gauge(own, "studentLogLoss", () -> student.quality().recent().logLoss());
        gauge(own, "agreement", student::recentAgreement);
        student.controlQuality().ifPresent(control -> {
            gauge(own, "controlAccuracy", () -> control.recent().accuracy());
            gauge(
                    own,
                    "gain",
                    () -> student.quality().recent().accuracy()
                            - control.recent().accuracy());
        });
        total(own, "driftAlarms", () -> drift.alarms() + outputs.alarms());
        drift(drift.keys(), drift::latest);
        drift(outputs.keys(), outputs::latest);
        gauge(own, "rateFactor", reaction::rateFactor);
        total(own, "liveArrays", () -> student.model().liveArrays());
        total(own, "checkpointsPublished", publisher::published);
        total(own, "checkpointsHeld", publisher::held);
        for (Reason.Code code : Reason.Code.values()) {
            total(own.addGroup("reason", code.wireName()), "gateDecisions", () -> publisher.decisions(code));
        }
        total(own, "checkpointVersion", () -> publisher.last().step());
        total(own, "checkpointBytes", () -> publisher.last().bytes());
        total(own, "checkpointCreatedMillis", () -> publisher.last().createdMillis());
    }

    void streamDrift(DistributionWatch drift) {
        total(group, "streamDriftAlarms", drift::alarms);
        drift(drift.keys(), drift::latest);
    }

    /** The newest record on each key, its level as 0, 1 or 2. All have the same tags, as Prometheus asks of one name. */
    private void drift(List<DriftKey> keys, Function<DriftKey, @Nullable DriftRecord> latest) {
        for (DriftKey key : keys) {
            String feature = key.feature();
            MetricGroup own = group.addGroup("subject", key.subject())
                    .addGroup("metric", key.metric())
                    .addGroup("feature", feature == null ? "none" : feature)
                    .addGroup("detector", key.detector());
            gauge(own, "driftValue", () -> of(latest.apply(key), DriftRecord::value));
            gauge(own, "driftThreshold", () -> of(latest.apply(key), DriftRecord::threshold));
            gauge(own, "driftEstimate", () -> of(latest.apply(key), DriftRecord::estimate));
            gauge(
                    own,
                    "driftLevel",
                    () -> of(latest.apply(key), record -> record.level().ordinal()));
        }
    }

    private static double of(@Nullable DriftRecord record, ToDoubleFunction<DriftRecord> value) {
        return record == null ? Double.NaN : value.applyAsDouble(record);
    }

    private static void gauge(MetricGroup group, String name, DoubleSupplier value) {
        group.gauge(name, (Gauge<Double>) value::getAsDouble);
    }

    private static void total(MetricGroup group, String name, LongSupplier value) {
        group.gauge(name, (Gauge<Long>) value::getAsLong);
    }
}
