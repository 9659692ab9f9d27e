package dev.reflux.jobs;

import dev.reflux.jobs.kafka.KafkaConnectors;
import dev.reflux.jobs.kafka.OutgoingRecordSerializer;
import dev.reflux.jobs.operators.BatchOperator;
import dev.reflux.jobs.operators.Outputs;
import dev.reflux.jobs.operators.StreamDriftOperator;
import dev.reflux.jobs.operators.StudentOperator;
import dev.reflux.jobs.operators.TeacherOperator;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineWriter;
import dev.reflux.jobs.pipeline.StudentSettings;
import dev.reflux.jobs.report.JobReport;
import dev.reflux.jobs.report.Reports;
import dev.reflux.jobs.wire.BatchRecord;
import dev.reflux.jobs.wire.LessonRecord;
import dev.reflux.jobs.wire.OutgoingRecord;
import dev.reflux.jobs.wire.WireType;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The main job: events from Kafka, micro-batches, the loop of teacher and students, and what they publish.
 *
 * <pre>
 * events -> [ decode, encode, batch ] -> [ TEACHER ] -> lesson -> [ STUDENT name ] -> checkpoints
 *                |                           |   ^                  |    '-> decisions, drift
 *                '-> dead letters    drift <-'   '---- feedback ----'
 * </pre>
 *
 * <p>The makers of operators can be overridden to put another one in its place, as the tests of failure do.
 */
public class DistillationJob {

    private static final String LOOP = "reflux-loop";

    private final Pipeline pipeline;
    private final Options options;
    private final JobSettings settings;
    private final KafkaConnectors kafka;

    /**
     * What is told to a job beside its pipeline file.
     *
     * @param bootstrapServers the brokers; may differ from the pipeline's when they are embedded
     * @param boundedEvents number of events after which this job ends, when it is to end; the topic must then have one
     *     partition, which holds events and nothing else from offset 0 on, and the job fails when it reads fewer
     * @param labelShare share of the labels that learning may see
     * @param curveWindow events per point of the learning curves; 0 keeps none
     */
    public record Options(String bootstrapServers, OptionalLong boundedEvents, double labelShare, long curveWindow) {}

    public DistillationJob(Pipeline pipeline, Options options) {
        this.pipeline = pipeline;
        this.options = options;
        this.settings = new JobSettings(
                PipelineWriter.complete(pipeline),
                options.labelShare(),
                options.curveWindow(),
                options.boundedEvents().orElse(JobSettings.ENDLESS));
        this.kafka = new KafkaConnectors(pipeline, options.bootstrapServers());
    }

    /** Adds the job to an environment that has nothing in it yet, and sets what the job relies on. */
    public static void build(StreamExecutionEnvironment environment, Pipeline pipeline, Options options) {
        new DistillationJob(pipeline, options).build(environment);
    }

    /** What the operators of a bounded job reported when they ended. */
    public static JobReport report(JobExecutionResult result, Pipeline pipeline) {
        return Reports.collect(
                result,
                pipeline.hasTeacher(),
                pipeline.students().stream().map(StudentSettings::name).toList(),
                pipeline.drift().watchesStream());
    }

    public final void build(StreamExecutionEnvironment environment) {
        configure(environment, pipeline, pipeline.pipeline());
        SingleOutputStreamOperator<BatchRecord> batches = environment
                .fromSource(kafka.events(options.boundedEvents()), WatermarkStrategy.noWatermarks(), "events")
                .uid("events")
                .transform("batch", WireType.BATCH, batchOperator(settings))
                .name("batch")
                .uid("batch");
        sink(batches.getSideOutput(Outputs.DEAD_LETTERS), pipeline.topics().deadLetters(), "dead-letters");

        SingleOutputStreamOperator<LessonRecord> lessons = pipeline.hasTeacher() ? teach(batches) : pass(batches);
        List<DataStream<OutgoingRecord>> drift = new ArrayList<>();
        if (pipeline.drift().watchesStream()) {
            drift.add(watchStream(batches));
        }
        if (pipeline.hasTeacher()) {
            drift.add(lessons.getSideOutput(Outputs.DRIFT));
        }
        List<DataStream<OutgoingRecord>> decisions = new ArrayList<>();
        for (StudentSettings settings : pipeline.students()) {
            SingleOutputStreamOperator<OutgoingRecord> student = addStudent(lessons, settings.name());
            drift.add(student.getSideOutput(Outputs.DRIFT));
            decisions.add(student.getSideOutput(Outputs.DECISIONS));
        }
        sink(union(drift), pipeline.topics().drift(), "drift");
        sink(union(decisions), pipeline.topics().checkpointDecisions(), "decisions");
    }

