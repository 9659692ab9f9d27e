package dev.reflux.service.runs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflux.events.generated.DriftingStream;
import dev.reflux.events.generated.DriftingStreamSpec;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.ExitCode;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.replay.Replay;
import dev.reflux.service.topics.TopicPlan;
import dev.reflux.service.topics.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The process that trains is stopped, or cannot start, while the broker, in another one, lives on. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class StoppedRunITCase {
    private static final int EVENTS = 60_000;
    private static final int EVENTS_PER_CHECKPOINT = 20 * 256;
    /** Students that are offered over the whole stream; the last batch is never full and stays open. */
    private static final long LAST_SEEN = EVENTS / EVENTS_PER_CHECKPOINT * (long) EVENTS_PER_CHECKPOINT;

    private static final String PIPELINE = """
            pipeline: stop
            events:
              id: /id
              label: { path: /label, classes: [A, B, C, D] }
              features:
                - { name: x0, type: numeric }
                - { name: x1, type: numeric }
                - { name: x2, type: numeric }
                - { name: x3, type: numeric }
                - { name: kind, type: category, size: 5 }
            batch: { size: 256, maxDelay: off, step: event }
            teacher: { network: { type: mlp, hidden: [64, 64] }, optimizer: { type: sgd, learningRate: 0.02 } }
            students:
              - { name: phone, network: { type: mlp, hidden: [16] }, optimizer: { type: sgd, learningRate: 0.03 } }
            feedback: { policy: mutual, weight: 0.1, lag: 1 }
            checkpoints: { every: 20 batches, gate: { maxRegression: 1.0 } }
            flink: { checkpointInterval: 300ms }
            """;

    @TempDir
    private Path folder;

    @Test
    void run_interrupted_savesAndGoesOnFromThere() throws Exception {
        Path own = Files.createDirectories(folder.resolve("interrupted"));
        try (EmbeddedKafka kafka = EmbeddedKafka.start(own.resolve("kafka"))) {
            feed(kafka);
            try (RefluxProcess run = start(kafka, own)) {
                awaitPublished(kafka, run, manifests -> manifests.size() >= 2);

                assertThat(run.interrupt()).as(run::output).isEqualTo(ExitCode.INTERRUPTED);
                assertThat(run.output())
                        .contains("starting from nothing")
                        .contains("stopped; the next run goes on from");
            }
            try (RefluxProcess run = start(kafka, own)) {
                List<JsonNode> all = awaitPublished(kafka, run, manifests -> seen(manifests) == LAST_SEEN);

                assertThat(run.interrupt()).as(run::output).isEqualTo(ExitCode.INTERRUPTED);
                assertThat(run.output()).contains("resuming from").contains("savepoint-");
                assertThat(all)
                        .extracting(manifest -> manifest.get("eventsSeen").asLong())
                        .isEqualTo(LongStream.rangeClosed(1, EVENTS / EVENTS_PER_CHECKPOINT)
                                .mapToObj(n -> n * EVENTS_PER_CHECKPOINT)
                                .toList());
            }
        }
    }

    @Test
    void run_checkpointUnreadable_failsAndDoesNotStartAnew() throws Exception {
        Path own = Files.createDirectories(folder.resolve("unreadable"));
        Path broken = Files.createDirectories(own.resolve(".reflux/stop/checkpoints/job/chk-1"));
        Files.writeString(broken.resolve("_metadata"), "not a checkpoint");
        try (EmbeddedKafka kafka = EmbeddedKafka.start(own.resolve("kafka"))) {
            feed(kafka);
            try (RefluxProcess run = start(kafka, own)) {
                assertThat(run.awaitExit()).isEqualTo(ExitCode.FAILED);
                assertThat(run.output())
                        .contains("cannot go on from")
                        .contains("chk-1")
                        .contains("--fresh");
            }
            assertThat(published(kafka)).isEmpty();
            try (RefluxProcess run = start(kafka, own, "--fresh")) {
                awaitPublished(kafka, run, manifests -> !manifests.isEmpty());
                assertThat(run.interrupt()).as(run::output).isEqualTo(ExitCode.INTERRUPTED);
            }
        }
    }

    @Test
    void run_secondOfTheSamePipeline_isRefused() throws Exception {
        Path own = Files.createDirectories(folder.resolve("twice"));
        try (EmbeddedKafka kafka = EmbeddedKafka.start(own.resolve("kafka"))) {
            feed(kafka);
            try (RefluxProcess first = start(kafka, own)) {
                awaitPublished(kafka, first, manifests -> !manifests.isEmpty());
                try (RefluxProcess second = start(kafka, own)) {
                    assertThat(second.awaitExit()).isEqualTo(ExitCode.USAGE);
                    assertThat(second.output()).contains("already running");
                }
                assertThat(first.interrupt()).as(first::output).isEqualTo(ExitCode.INTERRUPTED);
            }
        }
    }

    private static void feed(EmbeddedKafka kafka) {
        try (Topics topics = new Topics(kafka.bootstrapServers(), Map.of())) {
            topics.ensure(TopicPlan.of(PipelineReader.read(PIPELINE)), Topics.Creation.defaults());
        }
        DriftingStream stream = new DriftingStream(DriftingStreamSpec.demo(3));
        try (Replay replay =
                new Replay(kafka.bootstrapServers(), Map.of(), "stop.events", Replay.Pace.unlimited(EVENTS))) {
            replay.run(LongStream.range(0, EVENTS).mapToObj(stream::event).iterator());
        }
    }

    private static RefluxProcess start(EmbeddedKafka kafka, Path own, String... more) throws IOException {
        Path file = Files.writeString(own.resolve("stop.yaml"), PIPELINE);
        List<String> arguments = new ArrayList<>(List.of(
                "run", file.toString(), "--set", "kafka.bootstrapServers=" + kafka.bootstrapServers(), "--verbose"));
        arguments.addAll(List.of(more));
        return RefluxProcess.start(own, arguments.toArray(String[]::new));
    }

    private static long seen(List<JsonNode> manifests) {
        return manifests.isEmpty()
                ? 0
                : manifests.get(manifests.size() - 1).get("eventsSeen").asLong();
    }

    private static List<JsonNode> awaitPublished(
            EmbeddedKafka kafka, RefluxProcess run, Predicate<List<JsonNode>> enough) throws IOException {
        long end = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (true) {
            List<JsonNode> manifests = published(kafka);
            if (enough.test(manifests)) {
                return manifests;
            }
            assertThat(run.isAlive()).as(run::output).isTrue();
            assertThat(System.nanoTime())
                    .as("waited too long, it said:\n" + run.output())
                    .isLessThan(end);
        }
    }

    /** What a reader of committed records sees now. */
    private static List<JsonNode> published(EmbeddedKafka kafka) throws IOException {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "isolation.level", "read_committed");
        List<JsonNode> manifests = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition("stop.checkpoints", 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            ObjectMapper json = new ObjectMapper();
            while (consumer.position(partition) < end) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    ObjectNode manifest =
                            (ObjectNode) json.readTree(new String(record.value(), StandardCharsets.UTF_8));
                    manifest.remove("created");
                    manifests.add(manifest);
                }
            }
        }
        return manifests;
    }
}
