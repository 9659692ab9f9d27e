package dev.reflux.service.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.service.embedded.EmbeddedKafka;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 10, unit = TimeUnit.MINUTES)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ReplayITCase {
    private EmbeddedKafka kafka;

    @BeforeAll
    void start(@TempDir Path folder) {
        kafka = EmbeddedKafka.start(folder);
    }

    @AfterAll
    void stop() {
        kafka.close();
    }

    @Test
    void run_allEvents_arriveInOrder() throws Exception {
        createTopic("all");
        try (Replay replay = replay("all", Replay.Pace.unlimited(Long.MAX_VALUE))) {
            assertThat(replay.run(numbers(5_000))).isEqualTo(5_000);
        }

        assertThat(consume("all", 5_000))
                .isEqualTo(IntStream.range(0, 5_000).mapToObj(Integer::toString).toList());
    }

    @Test
    void run_withALimit_sendsTheFirstOnly() throws Exception {
        createTopic("limited");
        try (Replay replay = replay("limited", Replay.Pace.unlimited(3))) {
            assertThat(replay.run(numbers(100))).isEqualTo(3);
        }

        assertThat(consume("limited", 3)).containsExactly("0", "1", "2");
    }

    @Test
    void run_withARate_takesAsLongAsItMust() throws Exception {
        createTopic("paced");
        long start = System.nanoTime();
        try (Replay replay = replay("paced", new Replay.Pace(Long.MAX_VALUE, 100))) {
            replay.run(numbers(51));
        }

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(500));
    }

    @Test
    void stop_anEndlessStream_returnsWhatWasSent() throws Exception {
        createTopic("endless");
        try (Replay replay = replay("endless", Replay.Pace.unlimited(Long.MAX_VALUE))) {
            byte[] event = "x".getBytes(StandardCharsets.UTF_8);
            Iterator<byte[]> endless = Stream.generate(() -> {
                        if (replay.sent() == 1_000) {
                            replay.stop();
                        }
                        return event;
                    })
                    .iterator();

            long sent = replay.run(endless);

            assertThat(sent).isBetween(1_000L, 1_002L);
            assertThat(consume("endless", (int) sent)).hasSize((int) sent);
        }
    }

    @Test
    void run_anEventAboveTheTopicsLimit_saysSo() throws Exception {
        createTopic("narrow");
        try (Replay replay = replay("narrow", Replay.Pace.unlimited(Long.MAX_VALUE))) {
            byte[] large = new byte[10_000_000];
            new Random(1).nextBytes(large);

            assertThatThrownBy(() -> replay.run(List.of(large).iterator()))
                    .isInstanceOf(ReplayException.class)
                    .hasMessageContaining("topic narrow");
        }
    }

    private Replay replay(String topic, Replay.Pace pace) {
        return new Replay(kafka.bootstrapServers(), Map.of(), topic, pace);
    }

    private static Iterator<byte[]> numbers(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Integer.toString(i).getBytes(StandardCharsets.UTF_8))
                .iterator();
    }

    private void createTopic(String name) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(name, Optional.of(1), Optional.empty())
                            .configs(Map.of("max.message.bytes", "1000000"))))
                    .all()
                    .get();
        }
    }

    private List<String> consume(String topic, int count) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new StringDeserializer(),
                new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            assertThat(consumer.endOffsets(List.of(partition))).containsEntry(partition, (long) count);
            List<String> values = new ArrayList<>();
            while (values.size() < count) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
            }
            return values;
        }
    }
}
