package dev.reflux.jobs.metrics;

import static dev.reflux.jobs.metrics.MetricDescription.Dashboard.DRIFT;
import static dev.reflux.jobs.metrics.MetricDescription.Dashboard.LEARNING;
import static dev.reflux.jobs.metrics.MetricDescription.Dashboard.OVERVIEW;
import static dev.reflux.jobs.metrics.MetricDescription.Dashboard.RUNTIME;
import static dev.reflux.jobs.metrics.MetricKind.COUNTER;
import static dev.reflux.jobs.metrics.MetricKind.GAUGE;
import static dev.reflux.jobs.metrics.MetricKind.TIMER;

import dev.reflux.jobs.metrics.MetricDescription.Dashboard;
import java.util.ArrayList;
import java.util.List;

/**
 * Every metric that the job's own operators record. All have the tag {@code pipeline}. Names and units are those of
 * Prometheus: a metric is named once, here.
 *
 * <p>Quality is that of the last window of labelled events, always measured before they were learned from.
 */
public enum RefluxMetric {
    EVENTS(
            "reflux.events",
            COUNTER,
            "",
            OVERVIEW,
            "",
            "Events read; result is accepted or rejected, the latter to the dead letters",
            "result"),
    DEAD_LETTERS(
            "reflux.dead.letters",
            COUNTER,
            "",
            OVERVIEW,
            "",
            "Events that could not be used, by the reason that their dead letter gives",
            "reason"),
    LABELS(
            "reflux.labels",
            COUNTER,
            "",
            LEARNING,
            "",
            "Events of complete batches by the label that learning may see; class is none for events without one",
            "class"),
    BATCHES("reflux.batches", COUNTER, "", RUNTIME, "", "Micro-batches sent to teacher and students"),

    TEACHER_ACCURACY(
            "reflux.teacher.accuracy", GAUGE, "ratio", OVERVIEW, Appears.TEACHER, "Share of right predictions, 0 to 1"),
    TEACHER_KAPPA(
            "reflux.teacher.kappa",
            GAUGE,
            "ratio",
            LEARNING,
            Appears.TEACHER,
            "Cohen's kappa, accuracy beyond guessing by the class frequencies, at most 1"),
    TEACHER_LOG_LOSS(
            "reflux.teacher.log.loss",
            GAUGE,
            "nats",
            LEARNING,
            Appears.TEACHER,
            "Mean negative log likelihood of the labels"),
    TEACHER_CALIBRATION_ERROR(
            "reflux.teacher.calibration.error",
            GAUGE,
            "ratio",
            LEARNING,
            Appears.TEACHER,
            "Expected calibration error over ten bins, 0 to 1"),
    TEACHER_CLASS_ERROR(
            "reflux.teacher.class.error",
            GAUGE,
            "ratio",
            LEARNING,
            Appears.TEACHER,
            "Share of the events of a class that were predicted wrong, 0 to 1; NaN without such events",
            "class"),
    TEACHER_TEACH(
            "reflux.teacher.teach",
            TIMER,
            "seconds",
            RUNTIME,
            Appears.TEACHER,
            "Time to predict a batch for the students"),
    TEACHER_LEARN(
            "reflux.teacher.learn",
            TIMER,
            "seconds",
            RUNTIME,
            Appears.TEACHER,
            "Time to learn a batch with the students' feedback on it"),

