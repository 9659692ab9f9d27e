package dev.reflux.service.exactness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.reflux.jobs.DistillationJob;
import dev.reflux.jobs.RetainedCheckpoints;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.ErrorText;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedJob;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.embedded.Restarts;
import dev.reflux.service.progress.MeterProgress;
import dev.reflux.service.support.TestEvents;
import dev.reflux.service.support.TestTopics;
import dev.reflux.service.support.Waiting;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A job never leaves events out in silence: where they are gone, it fails, and where they are not, it reads them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LostEventsITCase {

    private static final int EVENTS = 100;
    private static final Duration TIME = Duration.ofMinutes(3);

    private EmbeddedKafka kafka;
    private EmbeddedFlink flink;
    private org.apache.flink.core.fs.Path checkpoints;
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @BeforeAll
    void start(@TempDir Path folder) {
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
        checkpoints = new org.apache.flink.core.fs.Path(folder.resolve("flink").toUri());
        flink = EmbeddedFlink.start(new EmbeddedFlink.Settings(checkpoints, 1, Restarts.none(), registry));
    }

    @AfterAll
    void stop() {
        flink.close();
        kafka.close();
    }

    @Test
    void boundedJob_fewerEventsThanExpected_fails() throws Exception {
        Pipeline pipeline = pipeline("short", "earliest");
        send(pipeline, 0, EVENTS);
        deleteBefore(pipeline, 40);

        EmbeddedJob job = flink.submit(job(pipeline, OptionalLong.of(EVENTS)));

        Throwable failure = failure(job);
        assertThat(ErrorText.of(failure))
                .startsWith("the input ended after 60 events, 100 were expected: the topic short.in holds fewer");
    }

    @Test
    void resumedJob_whoseNextEventsWereDeleted_fails() throws Exception {
        Pipeline pipeline = pipeline("deleted", "earliest");
        send(pipeline, 0, 50);
        org.apache.flink.core.fs.Path from = runUntilCheckpoint(pipeline, 50);
        send(pipeline, 50, EVENTS);
        deleteBefore(pipeline, 80);

        EmbeddedJob job = flink.resume(job(pipeline, OptionalLong.empty()), from);

        assertThat(ErrorText.of(failure(job)))
                .startsWith("events were deleted from their topic before they were read")
                .contains("offset=50", "deleted.in-0");
    }

    @Test
    void resumedJob_thatBeganAtTheLatestAndReadNothing_readsWhatCameMeanwhile() throws Exception {
        Pipeline pipeline = pipeline("latest", "latest");
        send(pipeline, 0, 50);
        org.apache.flink.core.fs.Path from = runUntilCheckpoint(pipeline, 0);
        send(pipeline, 50, EVENTS);

        EmbeddedJob job = flink.resume(job(pipeline, OptionalLong.empty()), from);

        try {
            Waiting.until("50 events to be read", () -> eventsRead(pipeline) == 50);
        } finally {
            job.cancel(TIME);
        }
    }

    /** Runs until a checkpoint holds that number of events, and no more were read; the job is gone then. */
    private org.apache.flink.core.fs.Path runUntilCheckpoint(Pipeline pipeline, int events) throws Exception {
        EmbeddedJob job = flink.submit(job(pipeline, OptionalLong.empty()));
        Waiting.until(
                "the reader to know where it begins",
                () -> registry.find("kafka.consumer.offset")
                                .tag("topic", pipeline.topics().events())
                                .meter()
                        != null);
        Waiting.until("the events to be read", () -> eventsRead(pipeline) == events);
        org.apache.flink.core.fs.Path own =
                new org.apache.flink.core.fs.Path(checkpoints, job.id().toString());
        // the first one shows that all tasks run: before that, one that is asked for is refused
        Waiting.until("a checkpoint", () -> RetainedCheckpoints.newest(own).isPresent());
        job.requestCheckpoint().get(TIME.toSeconds(), TimeUnit.SECONDS);
        job.cancel(TIME);
        return RetainedCheckpoints.newest(own).orElseThrow();
    }

    private long eventsRead(Pipeline pipeline) {
        return new MeterProgress(registry, pipeline.pipeline(), List.of()).now().events();
    }

    private static Throwable failure(EmbeddedJob job) {
        Throwable failure = catchThrowable(() -> job.result().get(TIME.toSeconds(), TimeUnit.SECONDS));
        if (!job.result().isDone()) {
            job.cancel(TIME);
        }
        assertThat(failure).as("the job's end").isInstanceOf(ExecutionException.class);
        return failure;
    }

    private StreamExecutionEnvironment job(Pipeline pipeline, OptionalLong end) {
        StreamExecutionEnvironment environment = flink.environment();
        DistillationJob.build(environment, pipeline, new DistillationJob.Options(kafka.bootstrapServers(), end, 1, 0));
        return environment;
    }

    private void send(Pipeline pipeline, int from, int to) throws Exception {
        TestEvents.send(kafka.bootstrapServers(), pipeline.topics().events(), from, to, EVENTS);
    }

    private void deleteBefore(Pipeline pipeline, long offset) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            TopicPartition partition = new TopicPartition(pipeline.topics().events(), 0);
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(offset)))
                    .all()
                    .get();
        }
    }

    private Pipeline pipeline(String name, String startFrom) throws Exception {
        Pipeline pipeline = PipelineReader.read("""
                pipeline: %1$s
                topics: { events: %1$s.in }
                kafka: { startFrom: %2$s }
                %3$s
                batch: { size: 10, maxDelay: off }
                teacher: { network: { type: mlp, hidden: [4] } }
                students: [ { name: small, network: { type: mlp, hidden: [4] } } ]
                flink: { checkpointInterval: 150ms }
                """.formatted(name, startFrom, TestEvents.SECTION));
        TestTopics.create(kafka.bootstrapServers(), pipeline);
        return pipeline;
    }
}
