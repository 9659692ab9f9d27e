package dev.reflux.jobs.kafka;

import dev.reflux.jobs.pipeline.KafkaSettings;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a first start begins to read, so that no event is ever left out in silence.
 *
 * <p>The offsets are looked up once and are numbers from then on. The connector's own initializers leave "the earliest"
 * and "the committed" to the reader, and Flink checkpoints hold those words until the first event has been read: after a
 * restart they may mean a later offset.
 *
 * <p>A reader whose next event was deleted from the topic meanwhile fails. The connector's own initializers make it jump
 * to the oldest or to the newest event instead, past a bounded job's end if need be. Who would rather go on with a gap
 * says so in the pipeline file: {@code kafka.properties: { auto.offset.reset: earliest }}.
 */
@SuppressWarnings("deprecation") // Flink's API still names the enum that Kafka deprecated
final class StartingOffsets implements OffsetsInitializer {

    private static final long serialVersionUID = 1L;

    private final KafkaSettings.StartFrom from;
    private final OffsetResetStrategy whenDeleted;

    private StartingOffsets(KafkaSettings.StartFrom from, OffsetResetStrategy whenDeleted) {
        this.from = from;
        this.whenDeleted = whenDeleted;
    }

    static StartingOffsets of(KafkaSettings kafka) {
        String reset = kafka.properties().getOrDefault(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        try {
            return new StartingOffsets(kafka.startFrom(), OffsetResetStrategy.valueOf(reset.toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "kafka.properties: auto.offset.reset is '" + reset + "', must be none, earliest or latest", e);
        }
    }

    @Override
    public Map<TopicPartition, Long> getPartitionOffsets(
            Collection<TopicPartition> partitions, PartitionOffsetsRetriever brokers) {
        return switch (from) {
            case EARLIEST -> brokers.beginningOffsets(partitions);
            case LATEST -> brokers.endOffsets(partitions);
            case COMMITTED -> {
                Map<TopicPartition, Long> offsets = new HashMap<>(brokers.beginningOffsets(partitions));
                offsets.putAll(brokers.committedOffsets(partitions));
                yield offsets;
            }
        };
    }

    @Override
    public OffsetResetStrategy getAutoOffsetResetStrategy() {
        return whenDeleted;
    }
}
