package dev.reflux.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflux.checkpoints.CheckpointException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestJsonTest {

    private static final byte[] MODEL = "not really onnx".getBytes(StandardCharsets.UTF_8);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Test
    void write_sample_isTheGoldenFile() throws IOException {
        byte[] json = ManifestJson.write(Samples.manifest(MODEL));

        assertThat(MAPPER.readTree(json).toPrettyString().replace("\r\n", "\n") + "\n")
                .isEqualTo(resource("manifest-1.golden.json"));
    }

    @Test
    void read_goldenFile_isTheSample() throws IOException {
        assertThat(ManifestJson.read(resource("manifest-1.golden.json").getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(Samples.manifest(MODEL));
    }

    @Test
    void write_sampleWithOptionalFields_isTheGoldenFileAndBack() throws IOException {
        byte[] json = ManifestJson.write(Samples.complete(MODEL));

        assertThat(MAPPER.readTree(json).toPrettyString().replace("\r\n", "\n") + "\n")
                .isEqualTo(resource("manifest-1-complete.golden.json"));
        assertThat(ManifestJson.read(json)).isEqualTo(Samples.complete(MODEL));
    }

    @Test
    void write_firstField_isTheVersion() {
        assertThat(new String(ManifestJson.write(Samples.manifest(MODEL)), StandardCharsets.UTF_8))
                .startsWith("{\"version\":1,");
    }

    @Test
    void read_unknownField_isIgnored() throws IOException {
        assertThat(ManifestJson.read(golden().replaceFirst("\\{", "{\"colour\": {\"a\": [1]},")
                        .getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(Samples.manifest(MODEL));
    }

    @Test
    void read_noParent_isNull() {
        Manifest first = Samples.manifest(MODEL, "phone", null);

        assertThat(ManifestJson.read(ManifestJson.write(first))).isEqualTo(first);
    }

    @Test
    void read_newerVersion_saysWhatIsReadable() {
        rejected(Problem.NEWER_VERSION, () -> read(golden().replace("\"version\" : 1", "\"version\" : 2")))
                .contains("manifest version 2 found, this build reads up to 1");
    }

    @Test
    void read_newerVersionWithOtherFields_isStillNewer() {
        rejected(Problem.NEWER_VERSION, () -> read("{\"version\":7,\"quality\":\"good\"}"))
                .contains("version 7 found");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"version\" : 1|\"version\" : 0|versions start at 1",
                "\"version\" : 1|\"version\" : \"1\"|version is \"1\"; it must be a whole number",
                "\"version\" : 1,|\"\"  : 1,|the field version is missing",
                "\"step\" : 4400|\"step\" : -1|step is -1",
                "\"step\" : 4400|\"step\" : 1e400|step is",
                "\"step\" : 4400|\"step\" : 99999999999999999999|at most 64 bits",
                "\"step\" : 4400|\"step\" : 4400, \"step\" : 1|Duplicate",
                "2026-01-31T12|yesterday|created is",
                "\"window\" : 1000|\"window\" : null|the field window is missing",
                "\"accuracy\" : 0.875|\"accuracy\" : 1.5|quality.accuracy is 1.5",
                "\"accuracy\" : 0.875|\"accuracy\" : \"NaN\"|accuracy is \"NaN\"; it must be a number or null",
                "\"PUBLISHED\"|\"MAYBE\"|gate.decision is 'MAYBE'",
                "\"numeric\"|\"audio\"|type 'audio'",
                "\"size\" : 7|\"size\" : 0|category column 'day' has size 0",
                "\"size\" : 7|\"size\" : 8589934592|must fit in 32 bits",
                "\"size\" : 3|\"size\" : 4|size 4 but 3 values",
                "\"nswprice\"|\"day\"|inputs names 'day' twice",
                "\"name\" : \"nswprice\"|\"name\" : \" \"|blank name",
                "\"DOWN\"|\"UP\"|classes is [UP, UP]",
            })
    void read_brokenField_isNamed(String golden, String broken, String complaint) throws IOException {
        String json = golden();
        assertThat(json).contains(golden);

        rejected(Problem.BAD_MANIFEST, () -> read(json.replace(golden, broken))).contains(complaint);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"''|empty", "[1]|must be an object", "nul|not JSON", "{\"version\":1} x|not JSON", "}|not JSON"})
    void read_noManifest_isRejected(String json, String complaint) {
        rejected(Problem.BAD_MANIFEST, () -> read(json)).contains(complaint);
    }

    @Test
    void read_deepNesting_isRejected() {
        rejected(Problem.BAD_MANIFEST, () -> read("[".repeat(100_000))).contains("not JSON");
    }

    @Test
    void schema_requiredFields_areThoseOfTheGoldenFile() throws IOException {
        JsonNode schema = MAPPER.readTree(resource("manifest-1.schema.json"));
        JsonNode golden = MAPPER.readTree(golden());

        assertThat(strings(schema.get("required"))).containsExactlyElementsOf(names(golden));
        for (String part : List.of("quality", "gate", "verification")) {
            assertThat(strings(schema.at("/properties/" + part + "/required")))
                    .containsExactlyElementsOf(names(golden.get(part)));
        }
        JsonNode complete = MAPPER.readTree(resource("manifest-1-complete.golden.json"));
        for (String part : List.of("precisionLoss", "rollback")) {
            assertThat(strings(schema.at("/properties/" + part + "/required")))
                    .containsExactlyElementsOf(names(complete.get(part)));
        }
        assertThat(names(schema.get("properties"))).containsAll(names(complete));
        List<String> known = names(schema.at("/$defs/input/properties"));
        golden.get("inputs").forEach(input -> assertThat(known).containsAll(names(input)));
    }

    private record Rejection(String message) {
        void contains(String part) {
            assertThat(message).contains(part);
        }
    }

    private static Rejection rejected(Problem problem, ThrowingCallable reading) {
        String[] message = new String[1];
        assertThatThrownBy(reading).isInstanceOfSatisfying(CheckpointException.class, e -> {
            assertThat(e.problem()).isEqualTo(problem);
            message[0] = String.valueOf(e.getMessage());
        });
        return new Rejection(message[0]);
    }

    private static Manifest read(String json) {
        return ManifestJson.read(json.getBytes(StandardCharsets.UTF_8));
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

    private static String golden() throws IOException {
        return resource("manifest-1.golden.json");
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(ManifestJsonTest.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
        }
    }
}
