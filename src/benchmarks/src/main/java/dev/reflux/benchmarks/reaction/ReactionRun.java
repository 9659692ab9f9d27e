package dev.reflux.benchmarks.reaction;

import dev.reflux.checkpoints.Manifest;
import dev.reflux.checkpoints.gate.Candidate;
import dev.reflux.checkpoints.gate.CheckpointGate;
import dev.reflux.checkpoints.gate.Outcome;
import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.Teacher;
import dev.reflux.distillation.quality.Quality;
import dev.reflux.distillation.reaction.StudentReaction;
import dev.reflux.distillation.reaction.TeacherReaction;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.drift.Adwin;
import dev.reflux.drift.DriftLevel;
import dev.reflux.drift.DriftMonitor;
import dev.reflux.jobs.LearningPlan;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline over a stream, as the job runs it: batches, lag, ADWIN on the student's error, reactions, gate. One thread, no
 * Kafka, no Flink, and the exported model is taken to be the student.
 */
final class ReactionRun {

    /** As the job's drift windows. */
    private static final int WINDOW = 1_000;

    private final LearningPlan plan;
    private final ChangingStream stream;
    private final BitSet visible;
    private final String student;
    private final CheckpointGate gate;
    private final DriftMonitor monitor;
    private final Right right = new Right(new BitSet(), new BitSet(), new BitSet());
    private final List<Integer> alarms = new ArrayList<>();
    private @Nullable Student published;
    private int publications;

    /** Which events were predicted right by teacher, student, and the student that was published last; before it learned them. */
    record Right(BitSet teacher, BitSet student, BitSet published) {}

    /**
     * What came of it.
     *
     * @param alarms events at which the detector alarmed
     */
    record Result(Right right, List<Integer> alarms, int publications, long takeovers) {}

    private ReactionRun(LearningPlan plan, ChangingStream stream) {
        this.plan = plan;
        this.stream = stream;
        this.visible = stream.visible(plan.settings().labelShare());
        this.student = plan.studentNames().get(0);
        this.gate = new CheckpointGate(plan.gatePolicy());
        this.monitor = new DriftMonitor(
                List.of(new DriftMonitor.Watch(student, "student-error", new Adwin())),
                plan.pipeline().drift().coolDown());
    }

    static Result of(LearningPlan plan, ChangingStream stream) {
        return new ReactionRun(plan, stream).run();
    }

    /** A batch that has been taught, until its feedback is learned. */
    private record Pending(Examples examples, Feedback feedback) {}

    private Result run() {
        int size = plan.pipeline().batch().size();
        Deque<Pending> pending = new ArrayDeque<>();
        try (Teacher teacher = plan.createTeacher();
                Student learner = plan.createStudent(student);
                TeacherReaction ofTeacher = plan.createTeacherReaction()) {
            StudentReaction ofStudent = new StudentReaction(plan.reaction());
            int batches = 0;
            for (int from = 0; from < stream.events(); from += size) {
                while (pending.size() > plan.lag()) {
                    Pending oldest = pending.remove();
                    teacher.learn(oldest.examples(), List.of(oldest.feedback()));
                    ofTeacher.afterLearning(teacher, oldest.examples(), List.of(oldest.feedback()));
                }
                Examples examples = stream.batch(from, Math.min(stream.events(), from + size), visible);
                Lesson lesson = teacher.teach(batches++, examples);
                ofTeacher.afterTeaching(teacher, examples, lesson);
                note(from, examples, lesson.predicted(), right.teacher());
                float[] served = noteServed(from, examples);
                Feedback feedback = learner.study(lesson, examples);
                note(from, examples, feedback.logits(), right.student());
                DriftLevel level = watch(from, examples);
                ofStudent.afterBatch(learner, level.ordinal());
                pending.add(new Pending(examples, feedback.withDriftLevel(level.ordinal())));
                publish(learner, examples, feedback.logits(), served, level);
            }
            return new Result(right, alarms, publications, ofTeacher.takeovers());
        } finally {
            if (published != null) {
                published.close();
            }
        }
    }

    private void note(int from, Examples examples, float[] logits, BitSet to) {
        for (int row = 0; row < examples.size(); row++) {
            to.set(
                    from + row,
                    Logits.argmax(logits, row, stream.classes())
                            == examples.truth().get(row));
        }
    }

    private float[] noteServed(int from, Examples examples) {
        float[] logits = new float[examples.size() * stream.classes()];
        if (published != null) {
            published.model().predict(examples, 0, examples.size(), logits);
            note(from, examples, logits, right.published());
        }
        return logits;
    }

    private DriftLevel watch(int from, Examples examples) {
        for (int row = 0; row < examples.size(); row++) {
            monitor.nextEvent();
            if (visible.get(from + row)
                    && monitor.add(0, right.student().get(from + row) ? 0 : 1) == DriftLevel.DRIFT) {
                alarms.add(from + row);
            }
        }
        DriftLevel level = monitor.level();
        if (level == DriftLevel.DRIFT || from / WINDOW != (from + examples.size()) / WINDOW) {
            monitor.closeWindow();
        }
        return level;
    }

    private void publish(Student learner, Examples examples, float[] logits, float[] served, DriftLevel level) {
        var gateLevel = dev.reflux.checkpoints.gate.DriftLevel.values()[level.ordinal()];
        gate.observeDrift(gateLevel, learner.seen());
        if (published != null && gate.wantsComparison()) {
            for (int row = 0; row < examples.size(); row++) {
                int label = examples.truth().get(row);
                gate.compare(label, outcome(logits, row, label), outcome(served, row, label));
            }
        }
        if (!gate.countBatch()) {
            return;
        }
        Quality quality = learner.quality().recent();
        Candidate candidate = new Candidate(
                learner.steps(),
                learner.seen(),
                new Manifest.Quality(
                        quality.accuracy(),
                        quality.kappa(),
                        quality.logLoss(),
                        quality.calibrationError(),
                        learner.recentAgreement(),
                        quality.events()),
                gateLevel);
        if (gate.decide(candidate, () -> new Manifest.Verification(0, 1)).isPublished()) {
            StateWriter state = new StateWriter();
            learner.write(state);
            Student before = published;
            published = plan.readStudent(student, new StateReader(state.toBytes()));
            publications++;
            if (before != null) {
                before.close();
            }
        }
    }

    private Outcome outcome(float[] logits, int row, int label) {
        return new Outcome(
                Logits.argmax(logits, row, stream.classes()), Logits.logLoss(logits, row, stream.classes(), label));
    }
}
