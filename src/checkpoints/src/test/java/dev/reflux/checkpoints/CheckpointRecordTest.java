package dev.reflux.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflux.checkpoints.CheckpointException.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.assertj.core.api.AbstractThrowableAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointRecordTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Headers FORMAT = headers("checkpoint/1");
    private static final byte[] KEY = utf8("phone");

    private final byte[] model = utf8("x".repeat(1000));
    private final Checkpoint checkpoint = Samples.checkpoint(model);

    @TempDir
    private Path folder;

    @Test
    void encode_atTheLimit_isInline() throws IOException {
        CheckpointRecord record = CheckpointRecord.encode(checkpoint, 1000, ModelStore.none());

        ObjectNode json = (ObjectNode) MAPPER.readTree(record.value());
        assertThat(json.has("modelUri")).isFalse();
        assertThat(Base64.getDecoder().decode(json.get("model").textValue())).isEqualTo(model);
        assertThat(record.key()).isEqualTo(KEY);
        assertThat(decode(record, ModelStore.none())).isEqualTo(checkpoint);
    }

    @Test
    void encode_aboveTheLimit_liesInTheStore() throws IOException {
        ModelStore store = new FileModelStore(folder);
        CheckpointRecord record = CheckpointRecord.encode(checkpoint, 999, store);

        ObjectNode json = (ObjectNode) MAPPER.readTree(record.value());
        assertThat(json.has("model")).isFalse();
        assertThat(json.get("modelUri").textValue()).startsWith("file:").endsWith(".onnx");
        assertThat(record.value()).hasSizeLessThan(1500);
        assertThat(decode(record, store)).isEqualTo(checkpoint);
    }

    @Test
    void encode_twice_givesTheSameBytesAndOneFile() throws IOException {
        ModelStore store = new FileModelStore(folder);

        assertThat(CheckpointRecord.encode(checkpoint, 0, store))
                .isEqualTo(CheckpointRecord.encode(checkpoint, 0, store));
        try (Stream<Path> files = Files.walk(folder).filter(Files::isRegularFile)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void encode_aboveTheLimitWithoutStore_saysWhatToConfigure() {
        assertThatIllegalStateException()
                .isThrownBy(() -> CheckpointRecord.encode(checkpoint, 10, ModelStore.none()))
                .withMessageContaining("1000 bytes")
                .withMessageContaining("raise the inline limit");
    }

    @Test
    void storeName_oddNames_staysOneSafePath() {
        Manifest manifest = Samples.manifest(model, "../ü x", null);

        assertThat(CheckpointRecord.storeName(manifest))
                .matches("electricity/_2e\\._2f_c3_bc_20x-4400-[0-9a-f]{16}\\.onnx");
    }

    @Test
    void toProducerRecord_carriesTheFormatHeader() throws IOException {
        ProducerRecord<byte[], byte[]> record =
                CheckpointRecord.encode(checkpoint, 1000, ModelStore.none()).toProducerRecord("e.checkpoints");

        assertThat(record.topic()).isEqualTo("e.checkpoints");
        assertThat(record.headers().lastHeader("reflux-format").value()).isEqualTo(utf8("checkpoint/1"));
    }

    @Test
    void decode_changedModel_isWrongHash() {
        byte[] other = model.clone();
        other[7] ^= 1;

        assertProblem(
                        Problem.WRONG_HASH,
                        json -> json.put("model", Base64.getEncoder().encodeToString(other)))
                .hasMessageContaining("its manifest says " + Checkpoint.sha256(model));
    }

    @Test
    void decode_truncatedModel_isWrongSize() {
        assertProblem(
                        Problem.WRONG_SIZE,
                        json -> json.put("model", Base64.getEncoder().encodeToString(new byte[999])))
                .hasMessageContaining("has 999 bytes, its manifest says 1000");
    }

    @Test
    void decode_hugeSize_isTooLargeWithoutAllocating() {
        assertProblem(Problem.TOO_LARGE, json -> json.put("size", Long.MAX_VALUE))
                .hasMessageContaining("9223372036854775807 bytes, this consumer takes up to 268435456");
    }

    @Test
    void decode_hugeRecord_isTooLargeWithoutParsing() {
        byte[] value = new byte[6 << 20];

        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> CheckpointRecord.decode(
                        KEY, value, FORMAT, Acceptance.of(ModelStore.none()).withMaxModelBytes(1 << 20)))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.TOO_LARGE));
    }

    @Test
    void decode_endlesslyManyFields_isBadManifest() {
        byte[] value = utf8("[" + "1,".repeat(1_200_000) + "1]");

        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> CheckpointRecord.decode(KEY, value, FORMAT, Acceptance.of(ModelStore.none())))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.BAD_MANIFEST));
    }

    @Test
    void decode_modelNotBase64_isBadManifest() {
        assertProblem(Problem.BAD_MANIFEST, json -> json.put("model", "&&&")).hasMessageContaining("not base64");
    }

    @Test
    void decode_withoutModel_isBadManifest() {
        assertProblem(Problem.BAD_MANIFEST, json -> json.remove("model"))
                .hasMessageContaining("neither model nor modelUri");
    }

    @Test
    void decode_modelAndUri_isBadManifest() {
        assertProblem(Problem.BAD_MANIFEST, json -> json.put("modelUri", "file:/a"))
                .hasMessageContaining("both");
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "s3://bucket/x.onnx", "%%%", "", "file:missing.onnx"})
    void decode_uriOutOfReach_isModelUnavailable(String uri) {
        assertProblem(Problem.MODEL_UNAVAILABLE, json -> {
            json.remove("model");
            json.put("modelUri", uri);
        });
    }

    @Test
    void decode_otherKey_isBadManifest() throws IOException {
        byte[] value =
                CheckpointRecord.encode(checkpoint, 1000, ModelStore.none()).value();

        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(
                        () -> CheckpointRecord.decode(utf8("browser"), value, FORMAT, Acceptance.of(ModelStore.none())))
                .withMessageContaining("key is 'browser'")
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.BAD_MANIFEST));
    }

    @Test
    void decode_tombstone_isNotACheckpoint() {
        assertHeader(FORMAT, null, Problem.NOT_A_CHECKPOINT, "tombstone");
    }

    @Test
    void decode_header_isCheckedFirst() {
        byte[] value = utf8("{}");
        assertHeader(new RecordHeaders(), value, Problem.NOT_A_CHECKPOINT, "no header reflux-format");
        assertHeader(headers("drift/1"), value, Problem.NOT_A_CHECKPOINT, "'drift/1'");
        assertHeader(headers("checkpoint/one"), value, Problem.NOT_A_CHECKPOINT, "version number");
        assertHeader(
                headers("checkpoint/2"), value, Problem.NEWER_VERSION, "version 2 found, this build reads up to 1");
    }

    private void assertHeader(Headers format, byte @Nullable [] value, Problem problem, String complaint) {
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> CheckpointRecord.decode(KEY, value, format, Acceptance.of(ModelStore.none())))
                .withMessageContaining(complaint)
                .satisfies(e -> assertThat(e.problem()).isEqualTo(problem));
    }

    private AbstractThrowableAssert<?, ?> assertProblem(Problem problem, Consumer<ObjectNode> change) {
        return assertThatThrownBy(() -> {
                    ObjectNode json =
                            (ObjectNode) MAPPER.readTree(CheckpointRecord.encode(checkpoint, 1000, ModelStore.none())
                                    .value());
                    change.accept(json);
                    byte[] value = MAPPER.writeValueAsBytes(json);
                    CheckpointRecord.decode(KEY, value, FORMAT, Acceptance.of(new FileModelStore(folder)));
                })
                .isInstanceOfSatisfying(
                        CheckpointException.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    private static Checkpoint decode(CheckpointRecord record, ModelStore store) {
        return CheckpointRecord.decode(record.key(), record.value(), FORMAT, Acceptance.of(store));
    }

    private static Headers headers(String format) {
        return new RecordHeaders(List.of(new RecordHeader("reflux-format", utf8(format))));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
