package dev.reflux.service.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a consumer sees in a topic of one partition. */
public final class TopicReader {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private TopicReader() {}

    /** All committed records up to the last stable one, in order. */
    public static List<ConsumerRecord<byte[], byte[]>> readCommitted(String bootstrapServers, String topic) {
        Properties properties = new Properties();
        properties.putAll(Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "isolation.level",
                "read_committed",
                // a consumer that closes waits for the answer to its last fetch, and the broker's to nothing new
                "fetch.max.wait.ms",
                "5"));
        List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            long deadline = System.nanoTime() + LIMIT.toNanos();
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(all::add);
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("read up to " + consumer.position(partition) + " of " + end + " of "
                            + topic + " in " + LIMIT.toSeconds() + " s");
                }
            }
        }
        return all;
    }
}
