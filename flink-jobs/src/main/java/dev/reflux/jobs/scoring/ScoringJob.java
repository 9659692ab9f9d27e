package dev.reflux.jobs.scoring;

import dev.reflux.jobs.kafka.KafkaConnectors;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineWriter;
import dev.reflux.jobs.wire.OutgoingRecord;
import dev.reflux.jobs.wire.RawEvent;
import dev.reflux.jobs.wire.WireType;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The scoring job: events from Kafka, the newest published student, predictions to Kafka.
 *
 * <pre>
 * events ----------------> [ SCORE ] -> predictions
 * checkpoints -broadcast->
 * </pre>
 *
 * <p>Each event gives one record of predictions at least; after a failure some come twice, the second time perhaps by a
 * newer student.
 */
public final class ScoringJob {

    /** Students published this long before the start are found by looking back, later ones by the stream. */
    private static final Duration OVERLAP = Duration.ofMinutes(10);

    private ScoringJob() {}

    /**
     * Adds the job to an environment that has nothing in it yet, and sets what the job relies on.
     *
     * @param bootstrapServers the brokers; may differ from the pipeline's when they are embedded
     */
    public static void build(StreamExecutionEnvironment environment, Pipeline pipeline, String bootstrapServers) {
        configure(environment, pipeline);
        KafkaConnectors kafka = new KafkaConnectors(pipeline, bootstrapServers);
        DataStream<RawEvent> events = environment
                .fromSource(kafka.eventsToScore(), WatermarkStrategy.noWatermarks(), "events to score")
                .uid("events-to-score");
        long since = System.currentTimeMillis() - OVERLAP.toMillis();
        DataStream<OutgoingRecord> students = environment
                .fromSource(kafka.students(since), WatermarkStrategy.noWatermarks(), "students")
                .uid("students")
                .setParallelism(1);
        events.connect(students.broadcast())
                .transform(
                        "score",
                        WireType.OUTGOING,
                        new ScoringOperator(PipelineWriter.complete(pipeline), bootstrapServers))
                .name("score")
                .uid("score")
                .sinkTo(kafka.atLeastOnce(pipeline.topics().predictions()))
                .name("predictions")
                .uid("predictions");
    }

    private static void configure(StreamExecutionEnvironment environment, Pipeline pipeline) {
        Configuration needed = new Configuration();
        needed.set(PipelineOptions.GENERIC_TYPES, false);
        needed.set(PipelineOptions.OBJECT_REUSE, true);
        needed.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, pipeline.flink().checkpointInterval());
        needed.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.AT_LEAST_ONCE);
        needed.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        needed.set(PipelineOptions.NAME, "reflux " + pipeline.pipeline() + " scoring");
        environment.configure(needed);
        environment.setParallelism(pipeline.scoring().parallelism());
    }
}
