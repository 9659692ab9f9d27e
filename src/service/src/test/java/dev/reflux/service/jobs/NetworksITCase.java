package dev.reflux.service.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflux.distillation.network.MlpSpec;
import dev.reflux.distillation.network.NetworkProvider;
import dev.reflux.distillation.network.NetworkSpec;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.support.BoundedJob;
import dev.reflux.service.support.MixedEvents;
import dev.reflux.service.support.PublishedStudent;
import dev.reflux.service.support.TestEvents;
import dev.reflux.service.support.TestTopics;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every network as teacher and as student, from events in Kafka to a published model that takes raw features. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NetworksITCase {

    private static final int EVENTS = 3_000;
    private Path folder;
    private EmbeddedKafka kafka;

    @BeforeAll
    void start(@TempDir Path temporary) {
        folder = temporary;
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
    }

    @AfterAll
    void stop() {
        kafka.close();
    }

    /** A network of a user's own, found by the service loader. */
    public static final class Provider implements NetworkProvider {
        @Override
        public String name() {
            return "tower";
        }

        @Override
        public NetworkSpec create(Map<String, String> options) {
            int width = Integer.parseInt(options.get("width"));
            return MlpSpec.of(width, width);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    cnn         | picture  | channels: [8, 16]                     | type: sgd, learningRate: 0.1
                    cnn         | picture  | channels: [8], residual: true         | type: adam, learningRate: 0.005
                    text        | sentence | embedding: 16                         | type: sgd, learningRate: 0.05
                    transformer | sentence | tokens: 12, width: 16                 | type: adam, learningRate: 0.005
                    custom      | picture  | name: tower, options: { width: 32 }   | type: adam, learningRate: 0.003
                    """)
    void network_asTeacherAndStudent_learns_andItsExportGivesWhatItGives(
            String type, String feature, String options, String optimizer) throws Exception {
        Pipeline pipeline = pipeline(type, feature, options, optimizer);
        TestTopics.create(kafka.bootstrapServers(), pipeline);
        TestEvents.send(kafka.bootstrapServers(), pipeline.topics().events(), 0, MixedEvents.WHOLE.json(0, EVENTS));

        BoundedJob.Outcome outcome = BoundedJob.run(kafka, pipeline, EVENTS, 1, folder);

        // three classes, equally likely: what always says the same has a kappa of 0
        assertThat(outcome.report().teacher().kappa()).isGreaterThan(0.5);
        assertThat(outcome.report().students().get(0).kappa()).isGreaterThan(0.5);
        assertThat(outcome.report().intake().trained()).isEqualTo(EVENTS);
        PublishedStudent last = outcome.published().get(outcome.published().size() - 1);
        assertThat(last.eventsSeen()).isEqualTo(EVENTS);
        JsonNode verification = last.rest().get("verification");
        assertThat(verification.get("rows").asInt()).isGreaterThan(40);
        assertThat(verification.get("maxDifference").asDouble()).isLessThan(1e-4);
        assertThat(last.rest().get("inputs")).hasSize(1);
        assertThat(last.rest().get("inputs").get(0).get("name").asText()).isEqualTo(feature);
    }

    private static Pipeline pipeline(String type, String feature, String options, String optimizer) {
        String name = type + "-" + Integer.toUnsignedString(options.hashCode());
        return PipelineReader.read("""
                pipeline: networks
                topics: { events: %1$s.in, checkpoints: %1$s.out, drift: %1$s.drift, deadLetters: %1$s.dead }
                %2$s
                batch: { size: 64, maxDelay: off, step: 8 }
                teacher: { network: { type: %3$s, %4$s }, optimizer: { %5$s }, features: [%6$s] }
                students:
                  - { name: small, network: { type: %3$s, %4$s }, optimizer: { %5$s }, features: [%6$s] }
                checkpoints: { every: 20 batches, gate: { maxRegression: 1, minEvents: 0 } }
                flink: { checkpointInterval: 200ms }
                """.formatted(name, MixedEvents.SECTION, type, options, optimizer, feature));
    }
}
