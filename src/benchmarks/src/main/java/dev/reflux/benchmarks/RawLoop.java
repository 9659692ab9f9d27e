package dev.reflux.benchmarks;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.Teacher;
import dev.reflux.distillation.engine.EngineChoice;
import dev.reflux.distillation.engine.StepTimes;
import dev.reflux.events.MicroBatch;
import dev.reflux.jobs.LearningPlan;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Teacher and student of a pipeline as bare as they get: one thread (besides those that the members of a committee have),
 * batches that lie decoded in memory, no Kafka, no Flink. The lag is that of the pipeline, so the networks compute what they compute in the job, to the last bit.
 */
public final class RawLoop {

    private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();

    private final LearningPlan plan;
    private final List<Examples> batches;
    private final int events;

    /** @param batches of {@link DecodedEvents} */
    public RawLoop(LearningPlan plan, List<MicroBatch> batches) {
        this.plan = plan;
        this.batches = batches.stream().map(plan::examples).toList();
        this.events = batches.stream().mapToInt(MicroBatch::size).sum();
    }

    /** Sees what was predicted. */
    @FunctionalInterface
    public interface Watcher {
        void see(Examples examples, Lesson lesson, Feedback feedback);
    }

    /**
     * What a run took.
     *
     * @param seconds of the loop
     * @param processorSeconds processor time of it, the committee's threads included
     * @param studentProcessorSeconds of these the student's part
     * @param teacher where the teacher's time went
     * @param student where the student's time went
     */
    public record Result(
            long events,
            double seconds,
            double processorSeconds,
            double studentProcessorSeconds,
            StepTimes teacher,
            StepTimes student,
            EngineChoice teacherEngine,
            EngineChoice studentEngine,
            double teacherAccuracy,
            double studentAccuracy) {

        double eventsPerSecond() {
            return events / seconds;
        }
    }

    public Result run() {
        return run((examples, lesson, feedback) -> {});
    }

    /** New networks learn all batches. */
    public Result run(Watcher watcher) {
        int lag = plan.lag();
        Deque<Feedback> pending = new ArrayDeque<>(lag + 1);
        try (Teacher teacher = plan.createTeacher();
                Student student = plan.createStudent(plan.studentNames().get(0))) {
            long ofStudent = 0;
            long start = System.nanoTime();
            LearningClock processor = new LearningClock();
            for (int batch = 0; batch < batches.size(); batch++) {
                while (pending.size() > lag) {
                    learnOldest(teacher, pending);
                }
                Examples examples = batches.get(batch);
                Lesson lesson = teacher.teach(batch, examples);
                long studentStart = THREAD.getCurrentThreadCpuTime();
                Feedback feedback = student.study(lesson, examples);
                ofStudent += THREAD.getCurrentThreadCpuTime() - studentStart;
                pending.add(feedback);
                watcher.see(examples, lesson, feedback);
            }
            while (!pending.isEmpty()) {
                learnOldest(teacher, pending);
            }
            return new Result(
                    events,
                    (System.nanoTime() - start) / 1e9,
                    processor.seconds(),
                    ofStudent / 1e9,
                    teacher.models().get(0).times(),
                    student.model().times(),
                    teacher.models().get(0).engineKind(),
                    student.model().engineKind(),
                    teacher.quality().total().accuracy(),
                    student.quality().total().accuracy());
        }
    }

    private void learnOldest(Teacher teacher, Deque<Feedback> pending) {
        Feedback oldest = pending.remove();
        teacher.learn(batches.get((int) oldest.batch()), List.of(oldest));
    }
}
