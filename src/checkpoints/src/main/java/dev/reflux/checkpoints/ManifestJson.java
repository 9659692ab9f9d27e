package dev.reflux.checkpoints;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflux.checkpoints.CheckpointException.Problem;
import dev.reflux.checkpoints.InputColumn.Category;
import dev.reflux.checkpoints.InputColumn.Numeric;
import dev.reflux.checkpoints.InputColumn.Tensor;
import dev.reflux.checkpoints.InputColumn.Text;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Manifests as JSON. Writing the same manifest gives the same bytes; reading ignores unknown fields and rejects newer
 * versions. The schema is the resource {@code manifest-1.schema.json} beside this class.
 */
public final class ManifestJson {

    /** A model inline is one JSON string; Kafka bounds it long before this does. */
    private static final int MAX_STRING = 256 << 20;

    /** Far above any manifest; a tree of more would take a hundred times the bytes of its text. */
    private static final long MAX_TOKENS = 1_000_000;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(MAX_STRING)
                            .maxNestingDepth(20)
                            .maxTokenCount(MAX_TOKENS)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ManifestJson() {}

    /** The manifest as UTF-8 JSON without white space. */
    public static byte[] write(Manifest manifest) {
        return bytes(toNode(manifest));
    }

    /**
     * @throws CheckpointException {@code NEWER_VERSION} or {@code BAD_MANIFEST}
     */
    public static Manifest read(byte[] json) {
        return fromNode(parse(json));
    }

    /** A JSON array of strings; how class names stand in the model's metadata. */
    public static String writeNames(List<String> names) {
        ArrayNode array = MAPPER.createArrayNode();
        names.forEach(array::add);
        return new String(bytes(array), StandardCharsets.UTF_8);
    }

    /**
     * @throws CheckpointException {@code BAD_MANIFEST} when it is not an array of strings
     */
    public static List<String> readNames(String json) {
        return strings("names", parse(json.getBytes(StandardCharsets.UTF_8)));
    }

    /** Maps, lists, texts, numbers and null as UTF-8 JSON without white space, in their order. */
    public static byte[] writeTree(Map<String, ?> tree) {
        return bytes(MAPPER.valueToTree(tree));
    }

    /** A JSON array of columns; how the inputs stand in the model's metadata. */
    public static String writeInputs(List<InputColumn> inputs) {
        return new String(bytes(inputsNode(inputs)), StandardCharsets.UTF_8);
    }

    /**
     * @throws CheckpointException {@code BAD_MANIFEST} when it is not an array of columns
     */
    public static List<InputColumn> readInputs(String json) {
        JsonNode node = parse(json.getBytes(StandardCharsets.UTF_8));
        return checked(() -> inputs(node));
    }

    static JsonNode parse(byte[] json) {
        try {
            JsonNode node = MAPPER.readTree(json);
            if (node == null || node.isMissingNode()) {
                throw bad("the manifest is empty; it must be a JSON object", null);
            }
            return node;
        } catch (JsonProcessingException e) {
            throw bad("the manifest is not JSON: " + e.getOriginalMessage() + "; is another writer on this topic?", e);
        } catch (IOException e) {
            throw bad("the manifest cannot be read: " + e.getMessage(), e);
        }
    }

