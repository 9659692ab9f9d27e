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
import dev.reflux.jobs.wire.RawEvent;
import dev.reflux.service.support.Waiting;
import java.util.concurrent.locks.LockSupport;
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
    private static long checkpointToCommit;
    private static long completedCheckpoint;

    private Faults() {}

    /** Makes the next job one that does not fail before {@link #fireAfter}. */
    static synchronized void arm(Place where) {
        place = where;
        recordsLeft = Integer.MAX_VALUE;
        failed = false;
        publishedSinceSnapshot = false;
        checkpointToCommit = Long.MAX_VALUE;
        completedCheckpoint = 0;
    }

    static synchronized void fireAfter(int records) {
        recordsLeft = records;
    }

    static synchronized boolean failed() {
        return failed;
    }

    private static synchronized void pass(Place where) {
        if (where == place && !failed && recordsLeft != Integer.MAX_VALUE && --recordsLeft < 0) {
            failed = true;
            throw new IllegalStateException("on purpose, in the " + where);
        }
    }

    private static synchronized void published() {
        publishedSinceSnapshot = true;
    }

    private static synchronized void snapshot(long checkpoint) {
        if (recordsLeft != Integer.MAX_VALUE && publishedSinceSnapshot) {
            checkpointToCommit = Math.min(checkpointToCommit, checkpoint);
        }
        publishedSinceSnapshot = false;
    }

    private static synchronized void completed(long checkpoint) {
        completedCheckpoint = Math.max(completedCheckpoint, checkpoint);
    }

    private static synchronized boolean isCommitDue() {
        return completedCheckpoint >= checkpointToCommit;
    }

    private static synchronized boolean isCommitAwaited() {
        return place == Place.COMMIT && !failed && recordsLeft != Integer.MAX_VALUE;
    }

    /** Holds the sink's task between a checkpoint and its commit, which is due on that very thread, and fails it. */
    private static void passCommit() throws Exception {
        synchronized (Faults.class) {
            if (!isCommitAwaited() || checkpointToCommit == Long.MAX_VALUE) {
                return;
            }
        }
        Waiting.until("a checkpoint to be completed", Faults::isCommitDue);
        synchronized (Faults.class) {
            failed = true;
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

    /**
     * Runs in another task than the sink, and so is told of a checkpoint while the sink's is held. Where one is awaited,
     * it lets the events through so slowly that checkpoints fall between them and not only behind the last.
     */
    private static final class ListeningBatches extends BatchOperator {

        private static final long serialVersionUID = 1L;
        private static final long SLOW_NANOS = 300_000;

        ListeningBatches(JobSettings settings) {
            super(settings);
        }

        @Override
        public void processElement(StreamRecord<RawEvent> element) {
            if (isCommitAwaited()) {
                LockSupport.parkNanos(SLOW_NANOS);
            }
            super.processElement(element);
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
            passCommit();
            super.processElement(element);
            pass(Place.STUDENT);
        }

        @Override
        public void snapshotState(StateSnapshotContext context) throws Exception {
            super.snapshotState(context);
            snapshot(context.getCheckpointId());
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
