package dev.reflux.service.support;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.Teacher;
import dev.reflux.events.EventDecoder;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.events.Rejection;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.loop.PendingBatch;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineWriter;
import dev.reflux.jobs.publish.StudentPublisher;
import dev.reflux.jobs.publish.StudentPublisher.Offer;
import dev.reflux.jobs.wire.OutgoingRecord;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Teacher and first student of a pipeline, trained in this thread by the steps that the job takes. */
public final class LiveStudent implements AutoCloseable {

    private static final int NO_DRIFT = 0;

    private final LearningPlan plan;
    private final Teacher teacher;
    private final Student student;
    private final StudentPublisher publisher;
    private final MicroBatchBuilder builder;
    private final EventDecoder decoder;
    private final Deque<PendingBatch> pending = new ArrayDeque<>();
    private long events;
    private long batches;

    public LiveStudent(Pipeline pipeline) {
        plan = LearningPlan.of(new JobSettings(PipelineWriter.complete(pipeline), 1, 0));
        teacher = plan.createTeacher();
        student = plan.createStudent(plan.studentNames().get(0));
        publisher = new StudentPublisher(plan);
        builder = new MicroBatchBuilder(plan.batchLayout(), pipeline.batch().size());
        decoder = new EventDecoder(plan.schema());
    }

    /** Learns an event; returns the record of the checkpoint if one was published after it. */
    public Optional<OutgoingRecord> learn(byte[] event, Instant now) throws IOException {
        add(event, builder, events++);
        return builder.isFull() ? learnBatch(now) : Optional.empty();
    }

    private Optional<OutgoingRecord> learnBatch(Instant now) throws IOException {
        while (pending.size() > plan.lag()) {
            PendingBatch oldest = pending.remove();
            teacher.learn(plan.examples(plan.open(oldest.packed())), oldest.feedback());
        }
        MicroBatch batch = builder.build(batches++);
        Lesson lesson = teacher.teach(batch.id(), plan.examples(batch));
        Feedback feedback = student.study(lesson, plan.examples(batch));
        pending.add(new PendingBatch(batch.id(), batch.packed()).withFeedback(List.of(feedback)));
        return publisher
                .afterBatch(student, batch, feedback.logits(), NO_DRIFT, now)
                .flatMap(Offer::checkpoint);
    }

    /** What the student itself says of events that it does not learn, {@code [events, classes]}. */
    public float[] probabilities(List<byte[]> unlearned) {
        MicroBatchBuilder rows = new MicroBatchBuilder(plan.batchLayout(), unlearned.size());
        for (int row = 0; row < unlearned.size(); row++) {
            add(unlearned.get(row), rows, row);
        }
        Examples examples = plan.examples(rows.build(0));
        int classes = plan.classes();
        float[] logits = new float[unlearned.size() * classes];
        student.model().predict(examples, 0, unlearned.size(), logits);
        for (int from = 0; from < logits.length; from += classes) {
            double sum = 0;
            for (int i = from; i < from + classes; i++) {
                sum += Math.exp(logits[i]);
            }
            for (int i = from; i < from + classes; i++) {
                logits[i] = (float) (Math.exp(logits[i]) / sum);
            }
        }
        return logits;
    }

    /** The record as a plain producer sends it. */
    public static ProducerRecord<byte[], byte[]> toKafka(OutgoingRecord sent, String topic) {
        return new ProducerRecord<>(topic, null, sent.timestamp(), sent.key(), sent.value(), sent.kafkaHeaders());
    }

    private void add(byte[] event, MicroBatchBuilder rows, long offset) {
        Rejection rejection = decoder.decode(event, 0, offset, 0, rows);
        if (rejection != null) {
            throw new IllegalArgumentException("event " + offset + ": " + rejection.message());
        }
    }

    @Override
    public void close() {
        publisher.close();
        student.close();
        teacher.close();
    }
}