    private static DataStream<OutgoingRecord> union(List<DataStream<OutgoingRecord>> streams) {
        return streams.stream().reduce(DataStream::union).orElseThrow();
    }

    private DataStream<OutgoingRecord> watchStream(DataStream<BatchRecord> batches) {
        return batches.transform("stream drift", WireType.OUTGOING, new StreamDriftOperator(settings))
                .name("stream drift")
                .uid("stream-drift");
    }

    private SingleOutputStreamOperator<LessonRecord> teach(DataStream<BatchRecord> batches) {
        SingleOutputStreamOperator<LessonRecord> lessons = batches.transform(
                        "teacher", WireType.LESSON, teacherOperator(settings))
                .name("teacher")
                .uid("teacher")
                .startNewChain();
        lessons.getTransformation().setCoLocationGroupKey(LOOP);
        return lessons;
    }

    /** For students that teach themselves. */
    private static SingleOutputStreamOperator<LessonRecord> pass(DataStream<BatchRecord> batches) {
        return batches.map(batch -> LessonRecord.withoutTeacher(batch.packed()), WireType.LESSON)
                .name("no teacher")
                .uid("no-teacher");
    }

    private SingleOutputStreamOperator<OutgoingRecord> addStudent(DataStream<LessonRecord> lessons, String name) {
        SingleOutputStreamOperator<OutgoingRecord> student = lessons.transform(
                        "student " + name, WireType.OUTGOING, studentOperator(settings, name))
                .name("student " + name)
                .uid("student-" + name);
        if (pipeline.hasTeacher()) {
            student.getTransformation().setCoLocationGroupKey(LOOP);
        }
        if (!pipeline.flink().chained()) {
            student.startNewChain();
        }
        student.sinkTo(kafka.exactlyOnce(
                        name, checkpointSerializer(pipeline.topics().checkpoints())))
                .name("checkpoints " + name)
                .uid("checkpoints-" + name);
        return student;
    }

    private void sink(DataStream<OutgoingRecord> stream, String topic, String name) {
        stream.sinkTo(kafka.atLeastOnce(topic)).name(name).uid(name);
    }

    protected KafkaRecordSerializationSchema<OutgoingRecord> checkpointSerializer(String topic) {
        return new OutgoingRecordSerializer(topic);
    }

    protected BatchOperator batchOperator(JobSettings operatorSettings) {
        return new BatchOperator(operatorSettings);
    }

    protected TeacherOperator teacherOperator(JobSettings operatorSettings) {
        return new TeacherOperator(operatorSettings);
    }

    protected StudentOperator studentOperator(JobSettings operatorSettings, String name) {
        return new StudentOperator(operatorSettings, name);
    }

    /** Sets what the jobs rely on. */
    static void configure(StreamExecutionEnvironment environment, Pipeline pipeline, String name) {
        Configuration needed = new Configuration();
        needed.set(PipelineOptions.GENERIC_TYPES, false);
        needed.set(PipelineOptions.OBJECT_REUSE, true);
        needed.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, pipeline.flink().checkpointInterval());
        needed.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE);
        needed.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        needed.set(PipelineOptions.NAME, "reflux " + name);
        environment.configure(needed);
        environment.setParallelism(1);
        environment.setBufferTimeout(0);
    }
}
