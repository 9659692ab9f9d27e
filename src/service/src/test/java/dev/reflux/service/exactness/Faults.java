package dev.reflux.service.exactness;

import dev.reflux.jobs.DistillationJob;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.kafka.OutgoingRecordSerializer;
import dev.reflux.jobs.operators.BatchOperator;
import dev.reflux.jobs.operators.StudentOperator;
import dev.reflux.jobs.operators.TeacherOperator;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.wire.BatchRecord;
import dev.reflux.jobs.wire.LessonRecord;
import dev.reflux.jobs.wire.OutgoingRecord;
import dev.reflux.service.support.Waiting;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A job with an operator that fails once, at the n-th record after it was armed. */
final class Faults {

    /** Where a job fails. */
    enum Place {
        NOWHERE,
        TEACHER,
        STUDENT,
        SINK,
        /** After a Flink checkpoint was completed, and before the sink commits what it covers. */
        COMMIT
    }

    private static Place place = Place.NOWHERE;
    private static int recordsLeft;
    private static boolean failed;
    private static boolean publishedSinceSnapshot;
    private static long completedCheckpoint;
    private static long committedCheckpoint;

    private Faults() {}

    /** Makes the next job one that does not fail before {@link #fireAfter}. */
    static synchronized void arm(Place where) {
        place = where;
        recordsLeft = Integer.MAX_VALUE;
        failed = false;
        publishedSinceSnapshot = false;
        completedCheckpoint = 0;
        committedCheckpoint = 0;
    }

    static synchronized void fireAfter(int records) {
        recordsLeft = records;
    }

    static synchronized boolean failed() {
        return failed;
    }

    private static synchronized boolean isArmed(Place where) {
        return where == place && !failed && recordsLeft != Integer.MAX_VALUE;
    }

    private static synchronized void pass(Place where) {
        if (isArmed(where) && --recordsLeft < 0) {
            failed = true;
            throw new IllegalStateException("on purpose, in the " + where);
        }
    }

    private static synchronized void published() {
        publishedSinceSnapshot = true;
    }

    /** Whether the checkpoint covers something published that no checkpoint before it does. */
    private static synchronized boolean snapshot() {
        boolean published = publishedSinceSnapshot;
        publishedSinceSnapshot = false;
        return published;
    }

    private static synchronized void completed(long checkpoint) {
        completedCheckpoint = Math.max(completedCheckpoint, checkpoint);
    }

    private static synchronized boolean isCompleted(long checkpoint) {
        return completedCheckpoint >= checkpoint;
    }

    private static synchronized void committed(long checkpoint) {
        committedCheckpoint = Math.max(committedCheckpoint, checkpoint);
    }

    /** Holds the sink's task until the checkpoint is complete, and fails it before the commit, which is due on it next. */
    private static void passCommit(long checkpoint) throws Exception {
        if (!isArmed(Place.COMMIT)) {
            return;
        }
        Waiting.until("checkpoint " + checkpoint + " to be completed", () -> isCompleted(checkpoint));
        synchronized (Faults.class) {
            failed = committedCheckpoint < checkpoint;
        }
        throw new IllegalStateException("on purpose, before the " + Place.COMMIT);
    }

    static DistillationJob job(Pipeline pipeline, DistillationJob.Options options) {
        return new DistillationJob(pipeline, options) {
            @Override
            protected BatchOperator batchOperator(JobSettings settings) {
                return new ListeningBatches(settings);
            }

            @Override
            protected TeacherOperator teacherOperator(JobSettings settings) {
                return new FailingTeacher(settings);
            }

            @Override
            protected StudentOperator studentOperator(JobSettings settings, String name) {
                return new FailingStudent(settings, name);
            }

            @Override
            protected KafkaRecordSerializationSchema<OutgoingRecord> checkpointSerializer(String topic) {
                return new FailingSerializer(topic);
            }
        };
    }

    /** Runs in another task than the sink, and so is told of a checkpoint while the sink's is held. */
    private static final class ListeningBatches extends BatchOperator {

        private static final long serialVersionUID = 1L;

        ListeningBatches(JobSettings settings) {
            super(settings);
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) throws Exception {
            super.notifyCheckpointComplete(checkpointId);
            completed(checkpointId);
        }
    }

    private static final class FailingTeacher extends TeacherOperator {

        private static final long serialVersionUID = 1L;

        FailingTeacher(JobSettings settings) {
            super(settings);
        }

        @Override
        public void processElement(StreamRecord<BatchRecord> element) throws Exception {
            super.processElement(element);
            pass(Place.TEACHER);
        }
    }

    private static final class FailingStudent extends StudentOperator {

        private static final long serialVersionUID = 1L;

        FailingStudent(JobSettings settings, String name) {
            super(settings, name);
        }

        @Override
        public void processElement(StreamRecord<LessonRecord> element) throws Exception {
            super.processElement(element);
            pass(Place.STUDENT);
        }

        @Override
        public void snapshotState(StateSnapshotContext context) throws Exception {
            super.snapshotState(context);
            long checkpoint = context.getCheckpointId();
            if (snapshot()) {
                // stands in this thread's queue before the commit, which is asked for when all tasks have answered
                getContainingTask()
                        .getMailboxExecutorFactory()
                        .createExecutor(0)
                        .execute(() -> passCommit(checkpoint), "fail before the commit");
            }
        }

        /** After that of the sink, which is behind this one in the same task. */
        @Override
        public void notifyCheckpointComplete(long checkpoint) throws Exception {
            super.notifyCheckpointComplete(checkpoint);
            committed(checkpoint);
        }
    }

    private static final class FailingSerializer extends OutgoingRecordSerializer {

        private static final long serialVersionUID = 1L;

        FailingSerializer(String topic) {
            super(topic);
        }

        @Override
        public ProducerRecord<byte[], byte[]> serialize(OutgoingRecord sent, KafkaSinkContext context, Long timestamp) {
            pass(Place.SINK);
            published();
            return super.serialize(sent, context, timestamp);
        }
    }
}
