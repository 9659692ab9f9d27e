package dev.reflux.service.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.embedded.EmbeddedKafka;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 10, unit = TimeUnit.MINUTES)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TopicsITCase {
    private EmbeddedKafka kafka;
    private Topics topics;

    @BeforeAll
    void start(@TempDir Path folder) {
        kafka = EmbeddedKafka.start(folder);
        topics = new Topics(kafka.bootstrapServers(), Map.of());
    }

    @AfterAll
    void stop() {
        topics.close();
        kafka.close();
    }

    @Test
    void ensure_nothingThere_createsAllAndFindsThemUsableAgain() {
        List<TopicPlan> plans = TopicPlan.of(pipeline("fresh"));
        assertThat(topics.missing(plans))
                .containsExactly(
                        "fresh.events",
                        "fresh.checkpoints",
                        "fresh.checkpoint-decisions",
                        "fresh.drift",
                        "fresh.dead-letters");

        List<TopicState> created = topics.ensure(plans, new Topics.Creation(OptionalInt.of(3), OptionalInt.of(1)));
        List<TopicState> again = topics.ensure(plans, Topics.Creation.defaults());

        assertThat(created).allSatisfy(state -> {
            assertThat(state.condition()).isEqualTo("created");
            assertThat(state.partitions()).isEqualTo(3);
            assertThat(state.usable()).isTrue();
        });
        assertThat(again).extracting(TopicState::condition).containsOnly("ok");
        assertThat(again)
                .extracting(TopicState::cleanupPolicy)
                .containsExactly("delete", "compact", "delete", "delete", "delete");
        assertThat(topics.missing(plans)).isEmpty();
    }

    @Test
    void ensure_existingTopicsThatDoNotFit_saysWhatIsWrongAndLeavesThem() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(
                            new NewTopic("odd.checkpoints", Optional.of(1), Optional.empty())
                                    .configs(Map.of("cleanup.policy", "delete", "max.message.bytes", "2000")),
                            new NewTopic("odd.events", Optional.of(2), Optional.empty())
                                    .configs(Map.of("cleanup.policy", "compact"))))
                    .all()
                    .get();
        }

        List<TopicState> states = topics.ensure(
                TopicPlan.of(pipeline("odd")), new Topics.Creation(OptionalInt.of(1), OptionalInt.empty()));

        TopicState events = states.get(0);
        assertThat(events.usable()).isFalse();
        assertThat(events.condition())
                .contains("cleanup.policy is compact, needs delete")
                .contains("has 2 partitions");
        TopicState checkpoints = states.get(1);
        assertThat(checkpoints.usable()).isFalse();
        assertThat(checkpoints.condition())
                .contains("cleanup.policy is delete, needs compact")
                .contains("max.message.bytes is 2000, needs ");
        assertThat(checkpoints.maxMessageBytes()).isEqualTo(2000);
        assertThat(states.get(2).condition()).isEqualTo("created");
    }

    @Test
    void missing_noBrokerThere_saysWhereItLooked() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        try (Topics nowhere = new Topics("127.0.0.1:" + port, Map.of())) {
            assertThatThrownBy(() -> nowhere.missing(TopicPlan.of(pipeline("any"))))
                    .isInstanceOf(TopicsException.class)
                    .hasMessageContaining("no Kafka broker answers at 127.0.0.1:" + port);
        }
    }

    private static Pipeline pipeline(String name) {
        return PipelineReader.read("""
                pipeline: %s
                events:
                  label: { path: /label, classes: ["no", "yes"] }
                  features: [ { name: x, type: numeric } ]
                """.formatted(name));
    }
}