    STUDENT_ACCURACY(
            "reflux.student.accuracy", GAUGE, "ratio", OVERVIEW, "", "Share of right predictions, 0 to 1", "student"),
    STUDENT_KAPPA(
            "reflux.student.kappa",
            GAUGE,
            "ratio",
            LEARNING,
            "",
            "Cohen's kappa, accuracy beyond guessing by the class frequencies, at most 1",
            "student"),
    STUDENT_LOG_LOSS(
            "reflux.student.log.loss",
            GAUGE,
            "nats",
            LEARNING,
            "",
            "Mean negative log likelihood of the labels",
            "student"),
    STUDENT_CALIBRATION_ERROR(
            "reflux.student.calibration.error",
            GAUGE,
            "ratio",
            LEARNING,
            "",
            "Expected calibration error over ten bins, 0 to 1",
            "student"),
    STUDENT_AGREEMENT(
            "reflux.student.agreement",
            GAUGE,
            "ratio",
            OVERVIEW,
            "",
            "Share of the events on which student and teacher predicted the same class, 0 to 1; NaN without a teacher",
            "student"),
    STUDENT_GAIN(
            "reflux.student.gain",
            GAUGE,
            "ratio",
            OVERVIEW,
            "",
            "Accuracy above that of the control, the same network without a teacher, -1 to 1",
            "student"),
    CONTROL_ACCURACY(
            "reflux.control.accuracy",
            GAUGE,
            "ratio",
            LEARNING,
            "",
            "Accuracy of the control, the same network without a teacher, 0 to 1",
            "student"),
    STUDENT_CLASS_ERROR(
            "reflux.student.class.error",
            GAUGE,
            "ratio",
            LEARNING,
            "",
            "Share of the events of a class that were predicted wrong, 0 to 1; NaN without such events",
            "student",
            "class"),
    STUDENT_LOSS(
            "reflux.student.loss",
            GAUGE,
            "",
            LEARNING,
            "",
            "Each term of what the student minimises, not weighted, as a mean that forgets half in about 700 steps; in"
                    + " nats, or in the unit of the loss's formula",
            "student",
            "loss"),
    STUDENT_STEPS("reflux.student.steps", COUNTER, "", LEARNING, "", "Optimizer steps taken", "student"),
    STUDENT_EVENTS(
            "reflux.student.events",
            COUNTER,
            "",
            OVERVIEW,
            "",
            "Events studied since the pipeline began, kept in its state: how far the student is in the stream",
            "student"),
    STUDENT_STUDY(
            "reflux.student.study", TIMER, "seconds", RUNTIME, "", "Time to predict and learn a batch", "student"),

    FEEDBACK_LOSS(
            "reflux.feedback.loss",
            GAUGE,
            "nats",
            LEARNING,
            Appears.TEACHER,
            "Log loss of the student on the newest batch, before or after it learned it; after is NaN unless the feedback"
                    + " policy asks for it",
            "student",
            "moment"),
    LOOP_PENDING(
            "reflux.loop.pending.batches",
            GAUGE,
            "",
            RUNTIME,
            Appears.TEACHER,
            "Batches that the teacher has taught and not yet learned; feedback.lag at most, and one"),
    LOOP_DELAY(
            "reflux.loop.delay",
            TIMER,
            "seconds",
            OVERVIEW,
            Appears.TEACHER,
            "Time from a lesson to the teacher's learning with the feedback on it"),
    LOOP_WAIT(
            "reflux.loop.wait",
            TIMER,
            "seconds",
            RUNTIME,
            Appears.TEACHER,
            "Time that the teacher stood still for the feedback on a batch; near 0 while students keep up"),

    GATE_DECISIONS(
            "reflux.gate.decisions",
            COUNTER,
            "",
            OVERVIEW,
            "",
            "Offers of a student to its gate; decision is published or held",
            "student",
            "decision"),
    GATE_REASONS(
            "reflux.gate.reasons",
            COUNTER,
            "",
            LEARNING,
            "",
            "Reasons that the gate gave, several for one decision at times",
            "student",
            "reason"),
    GATE_OFFER(
            "reflux.gate.offer",
            TIMER,
            "seconds",
            RUNTIME,
            "",
            "Time to export, verify and decide on a student; learning stands still for it",
            "student"),
    PUBLISHED_STEP(
            "reflux.published.step",
            GAUGE,
            "",
            OVERVIEW,
            "",
            "Version of the student that was published last, its optimizer step; 0 before the first",
            "student"),
    PUBLISHED_TIMESTAMP(
            "reflux.published.timestamp",
            GAUGE,
            "seconds",
            OVERVIEW,
            "",
            "When it was published, seconds since 1970; NaN before the first",
            "student"),
    PUBLISHED_SIZE(
            "reflux.published.size", GAUGE, "bytes", LEARNING, "", "Size of its model; 0 before the first", "student"),
    PUBLISHED_DIFFERENCE(
            "reflux.published.difference",
            GAUGE,
            "ratio",
            LEARNING,
            "",
            "Largest difference of a probability between its exported model and the live student; NaN before the first",
            "student"),

