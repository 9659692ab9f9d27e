package dev.reflux.service.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflux.jobs.DriftJob;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedJob;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.embedded.Restarts;
import dev.reflux.service.support.TopicReader;
import dev.reflux.service.support.Waiting;
import dev.reflux.service.topics.TopicPlan;
import dev.reflux.service.topics.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The predictions of somebody else's model, through a real broker and a real cluster, with a restart in mid-stream. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class DriftJobITCase {

    private static final String PREDICTIONS = "fraud.predictions";
    private static final int CHANGE = 9_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private static Pipeline pipeline(String brokers) {
        return PipelineReader.read("""
                pipeline: fraud-watch
                kafka: { bootstrapServers: "%s" }
                topics: { events: %s }
                events:
                  label: { path: /fraud, classes: ["false", "true"] }
                  teacher: { path: /predicted }
                  features:
                    - { name: amount, type: numeric }
                    - { name: wrong, type: numeric, required: false }
                batch: { size: 50, maxDelay: 20ms }
                teacher: { from: events }
                distillation: { scheme: offline }
                drift:
                  detectors:
                    - { type: adwin, on: teacher-error }
                    - { type: ddm, on: feature, feature: wrong }
                  distances:
                    - { type: psi, features: [amount] }
                    - { type: jensen-shannon, on: teacher-prediction, warning: 0.005, drift: 0.01 }
                  windows: { reference: 3000, current: 1000, warmUp: 0 }
                flink: { checkpointInterval: 100ms }
                """.formatted(brokers, PREDICTIONS));
    }

    @Test
    void predictionsOfAnotherModel_thatGoWrongAtAChange_areFoundAcrossARestart() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"));
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            Pipeline pipeline = pipeline(kafka.bootstrapServers());
            try (Topics topics = new Topics(kafka.bootstrapServers(), Map.of())) {
                topics.ensure(TopicPlan.ofDrift(pipeline), Topics.Creation.defaults());
                assertThat(topics.missing(TopicPlan.of(pipeline)))
                        .as("nothing is published but drift records and dead letters")
                        .containsExactlyInAnyOrder("fraud-watch.checkpoints", "fraud-watch.checkpoint-decisions");
            }
            org.apache.flink.core.fs.Path checkpoints = org.apache.flink.core.fs.Path.fromLocalFile(
                    folder.resolve("flink").toFile());
            try (EmbeddedFlink flink = EmbeddedFlink.start(
                    new EmbeddedFlink.Settings(checkpoints, 1, Restarts.none(), new SimpleMeterRegistry()))) {
                EmbeddedJob job = flink.submit(build(flink, pipeline));
                producer.send(new ProducerRecord<>(
                        PREDICTIONS, "{\"amount\":1,\"predicted\":\"maybe\"}".getBytes(StandardCharsets.UTF_8)));
                send(producer, 0, 8_000);
                await(
                        kafka,
                        one -> one.get("windowEnd").asLong() >= 7_000
                                && one.get("feature").asText().equals("amount"));
                assertThat(found(kafka)).noneMatch(DriftJobITCase::isAlarm);
                org.apache.flink.core.fs.Path savepoint = job.stopWithSavepoint(checkpoints, Duration.ofSeconds(60));

                EmbeddedJob again = flink.resume(build(flink, pipeline), savepoint);
                send(producer, 8_000, 14_000);
                await(kafka, one -> isAlarm(one, "psi"));
                await(kafka, one -> isAlarm(one, "adwin"));
                await(kafka, one -> isAlarm(one, "ddm"));
                await(kafka, one -> isAlarm(one, "jensen-shannon"));
                again.cancel(Duration.ofSeconds(60));
            }
            for (JsonNode alarm :
                    found(kafka).stream().filter(DriftJobITCase::isAlarm).toList()) {
                assertThat(alarm.get("event").asLong())
                        .as("event of %s", alarm)
                        .isBetween((long) CHANGE, CHANGE + 2_100L);
                if (!alarm.get("detector").asText().equals("ddm")) { // which puts it at its first warning
                    assertThat(alarm.get("changeOffset").asLong())
                            .as("offset of the change, behind one dead letter: %s", alarm)
                            .isBetween(CHANGE - 900L, CHANGE + 1_100L);
                }
                assertThat(alarm.get("reactions")).isEmpty();
            }
            assertThat(TopicReader.readCommitted(
                            kafka.bootstrapServers(), pipeline.topics().deadLetters()))
                    .hasSize(1);
        }
    }

    private static boolean isAlarm(JsonNode record) {
        return record.get("level").asText().equals("drift");
    }

    private static boolean isAlarm(JsonNode record, String detector) {
        return isAlarm(record) && record.get("detector").asText().equals(detector);
    }

    private static StreamExecutionEnvironment build(EmbeddedFlink flink, Pipeline pipeline) {
        StreamExecutionEnvironment environment = flink.environment();
        DriftJob.build(environment, pipeline, pipeline.kafka().bootstrapServers());
        return environment;
    }

    /** A model that is right in nine cases of ten, and from the change on in half of them; then amounts are higher, too. */
    private static void send(KafkaProducer<byte[], byte[]> producer, int from, int to) {
        for (int number = from; number < to; number++) {
            SplittableRandom random = new SplittableRandom(number);
            boolean fraud = random.nextDouble() < 0.3;
            boolean wrong = random.nextDouble() < (number < CHANGE ? 0.1 : 0.5);
            String event = String.format(
                    Locale.ROOT,
                    "{\"amount\":%f,\"fraud\":%b,\"predicted\":\"%b\",\"wrong\":%d}",
                    random.nextDouble() + (number < CHANGE ? 0 : 0.4),
                    fraud,
                    fraud != wrong,
                    wrong ? 1 : 0);
            producer.send(new ProducerRecord<>(PREDICTIONS, event.getBytes(StandardCharsets.UTF_8)));
        }
        producer.flush();
    }

    private static void await(EmbeddedKafka kafka, Predicate<JsonNode> wanted) throws Exception {
        Waiting.until("drift record", () -> found(kafka).stream().anyMatch(wanted));
    }

    private static List<JsonNode> found(EmbeddedKafka kafka) throws IOException {
        List<JsonNode> found = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record :
                TopicReader.readCommitted(kafka.bootstrapServers(), "fraud-watch.drift")) {
            found.add(JSON.readTree(record.value()));
        }
        return found;
    }
}
