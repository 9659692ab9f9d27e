package dev.reflux.jobs.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.jobs.pipeline.KafkaSettings;
import dev.reflux.jobs.pipeline.KafkaSettings.StartFrom;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer.PartitionOffsetsRetriever;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StartingOffsetsTest {

    private static final TopicPartition FIRST = new TopicPartition("a.events", 0);
    private static final TopicPartition SECOND = new TopicPartition("a.events", 1);

    /** Partition 0 holds offsets 3 to 9, partition 1 holds 5 to 19; the group has committed 7 in partition 0. */
    private static final class Brokers implements PartitionOffsetsRetriever {

        @Override
        public Map<TopicPartition, Long> committedOffsets(Collection<TopicPartition> partitions) {
            return Map.of(FIRST, 7L);
        }

        @Override
        public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions) {
            return Map.of(FIRST, 10L, SECOND, 20L);
        }

        @Override
        public Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions) {
            return Map.of(FIRST, 3L, SECOND, 5L);
        }

        @Override
        public Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(Map<TopicPartition, Long> times) {
            throw new UnsupportedOperationException("not asked for by a start");
        }
    }

    @ParameterizedTest
    @CsvSource({"EARLIEST, 3, 5", "LATEST, 10, 20", "COMMITTED, 7, 5"})
    void offsets_ofEveryStart_areNumbers(StartFrom from, long first, long second) {
        StartingOffsets offsets = StartingOffsets.of(new KafkaSettings("localhost:9092", from, Map.of()));

        assertThat(offsets.getPartitionOffsets(List.of(FIRST, SECOND), new Brokers()))
                .isEqualTo(Map.of(FIRST, first, SECOND, second));
    }

    @Test
    @SuppressWarnings("deprecation") // Flink's API still names the enum that Kafka deprecated
    void reset_unlessAskedFor_isNone() {
        assertThat(StartingOffsets.of(kafka(Map.of()))
                        .getAutoOffsetResetStrategy()
                        .name())
                .isEqualTo("NONE");
        assertThat(StartingOffsets.of(kafka(Map.of("auto.offset.reset", "earliest")))
                        .getAutoOffsetResetStrategy()
                        .name())
                .isEqualTo("EARLIEST");
    }

    @Test
    void reset_unknown_isRefused() {
        assertThatThrownBy(() -> StartingOffsets.of(kafka(Map.of("auto.offset.reset", "by_duration:PT1H"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "kafka.properties: auto.offset.reset is 'by_duration:PT1H', must be none, earliest or latest");
    }

    private static KafkaSettings kafka(Map<String, String> properties) {
        return new KafkaSettings("localhost:9092", StartFrom.EARLIEST, properties);
    }
}
