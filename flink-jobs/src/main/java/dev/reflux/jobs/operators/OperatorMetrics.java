package dev.reflux.jobs.operators;

import dev.reflux.checkpoints.gate.Reason;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.Teacher;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.engine.StepTimes;
import dev.reflux.distillation.quality.Prequential;
import dev.reflux.distillation.reaction.StudentReaction;
import dev.reflux.distillation.reaction.TeacherReaction;
import dev.reflux.drift.DriftRecord;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.metrics.RefluxMetric;
import dev.reflux.jobs.metrics.SampledHistogram;
import dev.reflux.jobs.publish.StudentPublisher;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;

/** What the operators measure, under the group {@code reflux} with the values of the metrics' tags as variables. */
final class OperatorMetrics {

    private final MetricGroup group;
    private final List<String> classes;

    OperatorMetrics(MetricGroup operator, LearningPlan plan) {
        this.group =
                operator.addGroup("reflux").addGroup("pipeline", plan.pipeline().pipeline());
        this.classes = plan.pipeline().events().label().classes();
    }

    IntakeMetrics intake() {
        return new IntakeMetrics(this, classes);
    }

    void teacher(
            Teacher teacher,
            TeacherReaction reaction,
            DriftWatch drift,
            DistributionWatch outputs,
            LongSupplier pendingBatches) {
        modelDrift(teacher, drift, outputs);
        total(group, RefluxMetric.LOOP_PENDING, pendingBatches);
        rateFactor(DriftWatch.TEACHER, reaction::rateFactor);
        total(group, RefluxMetric.REACTION_ALTERNATIVES, reaction::alternatives);
        total(group, RefluxMetric.REACTION_TAKEOVERS, reaction::takeovers);
        models(DriftWatch.TEACHER, teacher.parameterCount(), teacher::models);
    }

    void student(
            Student student,
            StudentReaction reaction,
            DriftWatch drift,
            DistributionWatch outputs,
            StudentPublisher publisher,
            Supplier<@Nullable Feedback> newest) {
        Supplier<Prequential> quality = student::quality;
        MetricGroup own = group.addGroup("student", student.name());
        gauge(own, RefluxMetric.STUDENT_ACCURACY, () -> quality.get().recent().accuracy());
        gauge(own, RefluxMetric.STUDENT_KAPPA, () -> quality.get().recent().kappa());
        gauge(own, RefluxMetric.STUDENT_LOG_LOSS, () -> quality.get().recent().logLoss());
        gauge(
                own,
                RefluxMetric.STUDENT_CALIBRATION_ERROR,
                () -> quality.get().recent().calibrationError());
        gauge(own, RefluxMetric.STUDENT_AGREEMENT, student::recentAgreement);
        student.controlQuality().ifPresent(control -> {
            gauge(own, RefluxMetric.CONTROL_ACCURACY, () -> control.recent().accuracy());
            gauge(
                    own,
                    RefluxMetric.STUDENT_GAIN,
                    () -> quality.get().recent().accuracy() - control.recent().accuracy());
        });
        classErrors(own, RefluxMetric.STUDENT_CLASS_ERROR, quality);
        for (String loss : student.losses().termNames()) {
            gauge(
                    own.addGroup("loss", loss),
                    RefluxMetric.STUDENT_LOSS,
                    () -> student.losses().recent(loss));
        }
        total(own, RefluxMetric.STUDENT_STEPS, student::steps);
        total(own, RefluxMetric.STUDENT_EVENTS, student::seen);
        gauge(own.addGroup("moment", "before"), RefluxMetric.FEEDBACK_LOSS, () -> loss(newest, Feedback::lossBefore));
        gauge(own.addGroup("moment", "after"), RefluxMetric.FEEDBACK_LOSS, () -> loss(newest, Feedback::lossAfter));
        alarms(student.name(), () -> drift.alarms() + outputs.alarms());
        drift(drift.keys(), drift::latest);
        drift(outputs.keys(), outputs::latest);
        rateFactor(student.name(), reaction::rateFactor);
        models(student.name(), student.model().parameterCount(), () -> List.of(student.model()));
        published(own, publisher);
    }

    private static double loss(Supplier<@Nullable Feedback> newest, ToDoubleFunction<Feedback> value) {
        Feedback feedback = newest.get();
        return feedback == null ? Double.NaN : value.applyAsDouble(feedback);
    }

    private static void published(MetricGroup own, StudentPublisher publisher) {
        total(own.addGroup("decision", "published"), RefluxMetric.GATE_DECISIONS, publisher::published);
        total(own.addGroup("decision", "held"), RefluxMetric.GATE_DECISIONS, publisher::held);
        for (Reason.Code code : Reason.Code.values()) {
            total(own.addGroup("reason", code.wireName()), RefluxMetric.GATE_REASONS, () -> publisher.decisions(code));
        }
        total(own, RefluxMetric.PUBLISHED_STEP, () -> publisher.last().step());
        total(own, RefluxMetric.PUBLISHED_SIZE, () -> publisher.last().bytes());
        gauge(
                own,
                RefluxMetric.PUBLISHED_TIMESTAMP,
                () -> publisher.last().step() == 0
                        ? Double.NaN
                        : publisher.last().createdMillis() / 1e3);
        gauge(own, RefluxMetric.PUBLISHED_DIFFERENCE, () -> publisher.last().maxDifference());
    }

