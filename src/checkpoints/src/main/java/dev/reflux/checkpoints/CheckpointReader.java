package dev.reflux.checkpoints;

import dev.reflux.checkpoints.CheckpointException.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a topic of checkpoints, committed ones only, without a consumer group. One thread at a time.
 */
public final class CheckpointReader implements AutoCloseable {

    /** Where to begin. */
    public enum Start {
        /** The oldest record that the topic still has. */
        BEGINNING,
        /** Only what is published from now on. */
        END
    }

    /** What a record turned out to be. */
    public sealed interface Entry {
        int partition();

        long offset();
    }

    /** A checkpoint whose size and hash are right; the model has not been loaded. */
    public record Published(Checkpoint checkpoint, int partition, long offset) implements Entry {}

    /** A record to pass over. */
    public record Rejected(Problem problem, String message, int partition, long offset) implements Entry {}

    private final Consumer<byte[], byte[]> consumer;
    private final ModelStore store;

    /**
     * @param properties of the Kafka client, {@code bootstrap.servers} among them; deserializers and isolation are set
     *     here
     * @throws IllegalStateException when the topic does not exist
     */
    public CheckpointReader(Map<String, ?> properties, String topic, Start start, ModelStore store) {
        this(new KafkaConsumer<>(settings(properties)), topic, start, store);
    }

    CheckpointReader(Consumer<byte[], byte[]> consumer, String topic, Start start, ModelStore store) {
        this.consumer = consumer;
        this.store = store;
        try {
            List<TopicPartition> partitions = new ArrayList<>();
            List<PartitionInfo> found = consumer.partitionsFor(topic);
            if (found != null) {
                found.forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
            }
            if (partitions.isEmpty()) {
                throw new IllegalStateException(
                        "the topic " + topic
                                + " does not exist on this cluster; create it with 'reflux topics PIPELINE.yaml', or check its name");
            }
            consumer.assign(partitions);
            switch (start) {
                case BEGINNING -> consumer.seekToBeginning(partitions);
                case END -> {
                    consumer.seekToEnd(partitions);
                    // the seek is lazy: without this, what is published before the first poll would be missed
                    partitions.forEach(consumer::position);
                }
            }
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /** Records that arrived, in order per partition; empty when {@code timeout} passed without any. */
    public List<Entry> poll(Duration timeout) {
        List<Entry> entries = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> consumed : consumer.poll(timeout)) {
            entries.add(entry(consumed));
        }
        return entries;
    }

    /** True when nothing committed lies ahead at this moment. */
    public boolean atEnd() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    /** Makes a {@link #poll} of another thread return early with Kafka's {@code WakeupException}. */
    public void wakeup() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close();
    }

    private Entry entry(ConsumerRecord<byte[], byte[]> consumed) {
        Header format = consumed.headers().lastHeader(CheckpointRecord.FORMAT_HEADER);
        try {
            Checkpoint checkpoint = CheckpointRecord.decode(
                    consumed.key(), consumed.value(), format == null ? null : format.value(), store);
            return new Published(checkpoint, consumed.partition(), consumed.offset());
        } catch (CheckpointException e) {
            return new Rejected(e.problem(), String.valueOf(e.getMessage()), consumed.partition(), consumed.offset());
        }
    }

    private static Map<String, Object> settings(Map<String, ?> properties) {
        Map<String, Object> settings = new HashMap<>(properties);
        settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        settings.put(
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                IsolationLevel.READ_COMMITTED.toString().toLowerCase(Locale.ROOT));
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        return settings;
    }
}
