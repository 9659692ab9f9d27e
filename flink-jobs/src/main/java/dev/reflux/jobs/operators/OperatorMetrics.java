package dev.reflux.jobs.operators;

import dev.reflux.checkpoints.gate.Reason;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.Teacher;
import dev.reflux.distillation.engine.Model;
import dev.reflux.jobs.publish.StudentPublisher;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

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

    void teacher(Teacher teacher, LongSupplier driftAlarms, LongSupplier pendingBatches) {
        gauge(group, "teacherAccuracy", () -> teacher.quality().recent().accuracy());
        gauge(group, "teacherKappa", () -> teacher.quality().recent().kappa());
        gauge(group, "teacherLogLoss", () -> teacher.quality().recent().logLoss());
        total(group, "teacherDriftAlarms", driftAlarms);
        total(group, "pendingBatches", pendingBatches);
        total(
                group,
                "teacherLiveArrays",
                () -> teacher.models().stream().mapToLong(Model::liveArrays).sum());
    }

    void student(Student student, LongSupplier driftAlarms, StudentPublisher publisher) {
        MetricGroup own = group.addGroup("student", student.name());
        gauge(own, "studentAccuracy", () -> student.quality().recent().accuracy());
        gauge(own, "studentKappa", () -> student.quality().recent().kappa());
        gauge(own, "studentLogLoss", () -> student.quality().recent().logLoss());
        gauge(own, "agreement", student::recentAgreement);
        total(own, "driftAlarms", driftAlarms);
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

    private static void gauge(MetricGroup group, String name, DoubleSupplier value) {
        group.gauge(name, (Gauge<Double>) value::getAsDouble);
    }

    private static void total(MetricGroup group, String name, LongSupplier value) {
        group.gauge(name, (Gauge<Long>) value::getAsLong);
    }
}
