package dev.reflux.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PipelineWriterTest {

    @Test
    void masked_electricity_isTheGoldenFile() throws IOException {
        assertThat(PipelineWriter.masked(PipelineReader.read(resource("electricity.yaml"))))
                .isEqualTo(resource("electricity-effective.yaml"));
    }

    @Test
    void complete_readAgain_givesAnEqualPipeline() throws IOException {
        Pipeline pipeline = PipelineReader.read(
                "electricity.yaml",
                resource("electricity.yaml"),
                Map.of("REFLUX_KAFKA_PROPERTIES_SSL_KEYSTORE_KEY", "-----BEGIN: \"x\"\\n\ty# z\nsecond line\u0001"),
                List.of(
                        "events.label.classes=['null', '', ' a', 'a: b', '#c', '1e3', 'true', '-', '[d', \"e'f\", 'g:', 'é']",
                        "checkpoints.store=s3://bucket/models",
                        "batch.maxDelay=off",
                        "drift.detectors=[]",
                        "teacher.network.hidden=[]",
                        "events.id=/a b/~0"));

        assertThat(PipelineReader.read(PipelineWriter.complete(pipeline))).isEqualTo(pipeline);
    }

    @Test
    void masked_secrets_areStars() {
        Pipeline pipeline = PipelineReader.read("""
                pipeline: small
                kafka:
                  properties:
                    security.protocol: SASL_SSL
                    sasl.jaas.config: open sesame
                    ssl.truststore.password: open sesame
                    ssl.keystore.key: open sesame
                    sasl.oauthbearer.client.credentials.client.secret: open sesame
                events: {label: {classes: [a, b]}, features: [{name: x, type: numeric}]}
                """);

        assertThat(PipelineWriter.masked(pipeline))
                .doesNotContain("sesame")
                .contains("    security.protocol: SASL_SSL\n    sasl.jaas.config: \"********\"\n");
        assertThat(PipelineWriter.complete(pipeline)).contains("    ssl.truststore.password: open sesame\n");
    }

    private static String resource(String name) throws IOException {
        try (InputStream file = Objects.requireNonNull(PipelineWriterTest.class.getResourceAsStream(name))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
