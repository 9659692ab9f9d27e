package dev.reflux.checkpoints;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a topic of checkpoints, committed ones only, without a consumer group. Topics may be compacted: offsets without a
 * record are passed over.
 */
public final class CheckpointReader implements CheckpointFeed {

    /** Offsets of the first stretch looked at by {@link #findNewest}; transaction markers take up every other one. */
    private static final long FIRST_STRETCH = 8;

    private static final int STRETCH_GROWTH = 4;
    private static final Duration STRETCH_POLL = Duration.ofSeconds(1);

    /** Where to begin. */
    public enum Start {
        /** The oldest record that the topic still has. */
        BEGINNING,
        /** Only what is published from now on. */
        END
    }

    private final Consumer<byte[], byte[]> consumer;
    private final byte[] wantedKey;
    private final Acceptance acceptance;

    /**
     * @param properties of the Kafka client, {@code bootstrap.servers} among them; deserializers and isolation are set
     *     here
     * @param student whose checkpoints are read; empty for those of all
     * @throws IllegalStateException when the topic does not exist
     */
    public CheckpointReader(
            Map<String, ?> properties, String topic, Optional<String> student, Start start, Acceptance acceptance) {
        this(new KafkaConsumer<>(settings(properties)), topic, student, start, acceptance);
    }

    CheckpointReader(
            Consumer<byte[], byte[]> consumer,
            String topic,
            Optional<String> student,
            Start start,
            Acceptance acceptance) {
        this.consumer = consumer;
        this.wantedKey = student.orElse("").getBytes(StandardCharsets.UTF_8);
        this.acceptance = acceptance;
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

    @Override
    public List<Entry> poll(Duration timeout) {
        List<Entry> entries = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> consumed : consumer.poll(timeout)) {
            if (isWanted(consumed)) {
                entries.add(entry(consumed));
            }
        }
        return entries;
    }

    @Override
    public boolean findNewest(Predicate<? super Entry> usable) {
        Map<TopicPartition, Long> resume = new HashMap<>();
        consumer.assignment().forEach(partition -> resume.put(partition, consumer.position(partition)));
        Map<TopicPartition, Long> oldest = consumer.beginningOffsets(resume.keySet());
        Map<TopicPartition, Long> high = new HashMap<>(resume);
        boolean found = false;
        for (long stretch = FIRST_STRETCH; !found && isAbove(high, oldest); stretch *= STRETCH_GROWTH) {
            Map<TopicPartition, Long> low = new HashMap<>();
            for (Map.Entry<TopicPartition, Long> end : high.entrySet()) {
                low.put(end.getKey(), Math.max(oldest.get(end.getKey()), end.getValue() - stretch));
            }
            low.forEach(consumer::seek);
            found = readUpTo(high, usable);
            high = low;
        }
        resume.forEach(consumer::seek);
        return found;
    }

    private static boolean isAbove(Map<TopicPartition, Long> high, Map<TopicPartition, Long> low) {
        return high.entrySet().stream().anyMatch(end -> end.getValue() > low.get(end.getKey()));
    }

    private boolean readUpTo(Map<TopicPartition, Long> high, Predicate<? super Entry> usable) {
        boolean found = false;
        while (high.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(STRETCH_POLL);
            for (ConsumerRecord<byte[], byte[]> consumed : records) {
                TopicPartition partition = new TopicPartition(consumed.topic(), consumed.partition());
                if (consumed.offset() < high.get(partition) && isWanted(consumed)) {
                    found |= usable.test(entry(consumed));
                }
            }
            if (records.isEmpty() && atEnd()) {
                // the topic is shorter than it was: it has been cut or made anew meanwhile
                break;
            }
        }
        return found;
    }

    /** True when nothing committed lies ahead at this moment. */
    public boolean atEnd() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    @Override
    public void wakeup() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close();
    }

    private boolean isWanted(ConsumerRecord<byte[], byte[]> consumed) {
        return wantedKey.length == 0 || Arrays.equals(wantedKey, consumed.key());
    }

    private Entry entry(ConsumerRecord<byte[], byte[]> consumed) {
        try {
            Checkpoint checkpoint =
                    CheckpointRecord.decode(consumed.key(), consumed.value(), consumed.headers(), acceptance);
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
        // a topic that was cut, or deleted and made anew, is read from what it still has
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return settings;
    }
}
