package dev.reflux.service.exactness;

import dev.reflux.jobs.DistillationJob;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.kafka.OutgoingRecordSerializer;
import dev.reflux.jobs.operators.StudentOperator;
import dev.reflux.jobs.operators.TeacherOperator;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.wire.BatchRecord;
import dev.reflux.jobs.wire.LessonRecord;
import dev.reflux.jobs.wire.OutgoingRecord;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A job with an operator that fails once, at the n-th record after it was armed. */
final class Faults {

    /** Where a job fails. */
    enum Place {
        NOWHERE,
        TEACHER,
        STUDENT,
        SINK
    }

    private static Place place = Place.NOWHERE;
    private static int recordsLeft;
    private static boolean failed;

    private Faults() {}

    /** Makes the next job one that does not fail before {@link #fireAfter}. */
    static synchronized void arm(Place where) {
        place = where;
        recordsLeft = Integer.MAX_VALUE;
        failed = false;
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

    static DistillationJob job(Pipeline pipeline, DistillationJob.Options options) {
        return new DistillationJob(pipeline, options) {
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
    }

    private static final class FailingSerializer extends OutgoingRecordSerializer {

        private static final long serialVersionUID = 1L;

        FailingSerializer(String topic) {
            super(topic);
        }

        @Override
        public ProducerRecord<byte[], byte[]> serialize(OutgoingRecord sent, KafkaSinkContext context, Long timestamp) {
            pass(Place.SINK);
            return super.serialize(sent, context, timestamp);
        }
    }
}
