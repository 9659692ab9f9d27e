package dev.reflux.benchmarks;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.Teacher;
import dev.reflux.distillation.engine.EngineChoice;
import dev.reflux.distillation.engine.StepTimes;
import dev.reflux.events.EventDecoder;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.events.Rejection;
import dev.reflux.jobs.LearningPlan;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Teacher and student of a pipeline as bare as they get: one thread, batches that lie decoded in memory, no Kafka, no
 * Flink. The lag is that of the pipeline, so the networks compute what they compute in the job, to the last bit.
 */
final class RawLoop {

    private final LearningPlan plan;
    private final List<Examples> batches = new ArrayList<>();
    private final MicroBatchBuilder builder;
    private final EventDecoder decoder;
    private final LongFunction<byte[]> stream;
    private long decoded;

    /** @param stream event by its number from 0, as JSON */
    RawLoop(LearningPlan plan, LongFunction<byte[]> stream) {
        this.plan = plan;
        this.stream = stream;
        this.decoder = new EventDecoder(plan.schema());
        this.builder = new MicroBatchBuilder(
                plan.batchLayout(), plan.pipeline().batch().size());
    }

    /**
     * What a run took.
     *
     * @param seconds of the loop
     * @param teacher where the teacher's time went
     * @param student where the student's time went
     */
    record Result(
            long events,
            double seconds,
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

    /** Decodes the first events of the stream; returns the seconds that each decoded event took, NaN if none was. */
    double prepare(int count) {
        long nanos = 0;
        long first = decoded;
        int size = builder.capacity();
        byte[][] events = new byte[size][];
        while (batches.size() < count) {
            for (int i = 0; i < size; i++) {
                events[i] = stream.apply(decoded + i);
            }
            long start = System.nanoTime();
            for (byte[] event : events) {
                Rejection rejection = decoder.decode(event, 0, decoded, 0, builder);
                if (rejection != null) {
                    throw new IllegalStateException("generated event " + decoded + " was refused: " + rejection);
                }
                decoded++;
            }
            var packed = builder.build(batches.size()).packed();
            nanos += System.nanoTime() - start;
            batches.add(plan.examples(plan.open(packed)));
        }
        return nanos / 1e9 / (decoded - first);
    }

    /** New networks learn the first so many batches, which {@link #prepare} has made. */
    Result run(int count) {
        int lag = plan.lag();
        Deque<Feedback> pending = new ArrayDeque<>(lag + 1);
        try (Teacher teacher = plan.createTeacher();
                Student student = plan.createStudent(plan.studentNames().get(0))) {
            long start = System.nanoTime();
            for (int batch = 0; batch < count; batch++) {
                while (pending.size() > lag) {
                    learnOldest(teacher, pending);
                }
                Examples examples = batches.get(batch);
                Lesson lesson = teacher.teach(batch, examples);
                pending.add(student.study(lesson, examples));
            }
            while (!pending.isEmpty()) {
                learnOldest(teacher, pending);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Result(
                    (long) count * builder.capacity(),
                    seconds,
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