    DRIFT_ALARMS(
            "reflux.drift.alarms",
            COUNTER,
            "",
            OVERVIEW,
            "",
            "Alarms of the detectors and distances; subject is teacher, stream, or a student's name",
            "subject"),
    DRIFT_VALUE(
            "reflux.drift.value",
            GAUGE,
            "",
            DRIFT,
            Appears.RECORD,
            "What a detector or distance measured over its last window",
            Appears.DRIFT_TAGS),
    DRIFT_THRESHOLD("reflux.drift.threshold", GAUGE, "", DRIFT, Appears.RECORD, "Where it alarms", Appears.DRIFT_TAGS),
    DRIFT_ESTIMATE(
            "reflux.drift.estimate",
            GAUGE,
            "",
            DRIFT,
            Appears.RECORD,
            "Its estimate of the watched quantity now, such as the error rate",
            Appears.DRIFT_TAGS),
    DRIFT_LEVEL(
            "reflux.drift.level",
            GAUGE,
            "",
            DRIFT,
            Appears.RECORD,
            "How it stands: 0 none, 1 warning, 2 drift",
            Appears.DRIFT_TAGS),

    REACTION_RATE_FACTOR(
            "reflux.reaction.rate.factor",
            GAUGE,
            "",
            DRIFT,
            "",
            "Factor on the learning rate as a reaction to drift, 1 without; subject is teacher, or a student's name",
            "subject"),
    REACTION_ALTERNATIVES(
            "reflux.reaction.alternatives",
            COUNTER,
            "",
            DRIFT,
            Appears.TEACHER,
            "Alternative teachers that began to learn after a warning or a drift"),
    REACTION_TAKEOVERS(
            "reflux.reaction.takeovers",
            COUNTER,
            "",
            DRIFT,
            Appears.TEACHER,
            "Those of them that took the teacher's place"),

    SCORING_EVENTS(
            "reflux.scoring.events",
            COUNTER,
            "",
            OVERVIEW,
            Appears.SCORING,
            "Events that the scoring job read; result is accepted or rejected",
            "result"),
    SCORING_REFUSED(
            "reflux.scoring.refused.students",
            COUNTER,
            "",
            OVERVIEW,
            Appears.SCORING,
            "Published students that it could not use and left out"),
    SCORING_STEP(
            "reflux.scoring.step",
            GAUGE,
            "",
            OVERVIEW,
            Appears.SCORING,
            "Version of the student that it scores with",
            "student"),
    SCORING_TIMESTAMP(
            "reflux.scoring.timestamp",
            GAUGE,
            "seconds",
            OVERVIEW,
            Appears.SCORING,
            "When that was published, seconds since 1970",
            "student"),
    SCORING_SIZE("reflux.scoring.size", GAUGE, "bytes", LEARNING, Appears.SCORING, "Size of its model", "student"),

    MODEL_PARAMETERS(
            "reflux.model.parameters",
            GAUGE,
            "",
            LEARNING,
            "",
            "Values that a network learns; engine is fused or tensor, model is teacher or the student's name",
            "model",
            "engine"),
    MODEL_STEP_TIME(
            "reflux.model.step.time",
            COUNTER,
            "seconds",
            RUNTIME,
            "",
            "Time in the step engine; phase is encode, forward, backward or optimizer",
            "model",
            "phase"),
    MODEL_LIVE_ARRAYS(
            "reflux.model.live.arrays",
            GAUGE,
            "",
            RUNTIME,
            "",
            "Native arrays alive; constant, or memory leaks",
            "model"),
    MODEL_RESTARTS(
            "reflux.model.restarts",
            COUNTER,
            "",
            LEARNING,
            "",
            "Times that a network diverged, to outputs that are no numbers, and began anew",
            "model");

    private final MetricDescription description;

    RefluxMetric(
            String name,
            MetricKind kind,
            String unit,
            Dashboard dashboard,
            String appears,
            String meaning,
            String... tags) {
        List<String> all = new ArrayList<>(List.of("pipeline"));
        all.addAll(List.of(tags));
        description = new MetricDescription(name, kind, unit, all, meaning, dashboard, appears);
    }

    public MetricDescription description() {
        return description;
    }

    /** Name of the Flink metric in our group, from which the reporter finds back to this one. */
    public String flinkName() {
        String[] words = description.name().split("\\.");
        StringBuilder name = new StringBuilder(words[1]);
        for (int i = 2; i < words.length; i++) {
            name.append(Character.toUpperCase(words[i].charAt(0))).append(words[i], 1, words[i].length());
        }
        return name.toString();
    }

    private static final class Appears {
        static final String TEACHER = "not with `distillation.scheme: self`";
        static final String SCORING = "in the scoring job";
        static final String RECORD = "with a detector or distance; NaN before its first window has ended";
        static final String[] DRIFT_TAGS = {"subject", "metric", "feature", "detector"};
    }
}
