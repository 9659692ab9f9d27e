package dev.reflux.checkpoints;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflux.checkpoints.CheckpointException.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint as it travels: key = student name, value = manifest JSON with the model in {@code model} (base64) or its
 * place in {@code modelUri}, header {@code reflux-format: checkpoint/1}.
 *
 * @param key UTF-8
 * @param value UTF-8 JSON
 * @param headers of the record, their values in UTF-8
 */
public record CheckpointRecord(byte[] key, byte[] value, Map<String, String> headers) {

    /** Name of the header that each record of Reflux carries. */
    public static final String FORMAT_HEADER = "reflux-format";

    /** Value of that header for checkpoints. */
    public static final String FORMAT = "checkpoint/" + Manifest.VERSION;

    /** Name of the header with the signature of the value; absent when the pipeline does not sign. */
    public static final String SIGNATURE_HEADER = "reflux-signature";

    /** Models up to this many bytes travel inside the record, unless configured otherwise. */
    public static final int DEFAULT_INLINE_LIMIT = 512 * 1024;

    private static final String FORMAT_NAME = "checkpoint/";

    public CheckpointRecord {
        headers = Map.copyOf(headers);
    }

    /**
     * Writes the model to the store first when it is larger than {@code inlineLimit} bytes: whoever sees the record can
     * read the model.
     */
    public static CheckpointRecord encode(Checkpoint checkpoint, int inlineLimit, ModelStore store) throws IOException {
        Manifest manifest = checkpoint.manifest();
        ObjectNode node = ManifestJson.toNode(manifest);
        if (checkpoint.model().length <= inlineLimit) {
            node.put("model", Base64.getEncoder().encodeToString(checkpoint.model()));
        } else {
            node.put("modelUri", store.write(storeName(manifest), checkpoint.model()));
        }
        return new CheckpointRecord(
                manifest.student().getBytes(StandardCharsets.UTF_8),
                ManifestJson.bytes(node),
                Map.of(FORMAT_HEADER, FORMAT));
    }

    /**
     * The same record with a signature.
     *
     * @param signature of {@link #value}, as {@link #SIGNATURE_HEADER} holds it
     */
    public CheckpointRecord withSignature(String signature) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(SIGNATURE_HEADER, signature);
        return new CheckpointRecord(key, value, more);
    }

    /**
     * @param key as in the Kafka record
     * @param value as in the Kafka record
     * @param headers as in the Kafka record
     * @throws CheckpointException whatever is wrong with it; nothing else, however hostile the bytes
     */
    public static Checkpoint decode(
            byte @Nullable [] key, byte @Nullable [] value, Headers headers, Acceptance acceptance) {
        requireFormat(header(headers, FORMAT_HEADER));
        if (value == null) {
            throw new CheckpointException(Problem.NOT_A_CHECKPOINT, "the record has no value; it is a tombstone");
        }
        acceptance.requireValueSize(value.length);
        acceptance.signatures().require(value, header(headers, SIGNATURE_HEADER));
        JsonNode node = ManifestJson.parse(value);
        Manifest manifest = ManifestJson.fromNode(node);
        if (key == null || !Arrays.equals(key, manifest.student().getBytes(StandardCharsets.UTF_8))) {
            throw new CheckpointException(
                    Problem.BAD_MANIFEST,
                    "the record's key is "
                            + (key == null ? "null" : "'" + new String(key, StandardCharsets.UTF_8) + "'")
                            + ", its manifest speaks of the student '" + manifest.student() + "'; they must agree");
        }
        acceptance.requireModelSize(manifest);
        return new Checkpoint(manifest, model(node, manifest, acceptance.store()));
    }

    private static byte @Nullable [] header(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null ? null : header.value();
    }

    /** For a plain Kafka producer; the partition follows from the key, so that a student's checkpoints stay in order. */
    public ProducerRecord<byte[], byte[]> toProducerRecord(String topic) {
        List<Header> kafka = new ArrayList<>();
        headers.forEach((name, text) -> kafka.add(new RecordHeader(name, text.getBytes(StandardCharsets.UTF_8))));
        return new ProducerRecord<>(topic, null, key, value, kafka);
    }

    /** Content-addressed, so that a repeated export writes the same file and never touches another one. */
    static String storeName(Manifest manifest) {
        return safe(manifest.pipeline()) + "/" + safe(manifest.student()) + "-" + manifest.step() + "-"
                + manifest.sha256().substring(0, 16) + ".onnx";
    }

    private static String safe(String name) {
        StringBuilder safe = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-';
            if (plain || c == '.' && safe.length() > 0) {
                safe.append(c);
            } else {
                safe.append(String.format(Locale.ROOT, "_%02x", (int) c));
            }
        }
        return safe.toString();
    }

    private static void requireFormat(byte @Nullable [] format) {
        if (format == null) {
            throw new CheckpointException(
                    Problem.NOT_A_CHECKPOINT,
                    "the record has no header " + FORMAT_HEADER + "; is another writer on this topic?");
        }
        String found = new String(format, StandardCharsets.UTF_8);
        if (!found.startsWith(FORMAT_NAME)) {
            throw new CheckpointException(
                    Problem.NOT_A_CHECKPOINT,
                    "the record's " + FORMAT_HEADER + " is '" + found + "', not " + FORMAT
                            + "; is another writer on this topic?");
        }
        long version;
        try {
            version = Long.parseLong(found.substring(FORMAT_NAME.length()));
        } catch (NumberFormatException e) {
            throw new CheckpointException(
                    Problem.NOT_A_CHECKPOINT,
                    "the record's " + FORMAT_HEADER + " is '" + found + "'; after the slash stands a version number",
                    e);
        }
        if (version > Manifest.VERSION) {
            throw new CheckpointException(
                    Problem.NEWER_VERSION,
                    "checkpoint version " + version + " found, this build reads up to " + Manifest.VERSION
                            + "; update the consumer");
        }
    }

    private static byte[] model(JsonNode node, Manifest manifest, ModelStore store) {
        JsonNode inline = node.get("model");
        JsonNode uri = node.get("modelUri");
        boolean hasInline = inline != null && inline.isTextual();
        boolean hasUri = uri != null && uri.isTextual();
        if (hasInline == hasUri) {
            throw new CheckpointException(
                    Problem.BAD_MANIFEST,
                    "the manifest has " + (hasInline ? "both model and modelUri" : "neither model nor modelUri")
                            + "; it must have one of them, a string");
        }
        if (hasInline) {
            try {
                return Base64.getDecoder().decode(inline.textValue());
            } catch (IllegalArgumentException e) {
                throw new CheckpointException(
                        Problem.BAD_MANIFEST, "the field model is not base64: " + e.getMessage(), e);
            }
        }
        try {
            return store.read(uri.textValue(), manifest.size());
        } catch (IOException | IllegalArgumentException e) {
            throw new CheckpointException(
                    Problem.MODEL_UNAVAILABLE,
                    "the model of " + manifest.student() + " step " + manifest.step() + " cannot be read from "
                            + uri.textValue() + ": " + e,
                    e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CheckpointRecord that
                && Arrays.equals(key, that.key)
                && Arrays.equals(value, that.value)
                && headers.equals(that.headers);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return "CheckpointRecord[" + new String(key, StandardCharsets.UTF_8) + ", " + value.length + " bytes]";
    }
}
