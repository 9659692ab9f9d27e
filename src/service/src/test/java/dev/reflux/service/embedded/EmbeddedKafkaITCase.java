package dev.reflux.service.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class EmbeddedKafkaITCase {
    private static final String TOPIC = "reflux.test";

    @TempDir
    private Path directory;

    @Test
    void consume_afterProduce_returnsTheRecordsInOrder() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory)) {
            createTopic(kafka);
            produce(kafka, "a", "b", "c");

            assertThat(consume(kafka, "read_uncommitted", 3)).containsExactly("a", "b", "c");
        }
    }

    @Test
    void readCommitted_abortedAndCommittedTransactions_seesTheCommittedOnly() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory)) {
            createTopic(kafka);
            try (KafkaProducer<String, String> producer = producer(kafka, Map.of("transactional.id", "test-1"))) {
                producer.initTransactions();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(TOPIC, "aborted"));
                producer.flush();
                producer.abortTransaction();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(TOPIC, "committed"));
                producer.commitTransaction();
            }

            assertThat(consume(kafka, "read_uncommitted", 2)).containsExactly("aborted", "committed");
            assertThat(consume(kafka, "read_committed", 1)).containsExactly("committed");
        }
    }

    @Test
    void start_overADirectoryOfBefore_keepsRecordsAndPort() throws Exception {
        int port;
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory)) {
            port = kafka.port();
            createTopic(kafka);
            produce(kafka, "kept");
        }

        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, port)) {
            produce(kafka, "added");

            assertThat(kafka.bootstrapServers()).isEqualTo("127.0.0.1:" + port);
            assertThat(consume(kafka, "read_committed", 2)).containsExactly("kept", "added");
        }
    }

    @Test
    void start_onAPortInUse_saysSo() {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("first"))) {
            assertThatThrownBy(() -> EmbeddedKafka.start(directory.resolve("second"), kafka.port()))
                    .isInstanceOf(EmbeddedKafkaException.class)
                    .hasMessageContaining("port " + kafka.port())
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void start_overADirectoryInUse_saysSo() {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory)) {
            assertThat(kafka.directory()).isEqualTo(directory.toAbsolutePath());
            assertThatThrownBy(() -> EmbeddedKafka.start(directory))
                    .isInstanceOf(EmbeddedKafkaException.class)
                    .hasMessageContaining(directory.toString())
                    .hasMessageContaining("already running");
        }
    }

    private static void createTopic(EmbeddedKafka kafka) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, Optional.of(1), Optional.empty())))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
    }

    private static void produce(EmbeddedKafka kafka, String... values) throws Exception {
        try (KafkaProducer<String, String> producer = producer(kafka, Map.of())) {
            for (String value : values) {
                producer.send(new ProducerRecord<>(TOPIC, value)).get(30, TimeUnit.SECONDS);
            }
        }
    }

    private static KafkaProducer<String, String> producer(EmbeddedKafka kafka, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private static List<String> consume(EmbeddedKafka kafka, String isolation, int count) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "isolation.level", isolation);
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(TOPIC, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            List<String> values = new ArrayList<>();
            while (values.size() < count) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
            }
            return values;
        }
    }
}
