package dev.reflux.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.reflux.checkpoints.CheckpointException.Problem;
import dev.reflux.checkpoints.CheckpointFeed.Entry;
import dev.reflux.checkpoints.CheckpointFeed.Published;
import dev.reflux.checkpoints.CheckpointFeed.Rejected;
import dev.reflux.checkpoints.CheckpointReader.Start;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class CheckpointReaderTest {

    private static final String TOPIC = "electricity.checkpoints";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

    private static final Headers FORMAT = new RecordHeaders(
            List.of(new RecordHeader("reflux-format", "checkpoint/1".getBytes(StandardCharsets.UTF_8))));
    private static final Headers NONE = new RecordHeaders();

    private final byte[] model = "model".getBytes(StandardCharsets.UTF_8);
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");

    @Test
    void poll_badRecordsAmongGoodOnes_rejectsOnlyThem() throws IOException {
        try (CheckpointReader reader = reader(Start.BEGINNING, 4)) {
            CheckpointRecord good = CheckpointRecord.encode(Samples.checkpoint(model), 100, ModelStore.none());
            add(0, good.key(), good.value(), FORMAT);
            add(1, good.key(), "{".getBytes(StandardCharsets.UTF_8), FORMAT);
            add(2, good.key(), good.value(), NONE);
            add(3, good.key(), good.value(), FORMAT);

            List<Entry> entries = reader.poll(Duration.ZERO);

            assertThat(entries).hasSize(4);
            assertThat(entries.get(0)).isEqualTo(new Published(Samples.checkpoint(model), 0, 0));
            assertThat(entries.get(1)).isInstanceOfSatisfying(Rejected.class, rejected -> {
                assertThat(rejected.problem()).isEqualTo(Problem.BAD_MANIFEST);
                assertThat(rejected.message()).contains("not JSON");
                assertThat(rejected.offset()).isEqualTo(1);
            });
            assertThat(entries.get(2))
                    .isInstanceOfSatisfying(
                            Rejected.class,
                            rejected -> assertThat(rejected.problem()).isEqualTo(Problem.NOT_A_CHECKPOINT));
            assertThat(entries.get(3)).isEqualTo(new Published(Samples.checkpoint(model), 0, 3));
        }
    }

    @Test
    void atEnd_followsThePosition() throws IOException {
        try (CheckpointReader reader = reader(Start.BEGINNING, 1)) {
            CheckpointRecord good = CheckpointRecord.encode(Samples.checkpoint(model), 100, ModelStore.none());
            add(0, good.key(), good.value(), FORMAT);
            assertThat(reader.atEnd()).isFalse();

            reader.poll(Duration.ZERO);

            assertThat(reader.atEnd()).isTrue();
        }
    }

    @Test
    void poll_fromTheEnd_seesOnlyWhatComesLater() throws IOException {
        try (CheckpointReader reader = reader(Start.END, 5)) {
            assertThat(reader.atEnd()).isTrue();
            CheckpointRecord good = CheckpointRecord.encode(Samples.checkpoint(model), 100, ModelStore.none());
            add(4, good.key(), good.value(), FORMAT);
            add(5, good.key(), good.value(), FORMAT);

            assertThat(reader.poll(Duration.ZERO)).extracting(Entry::offset).containsExactly(5L);
        }
    }

    @Test
    void constructor_topicMissing_saysHowToCreateItAndCloses() {
        assertThatIllegalStateException()
                .isThrownBy(() -> reader("nowhere", Optional.empty(), Start.BEGINNING))
                .withMessageContaining("nowhere does not exist")
                .withMessageContaining("reflux topics");
        assertThat(consumer.closed()).isTrue();
    }

    private CheckpointReader reader(Start start, long end) {
        consumer.updatePartitions(TOPIC, List.of(new PartitionInfo(TOPIC, 0, Node.noNode(), new Node[0], new Node[0])));
        consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
        consumer.updateEndOffsets(Map.of(PARTITION, end));
        return reader(TOPIC, Optional.empty(), start);
    }

    private CheckpointReader reader(String topic, Optional<String> student, Start start) {
        return new CheckpointReader(consumer, topic, student, start, Acceptance.of(ModelStore.none()));
    }

    private void add(long offset, byte[] key, byte[] value, Headers headers) {
        consumer.addRecord(new ConsumerRecord<>(
                TOPIC,
                0,
                offset,
                0,
                TimestampType.CREATE_TIME,
                key.length,
                value.length,
                key,
                value,
                headers,
                Optional.empty()));
    }
}
