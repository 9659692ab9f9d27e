package dev.reflux.checkpoints.gate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflux.checkpoints.Manifest.Decision;
import dev.reflux.checkpoints.Manifest.Quality;
import dev.reflux.checkpoints.gate.Reason.Code;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DecisionRecordTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Quality NOW = new Quality(0.70, 0.4, 0.5, 0.02, 0.9, 2000);
    private static final Quality THEN = new Quality(0.80, 0.6, 0.4, 0.01, 0.95, 2000);

    @Test
    void encode_sample_isTheGoldenFile() throws IOException {
        DecisionRecord written = DecisionRecord.encode(
                "electricity",
                "phone",
                new GateDecision(
                        Decision.HELD,
                        new Candidate(4600, 294_400, NOW, DriftLevel.WARNING),
                        List.of(new Reason(Code.ACCURACY_FELL, "window accuracy 0.7000 is 0.1000 below 0.8000")),
                        OptionalLong.of(4400),
                        THEN,
                        new Comparison(200, 0.7, 0.4, 0.75, 20, 30, 0.5, 0.45, 0.6875)),
                Instant.parse("2026-01-31T12:00:00.250Z"),
                null);

        assertThat(MAPPER.readTree(written.value()).toPrettyString().replace("\r\n", "\n") + "\n")
                .isEqualTo(resource("decision-1.golden.json"));
        assertThat(new String(written.key(), StandardCharsets.UTF_8)).isEqualTo("phone");
        assertThat(written.headers()).containsEntry("reflux-format", "checkpoint-decision/1");
        assertThat(new String(written.value(), StandardCharsets.UTF_8)).startsWith("{\"version\":1,");
    }

    @Test
    void encode_firstStudent_hasNothingToCompareWith() throws IOException {
        JsonNode json = MAPPER.readTree(DecisionRecord.encode(
                        "electricity",
                        "phone",
                        new GateDecision(
                                Decision.PUBLISHED,
                                new Candidate(1, 2, NOW, DriftLevel.NONE),
                                List.of(new Reason(Code.FIRST, "first student")),
                                OptionalLong.empty(),
                                null,
                                Comparison.NONE),
                        Instant.EPOCH,
                        "ab".repeat(32))
                .value());

        assertThat(json.get("published").isNull()).isTrue();
        assertThat(json.get("comparison").isNull()).isTrue();
        assertThat(json.get("sha256").textValue()).hasSize(64);
        assertThat(json.at("/reasons/0/code").textValue()).isEqualTo("first");
    }

    @Test
    void schema_requiredFields_areThoseOfTheGoldenFile() throws IOException {
        JsonNode schema = MAPPER.readTree(resource("decision-1.schema.json"));
        JsonNode golden = MAPPER.readTree(resource("decision-1.golden.json"));

        assertThat(strings(schema.get("required"))).containsExactlyElementsOf(names(golden));
        assertThat(strings(schema.at("/$defs/quality/required")))
                .containsExactlyElementsOf(names(golden.get("quality")));
        assertThat(strings(schema.at("/properties/comparison/required")))
                .containsExactlyElementsOf(names(golden.get("comparison")));
        String codes = schema.at("/properties/reasons/items/properties/code/description")
                .textValue();
        assertThat(new TreeSet<>(List.of(codes.split("[,;] "))))
                .containsExactlyElementsOf(new TreeSet<>(
                        List.of(Code.values()).stream().map(Code::wireName).toList()));
    }

    private static List<String> strings(JsonNode array) {
        List<String> strings = new ArrayList<>();
        array.forEach(value -> strings.add(value.textValue()));
        return strings;
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(DecisionRecordTest.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
        }
    }
}
