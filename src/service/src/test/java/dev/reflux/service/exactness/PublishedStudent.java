package dev.reflux.service.exactness;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A committed checkpoint record: all of it but the time, which differs from run to run. */
record PublishedStudent(String key, long step, long eventsSeen, String sha256, JsonNode rest) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** All committed records of a topic, in order. */
    static List<PublishedStudent> readAll(String bootstrapServers, String topic) throws Exception {
        Properties properties = new Properties();
        properties.putAll(Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"));
        List<PublishedStudent> all = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> found : consumer.poll(Duration.ofMillis(200))) {
                    ObjectNode manifest = (ObjectNode) JSON.readTree(found.value());
                    manifest.remove("created");
                    all.add(new PublishedStudent(
                            new String(found.key(), StandardCharsets.UTF_8),
                            manifest.get("step").asLong(),
                            manifest.get("eventsSeen").asLong(),
                            manifest.get("sha256").asText(),
                            manifest));
                }
            }
        }
        return all;
    }
}