    void streamDrift(DriftWatch drift, DistributionWatch distributions) {
        alarms(DistributionWatch.STREAM, () -> drift.alarms() + distributions.alarms());
        drift(drift.keys(), drift::latest);
        drift(distributions.keys(), distributions::latest);
    }

    /** Quality and drift of a teacher, or of another model that stands in its place. */
    void modelDrift(Teacher model, DriftWatch drift, DistributionWatch outputs) {
        Supplier<Prequential> quality = model::quality;
        gauge(group, RefluxMetric.TEACHER_ACCURACY, () -> quality.get().recent().accuracy());
        gauge(group, RefluxMetric.TEACHER_KAPPA, () -> quality.get().recent().kappa());
        gauge(group, RefluxMetric.TEACHER_LOG_LOSS, () -> quality.get().recent().logLoss());
        gauge(
                group,
                RefluxMetric.TEACHER_CALIBRATION_ERROR,
                () -> quality.get().recent().calibrationError());
        classErrors(group, RefluxMetric.TEACHER_CLASS_ERROR, quality);
        alarms(DriftWatch.TEACHER, () -> drift.alarms() + outputs.alarms());
        drift(drift.keys(), drift::latest);
        drift(outputs.keys(), outputs::latest);
    }

    private void alarms(String subject, LongSupplier alarms) {
        total(group.addGroup("subject", subject), RefluxMetric.DRIFT_ALARMS, alarms);
    }

    private void rateFactor(String subject, DoubleSupplier factor) {
        gauge(group.addGroup("subject", subject), RefluxMetric.REACTION_RATE_FACTOR, factor);
    }

    /** The newest record on each key, its level as 0, 1 or 2. All have the same tags, as Prometheus asks of one name. */
    private void drift(List<DriftKey> keys, Function<DriftKey, @Nullable DriftRecord> latest) {
        for (DriftKey key : keys) {
            String feature = key.feature();
            MetricGroup own = group.addGroup("subject", key.subject())
                    .addGroup("metric", key.metric())
                    .addGroup("feature", feature == null ? "none" : feature)
                    .addGroup("detector", key.detector());
            gauge(own, RefluxMetric.DRIFT_VALUE, () -> of(latest.apply(key), DriftRecord::value));
            gauge(own, RefluxMetric.DRIFT_THRESHOLD, () -> of(latest.apply(key), DriftRecord::threshold));
            gauge(own, RefluxMetric.DRIFT_ESTIMATE, () -> of(latest.apply(key), DriftRecord::estimate));
            gauge(
                    own,
                    RefluxMetric.DRIFT_LEVEL,
                    () -> of(latest.apply(key), record -> record.level().ordinal()));
        }
    }

    private static double of(@Nullable DriftRecord record, ToDoubleFunction<DriftRecord> value) {
        return record == null ? Double.NaN : value.applyAsDouble(record);
    }

    private void classErrors(MetricGroup own, RefluxMetric metric, Supplier<Prequential> quality) {
        for (int i = 0; i < classes.size(); i++) {
            int code = i;
            gauge(
                    own.addGroup("class", classes.get(i)),
                    metric,
                    () -> quality.get().recentClassError(code));
        }
    }

    /** @param models those that learn here; none when a teacher comes from elsewhere */
    private void models(String name, long parameters, Supplier<List<Model>> models) {
        MetricGroup own = group.addGroup("model", name);
        String engine = models.get().stream()
                .findFirst()
                .map(model -> model.engineKind().name().toLowerCase(Locale.ROOT))
                .orElse("none");
        total(own.addGroup("engine", engine), RefluxMetric.MODEL_PARAMETERS, () -> parameters);
        total(own, RefluxMetric.MODEL_LIVE_ARRAYS, () -> sum(models, Model::liveArrays));
        total(own, RefluxMetric.MODEL_RESTARTS, () -> sum(models, Model::restarts));
        phase(own, "encode", models, StepTimes::encode);
        phase(own, "forward", models, StepTimes::forward);
        phase(own, "backward", models, StepTimes::backward);
        phase(own, "optimizer", models, StepTimes::optimizer);
    }

    private static void phase(
            MetricGroup own, String phase, Supplier<List<Model>> models, ToLongFunction<StepTimes> nanos) {
        gauge(
                own.addGroup("phase", phase),
                RefluxMetric.MODEL_STEP_TIME,
                () -> sum(models, model -> nanos.applyAsLong(model.times())) / 1e9);
    }

    private static long sum(Supplier<List<Model>> models, ToLongFunction<Model> value) {
        return models.get().stream().mapToLong(value).sum();
    }

    /** Takes nanoseconds. */
    Histogram timer(RefluxMetric metric) {
        return group.histogram(metric.flinkName(), new SampledHistogram());
    }

    /** {@link #timer(RefluxMetric)} of one student. */
    Histogram timer(RefluxMetric metric, String student) {
        return group.addGroup("student", student).histogram(metric.flinkName(), new SampledHistogram());
    }

    Counter counter(RefluxMetric metric) {
        return group.counter(metric.flinkName());
    }

    Counter counter(RefluxMetric metric, String tag, String value) {
        return group.addGroup(tag, value).counter(metric.flinkName());
    }

    private static void gauge(MetricGroup group, RefluxMetric metric, DoubleSupplier value) {
        group.gauge(metric.flinkName(), (Gauge<Double>) value::getAsDouble);
    }

    private static void total(MetricGroup group, RefluxMetric metric, LongSupplier value) {
        group.gauge(metric.flinkName(), (Gauge<Long>) value::getAsLong);
    }
}