    static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree could not be written", e);
        }
    }

    static ObjectNode toNode(Manifest manifest) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("version", Manifest.VERSION);
        node.put("pipeline", manifest.pipeline());
        node.put("student", manifest.student());
        node.put("step", manifest.step());
        node.put("eventsSeen", manifest.eventsSeen());
        node.put("created", manifest.created().toString());
        node.put("sha256", manifest.sha256());
        node.put("size", manifest.size());
        node.put("precision", manifest.precision());
        node.set("inputs", inputsNode(manifest.inputs()));
        ArrayNode classes = node.putArray("classes");
        manifest.classes().forEach(classes::add);
        Manifest.Quality quality = manifest.quality();
        ObjectNode qualityNode = node.putObject("quality");
        putNumber(qualityNode, "accuracy", quality.accuracy());
        putNumber(qualityNode, "kappa", quality.kappa());
        putNumber(qualityNode, "logLoss", quality.logLoss());
        putNumber(qualityNode, "calibrationError", quality.calibrationError());
        putNumber(qualityNode, "agreement", quality.agreement());
        qualityNode.put("window", quality.window());
        node.put("parentVersion", manifest.parentVersion());
        ObjectNode gate = node.putObject("gate");
        gate.put("decision", manifest.gate().decision().name());
        ArrayNode reasons = gate.putArray("reasons");
        manifest.gate().reasons().forEach(reasons::add);
        ObjectNode verification = node.putObject("verification");
        putNumber(verification, "maxDifference", manifest.verification().maxDifference());
        verification.put("rows", manifest.verification().rows());
        Manifest.PrecisionLoss loss = manifest.precisionLoss();
        if (loss != null) {
            ObjectNode lossNode = node.putObject("precisionLoss");
            putNumber(lossNode, "accuracy", loss.accuracy());
            putNumber(lossNode, "logLoss", loss.logLoss());
            putNumber(lossNode, "maxDifference", loss.maxDifference());
            lossNode.put("events", loss.events());
        }
        Manifest.Rollback rollback = manifest.rollback();
        if (rollback != null) {
            node.putObject("rollback")
                    .put("from", rollback.from())
                    .put("created", rollback.created().toString())
                    .put("reason", rollback.reason());
        }
        return node;
    }

    static Manifest fromNode(JsonNode node) {
        if (!node.isObject()) {
            throw bad("the manifest is a JSON " + node.getNodeType() + "; it must be an object", null);
        }
        long version = checked(() -> whole(node, "version"));
        if (version > Manifest.VERSION) {
            throw new CheckpointException(
                    Problem.NEWER_VERSION,
                    "manifest version " + version + " found, this build reads up to " + Manifest.VERSION
                            + "; update the consumer");
        }
        if (version < 1) {
            throw bad("manifest version " + version + " found; versions start at 1", null);
        }
        return checked(() -> manifest(node));
    }

    private static Manifest manifest(JsonNode node) {
        JsonNode quality = field(node, "quality");
        JsonNode gate = field(node, "gate");
        JsonNode verification = field(node, "verification");
        return new Manifest(
                text(node, "pipeline"),
                text(node, "student"),
                whole(node, "step"),
                whole(node, "eventsSeen"),
                instant(node, "created"),
                text(node, "sha256"),
                whole(node, "size"),
                inputs(field(node, "inputs")),
                strings("classes", field(node, "classes")),
                new Manifest.Quality(
                        number(quality, "accuracy"),
                        number(quality, "kappa"),
                        number(quality, "logLoss"),
                        number(quality, "calibrationError"),
                        number(quality, "agreement"),
                        whole(quality, "window")),
                node.hasNonNull("parentVersion") ? (Long) whole(node, "parentVersion") : null,
                new Manifest.Gate(decision(gate), strings("gate.reasons", field(gate, "reasons"))),
                new Manifest.Verification(number(verification, "maxDifference"), smallWhole(verification, "rows")),
                text(node, "precision"),
                node.hasNonNull("precisionLoss") ? precisionLoss(node.get("precisionLoss")) : null,
                node.hasNonNull("rollback") ? rollback(node.get("rollback")) : null);
    }

    private static Manifest.PrecisionLoss precisionLoss(JsonNode node) {
        return new Manifest.PrecisionLoss(
                number(node, "accuracy"),
                number(node, "logLoss"),
                number(node, "maxDifference"),
                whole(node, "events"));
    }

    private static Manifest.Rollback rollback(JsonNode node) {
        return new Manifest.Rollback(whole(node, "from"), instant(node, "created"), text(node, "reason"));
    }

    private static ArrayNode inputsNode(List<InputColumn> inputs) {
        ArrayNode array = MAPPER.createArrayNode();
        for (InputColumn input : inputs) {
            ObjectNode node = array.addObject();
            node.put("name", input.name());
            if (input instanceof Numeric) {
                node.put("type", "numeric").put("onnxType", "float");
            } else if (input instanceof Category category) {
                node.put("type", "category").put("onnxType", category.takesCodes() ? "int64" : "string");
                node.put("size", category.size());
                if (!category.takesCodes()) {
                    ArrayNode values = node.putArray("values");
                    category.values().forEach(values::add);
                }
            } else if (input instanceof Text text) {
                node.put("type", "text").put("onnxType", "string").put("buckets", text.buckets());
            } else if (input instanceof Tensor tensor) {
                node.put("type", "tensor").put("onnxType", "float");
                ArrayNode shape = node.putArray("shape");
                tensor.shape().forEach(shape::add);
            }
        }
        return array;
    }

    private static List<InputColumn> inputs(JsonNode node) {
        if (!node.isArray()) {
            throw new IllegalArgumentException("inputs is a JSON " + node.getNodeType() + "; it must be an array");
        }
        List<InputColumn> inputs = new ArrayList<>();
        for (JsonNode input : node) {
            String name = text(input, "name");
            String type = text(input, "type");
            inputs.add(
                    switch (type) {
                        case "numeric" -> new Numeric(name);
                        case "category" ->
                            new Category(
                                    name,
                                    smallWhole(input, "size"),
                                    input.has("values") ? strings("values", field(input, "values")) : List.of());
                        case "text" -> new Text(name, smallWhole(input, "buckets"));
                        case "tensor" -> new Tensor(name, sides(field(input, "shape")));
                        default ->
                            throw new IllegalArgumentException("input '" + name + "' has the type '" + type
                                    + "'; known are numeric, category, text and tensor");
                    });
        }
        return inputs;
    }

    private static List<Integer> sides(JsonNode node) {
        List<Integer> sides = new ArrayList<>();
        for (JsonNode side : node) {
            if (!side.isIntegralNumber() || !side.canConvertToInt()) {
                throw new IllegalArgumentException("shape holds " + side + "; it must hold whole numbers");
            }
            sides.add(side.intValue());
        }
        return sides;
    }

    private static Manifest.Decision decision(JsonNode gate) {
        String decision = text(gate, "decision");
        try {
            return Manifest.Decision.valueOf(decision.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("gate.decision is '" + decision + "'; known are PUBLISHED and HELD", e);
        }
    }

    private static void putNumber(ObjectNode node, String field, double value) {
        if (Double.isFinite(value)) {
            node.put(field, value);
        } else {
            node.putNull(field);
        }
    }

    private static JsonNode field(JsonNode node, String field) {
        JsonNode value = node.get(field);
        if (value == null || value.isNull()) {
            throw new IllegalArgumentException("the field " + field + " is missing; each manifest has it");
        }
        return value;
    }

    private static String text(JsonNode node, String field) {
        JsonNode value = field(node, field);
        if (!value.isTextual()) {
            throw new IllegalArgumentException(field + " is " + excerpt(value) + "; it must be a string");
        }
        return value.textValue();
    }

    private static long whole(JsonNode node, String field) {
        JsonNode value = field(node, field);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IllegalArgumentException(
                    field + " is " + excerpt(value) + "; it must be a whole number of at most 64 bits");
        }
        return value.longValue();
    }

    private static int smallWhole(JsonNode node, String field) {
        long value = whole(node, field);
        if (value != (int) value) {
            throw new IllegalArgumentException(field + " is " + value + "; it must fit in 32 bits");
        }
        return (int) value;
    }

    private static double number(JsonNode node, String field) {
        JsonNode value = node.get(field);
        if (value == null || value.isNull()) {
            return Double.NaN;
        }
        if (!value.isNumber()) {
            throw new IllegalArgumentException(field + " is " + excerpt(value) + "; it must be a number or null");
        }
        return value.doubleValue();
    }

    private static Instant instant(JsonNode node, String field) {
        String text = text(node, field);
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    field + " is '" + text + "'; it must be an instant such as 2026-01-31T12:00:00Z", e);
        }
    }

    private static List<String> strings(String field, JsonNode node) {
        if (!node.isArray()) {
            throw bad(field + " is " + excerpt(node) + "; it must be an array of strings", null);
        }
        List<String> strings = new ArrayList<>();
        for (JsonNode value : node) {
            if (!value.isTextual()) {
                throw bad(field + " holds " + excerpt(value) + "; it must be an array of strings", null);
            }
            strings.add(value.textValue());
        }
        return strings;
    }

    private static String excerpt(JsonNode value) {
        String json = value.toString();
        return json.length() <= 60 ? json : json.substring(0, 60) + "...";
    }

    private interface Reading<T> {
        T read();
    }

    private static <T> T checked(Reading<T> reading) {
        try {
            return reading.read();
        } catch (IllegalArgumentException e) {
            throw bad("bad manifest: " + e.getMessage(), e);
        }
    }

    private static CheckpointException bad(String message, @Nullable Throwable cause) {
        return new CheckpointException(Problem.BAD_MANIFEST, message, cause);
    }
}
