package dev.reflux.jobs;

import dev.reflux.jobs.kafka.KafkaConnectors;
import dev.reflux.jobs.operators.BatchOperator;
import dev.reflux.jobs.operators.ModelDriftOperator;
import dev.reflux.jobs.operators.Outputs;
import dev.reflux.jobs.operators.StreamDriftOperator;
import dev.reflux.jobs.pipeline.DetectorSettings;
import dev.reflux.jobs.pipeline.DistanceSettings;
import dev.reflux.jobs.pipeline.DistillationSettings.Scheme;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineWriter;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Texts;
import dev.reflux.jobs.wire.BatchRecord;
import dev.reflux.jobs.wire.OutgoingRecord;
import dev.reflux.jobs.wire.WireType;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;

/**
 * Drift monitoring by itself, of events and of a model that learns elsewhere: nobody learns here, and nothing is published but
 * drift records.
 *
 * <pre>
 * events -> [ decode, batch ] -> [ features, labels ] -> drift
 *                |          '--> [ the model ] --------'
 *                '-> dead letters
 * </pre>
 */
public final class DriftJob {

    private final Pipeline pipeline;
    private final JobSettings settings;
    private final KafkaConnectors kafka;

    private DriftJob(Pipeline pipeline, String bootstrapServers) {
        this.pipeline = pipeline;
        this.settings = new JobSettings(PipelineWriter.complete(pipeline), 1, 0);
        this.kafka = new KafkaConnectors(pipeline, bootstrapServers);
    }

    /**
     * Adds the job to an environment that has nothing in it yet, and sets what the job relies on.
     *
     * @throws OptionException when the pipeline asks for what this job has not, or for nothing
     */
    public static void build(StreamExecutionEnvironment environment, Pipeline pipeline, String bootstrapServers) {
        check(pipeline);
        new DriftJob(pipeline, bootstrapServers).build(environment);
    }

    /** @throws OptionException when the pipeline asks for what this job has not, or for nothing */
    public static void check(Pipeline pipeline) {
        for (int i = 0; i < pipeline.drift().detectors().size(); i++) {
            DetectorSettings.Signal on = pipeline.drift().detectors().get(i).on();
            require(pipeline, "drift.detectors[" + i + "].on", Texts.wireName(on), on.isStreams(), on.isTeachers());
        }
        for (int i = 0; i < pipeline.drift().distances().size(); i++) {
            DistanceSettings.Subject on = pipeline.drift().distances().get(i).on();
            require(pipeline, "drift.distances[" + i + "].on", Texts.wireName(on), on.isStreams(), on.isTeachers());
        }
        if (!pipeline.drift().watchesStream() && !pipeline.drift().watchesTeacher()) {
            throw new OptionException("drift", "neither a detector nor a distance found; there is nothing to watch");
        }
    }

    private static void require(Pipeline pipeline, String path, String on, boolean streams, boolean teachers) {
        if (!streams && !teachers) {
            throw new OptionException(
                    path, on + " found, but nobody studies in this job; the model that it watches is the teacher");
        }
        if (teachers && pipeline.distillation().scheme() != Scheme.OFFLINE) {
            throw new OptionException(
                    path,
                    on + " found, but distillation.scheme is "
                            + Texts.wireName(pipeline.distillation().scheme())
                            + "; the model that this job watches is a frozen teacher: set it to offline, and teacher.from to"
                            + " where the model's word is found");
        }
    }

    private void build(StreamExecutionEnvironment environment) {
        DistillationJob.configure(environment, pipeline, pipeline.pipeline() + " drift");
        SingleOutputStreamOperator<BatchRecord> batches = environment
                .fromSource(kafka.events(OptionalLong.empty()), WatermarkStrategy.noWatermarks(), "events")
                .uid("events")
                .transform("batch", WireType.BATCH, new BatchOperator(settings))
                .name("batch")
                .uid("batch");
        sink(batches.getSideOutput(Outputs.DEAD_LETTERS), pipeline.topics().deadLetters(), "dead-letters");
        List<DataStream<OutgoingRecord>> drift = new ArrayList<>();
        if (pipeline.drift().watchesStream()) {
            drift.add(watch(batches, "stream drift", new StreamDriftOperator(settings)));
        }
        if (pipeline.drift().watchesTeacher()) {
            drift.add(watch(batches, "model drift", new ModelDriftOperator(settings)));
        }
        sink(
                drift.stream().reduce(DataStream::union).orElseThrow(),
                pipeline.topics().drift(),
                "drift");
    }

    private static DataStream<OutgoingRecord> watch(
            DataStream<BatchRecord> batches,
            String name,
            OneInputStreamOperator<BatchRecord, OutgoingRecord> operator) {
        return batches.transform(name, WireType.OUTGOING, operator).name(name).uid(name.replace(' ', '-'));
    }

    private void sink(DataStream<OutgoingRecord> stream, String topic, String name) {
        stream.sinkTo(kafka.atLeastOnce(topic)).name(name).uid(name);
    }
}
