package dev.reflux.service.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflux.checkpoints.Acceptance;
import dev.reflux.checkpoints.CheckpointRecord;
import dev.reflux.checkpoints.ModelStore;
import dev.reflux.checkpoints.onnx.OnnxStudent;
import dev.reflux.checkpoints.onnx.RawBatch;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.scoring.ScoringJob;
import dev.reflux.jobs.wire.OutgoingRecord;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedJob;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.embedded.Restarts;
import dev.reflux.service.support.LiveStudent;
import dev.reflux.service.support.Waiting;
import dev.reflux.service.topics.TopicPlan;
import dev.reflux.service.topics.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Events through a real cluster and back, while students are exchanged. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class ScoringITCase {

    private static final int PARTITIONS = 3;
    private static final int PARALLELISM = 2;
    private static final String CHECKPOINTS = "shop.checkpoints";
    private static final String PREDICTIONS = "shop.predictions";
    private static final float TOLERANCE = 1e-6f;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private static Pipeline pipeline(String brokers) {
        return PipelineReader.read("""
                pipeline: shop
                kafka: { bootstrapServers: "%s" }
                events:
                  id: /id
                  label: { path: /label, classes: [in, out] }
                  features:
                    - { name: x, type: numeric }
                    - { name: y, type: numeric }
                    - { name: note, type: text, buckets: 256, required: false }
                batch: { size: 64, maxDelay: off }
                students: [ { name: phone } ]
                checkpoints: { every: 4 batches, gate: { minEvents: 1, maxRegression: 1 } }
                scoring: { events: shop.unlabelled, batch: 32, maxDelay: 20ms, parallelism: %d }
                flink: { checkpointInterval: 200ms }
                """.formatted(brokers, PARALLELISM));
    }

    @Test
    void everyEvent_isScoredByTheNewestStudent_whileStudentsComeAndGo() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"));
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            Pipeline pipeline = pipeline(kafka.bootstrapServers());
            try (Topics topics = new Topics(kafka.bootstrapServers(), Map.of())) {
                topics.ensure(
                        TopicPlan.ofScoring(pipeline),
                        new Topics.Creation(OptionalInt.of(PARTITIONS), OptionalInt.empty()));
            }
            List<OutgoingRecord> students = students(pipeline);
            long first = step(students.get(0));
            long second = step(students.get(1));
            org.apache.flink.core.fs.Path checkpoints = org.apache.flink.core.fs.Path.fromLocalFile(
                    folder.resolve("flink").toFile());
            try (EmbeddedFlink flink = EmbeddedFlink.start(
                    new EmbeddedFlink.Settings(checkpoints, PARALLELISM, Restarts.none(), new SimpleMeterRegistry()))) {
                EmbeddedJob job = flink.submit(build(flink, pipeline));
                send(producer, 0, 2_000);
                producer.send(LiveStudent.toKafka(students.get(0), CHECKPOINTS));
                Map<String, JsonNode> found = await(kafka, 2_001);
                assertThat(versions(found, 0, 2_000))
                        .as("events wait for the first student")
                        .containsOnly(first);
                assertProbabilities(found, students.get(0), 0, 200);

                // a bad one between two good ones
                producer.send(new ProducerRecord<>(
                        CHECKPOINTS,
                        null,
                        students.get(1).key(),
                        "nonsense".getBytes(StandardCharsets.UTF_8),
                        students.get(1).kafkaHeaders()));
                send(producer, 2_000, 3_000);
                found = await(kafka, 3_002);
                assertThat(versions(found, 2_000, 3_000))
                        .as("after a bad student")
                        .containsOnly(first);

                // every scorer takes it when it arrives there, between two batches
                producer.send(LiveStudent.toKafka(students.get(1), CHECKPOINTS));
                int from = 3_000;
                int sent = 3_002;
                do {
                    send(producer, from, from + 500);
                    from += 500;
                    sent += 501;
                    found = await(kafka, sent);
                    assertThat(versions(found, from - 500, from)).isSubsetOf(first, second);
                } while (!versions(found, from - 500, from).equals(List.of(second)));
                assertProbabilities(found, students.get(1), from - 500, 100);
                assertThat(found.get("bad-2000").at("/error/reason").textValue())
                        .isEqualTo("missing-field");

                org.apache.flink.core.fs.Path savepoint = job.stopWithSavepoint(checkpoints, Duration.ofSeconds(60));
                EmbeddedJob again = flink.resume(build(flink, pipeline), savepoint);
                send(producer, 100_000, 100_500);
                found = await(kafka, sent + 501);
                assertThat(versions(found, 100_000, 100_500))
                        .as("the student goes on after a restart")
                        .containsOnly(second);
                again.cancel(Duration.ofSeconds(60));
            }
        }
    }

    private static StreamExecutionEnvironment build(EmbeddedFlink flink, Pipeline pipeline) {
        StreamExecutionEnvironment environment = flink.environment();
        ScoringJob.build(environment, pipeline, pipeline.kafka().bootstrapServers());
        return environment;
    }

    /** Two students of different age. */
    private static List<OutgoingRecord> students(Pipeline pipeline) throws Exception {
        List<OutgoingRecord> students = new ArrayList<>();
        try (LiveStudent live = new LiveStudent(pipeline)) {
            SplittableRandom random = new SplittableRandom(3);
            for (int i = 0; students.size() < 2; i++) {
                double x = random.nextDouble() * 2 - 1;
                double y = random.nextDouble() * 2 - 1;
                String event = String.format(
                        Locale.ROOT,
                        "{\"x\":%f,\"y\":%f,\"note\":\"n%d\",\"label\":\"%s\"}",
                        x,
                        y,
                        i % 9,
                        x * x + y * y < 0.64 ? "in" : "out");
                live.learn(event.getBytes(StandardCharsets.UTF_8), Instant.now())
                        .ifPresent(students::add);
            }
        }
        return students;
    }

    private static byte[] event(int number) {
        SplittableRandom random = new SplittableRandom(number);
        return String.format(
                        Locale.ROOT,
                        "{\"id\":\"e%d\",\"x\":%s,\"y\":%f,\"note\":\"n%d 🙂\"}",
                        number,
                        number % 17 == 0 ? "null" : Double.toString(random.nextDouble() * 2 - 1),
                        random.nextDouble() * 2 - 1,
                        number % 11)
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Events {@code from} to {@code to}, and one that lacks a field. */
    private static void send(KafkaProducer<byte[], byte[]> producer, int from, int to) {
        for (int number = from; number < to; number++) {
            producer.send(new ProducerRecord<>(
                    "shop.unlabelled", ("k" + number).getBytes(StandardCharsets.UTF_8), event(number)));
        }
        producer.send(new ProducerRecord<>(
                "shop.unlabelled",
                ("bad-" + from).getBytes(StandardCharsets.UTF_8),
                "{\"x\":1}".getBytes(StandardCharsets.UTF_8)));
        producer.flush();
    }

    /** All predictions by their event, once there are so many. */
    private static Map<String, JsonNode> await(EmbeddedKafka kafka, int count) throws Exception {
        Map<String, JsonNode> found = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = IntStream.range(0, PARTITIONS)
                    .mapToObj(number -> new TopicPartition(PREDICTIONS, number))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Waiting.until(count + " predictions", () -> {
                for (ConsumerRecord<byte[], byte[]> one : consumer.poll(Duration.ofMillis(200))) {
                    JsonNode json = JSON.readTree(one.value());
                    assertThat(new String(
                                    one.headers().lastHeader("reflux-format").value(), StandardCharsets.UTF_8))
                            .isEqualTo("prediction/1");
                    String key = new String(one.key(), StandardCharsets.UTF_8);
                    if (json.has("id")) {
                        assertThat("k" + json.get("id").textValue().substring(1))
                                .isEqualTo(key);
                    }
                    assertThat(found.put(key, json))
                            .as("second prediction of %s", key)
                            .isNull();
                }
                return found.size() >= count;
            });
        }
        assertThat(found).hasSize(count);
        return found;
    }

    private static List<Long> versions(Map<String, JsonNode> found, int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(
                        number -> found.get("k" + number).get("studentVersion").asLong())
                .distinct()
                .toList();
    }

    private static void assertProbabilities(Map<String, JsonNode> found, OutgoingRecord student, int from, int count)
            throws Exception {
        byte[] model = CheckpointRecord.decode(
                        student.key(), student.value(), student.kafkaHeaders(), Acceptance.of(ModelStore.none()))
                .model();
        try (OnnxStudent direct = new OnnxStudent(model)) {
            for (int number = from; number < from + count; number++) {
                Map<String, Object> row = new HashMap<>();
                Map<?, ?> values = JSON.readValue(event(number), Map.class);
                values.forEach((name, value) -> row.put((String) name, value));
                float[] expected = direct.score(RawBatch.of(direct.inputs(), List.of(row)));
                JsonNode json = found.get("k" + number);
                assertThat((float) json.at("/probabilities/in").asDouble()).isCloseTo(expected[0], within(TOLERANCE));
                assertThat(json.get("prediction").textValue()).isEqualTo(expected[0] >= expected[1] ? "in" : "out");
                assertThat((float) json.get("confidence").asDouble())
                        .isCloseTo(Math.max(expected[0], expected[1]), within(TOLERANCE));
            }
        }
    }

    private static long step(OutgoingRecord student) {
        return CheckpointRecord.decode(
                        student.key(), student.value(), student.kafkaHeaders(), Acceptance.of(ModelStore.none()))
                .manifest()
                .step();
    }
}
