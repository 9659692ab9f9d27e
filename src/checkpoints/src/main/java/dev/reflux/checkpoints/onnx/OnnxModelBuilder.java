package dev.reflux.checkpoints.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.InputColumn.Category;
import dev.reflux.checkpoints.InputColumn.Numeric;
import dev.reflux.checkpoints.InputColumn.Tensor;
import dev.reflux.checkpoints.InputColumn.Text;
import dev.reflux.checkpoints.ManifestJson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes a student as an ONNX model whose inputs are raw features, one per column. The encoding comes first and is
 * written here; the network follows through {@link #constant} and {@link #node}; {@link #finish} adds the softmax. The
 * same calls give the same bytes.
 *
 * <p>Operators are those of ai.onnx {@value #OPSET}, ai.onnx.ml {@value #ML_OPSET} (vocabularies) and com.microsoft 1
 * (text), all of which ONNX Runtime has on servers, phones and in browsers.
 */
public final class OnnxModelBuilder {

    /** Version of the operators in the default domain. */
    public static final int OPSET = 20;

    /** Version of the operators in the domain ai.onnx.ml. */
    public static final int ML_OPSET = 3;

    /** Graph output, float {@code [batch, classes]}: rows sum to 1. */
    public static final String PROBABILITIES = "probabilities";

    /** Graph output, float {@code [batch, classes]}: before the softmax. */
    public static final String LOGITS = "logits";

    /** Metadata: JSON array of class names in the order of the outputs' columns. */
    public static final String CLASSES_KEY = "classes";

    /** Metadata: JSON array of the input columns, as in the manifest. */
    public static final String INPUTS_KEY = "inputs";

    private static final int IR_VERSION = 9;
    private static final String MICROSOFT = "com.microsoft";
    private static final String ML = "ai.onnx.ml";
    private static final String BATCH = "batch";

    /** How the graph takes texts. */
    public enum TextInput {
        /** As they are: string {@code [batch, 1]}. What is published. */
        RAW,
        /** As hash buckets of tokens: int64 {@code [batch, tokens]}, -1 pads. For events whose texts are gone. */
        BUCKETS
    }

    /** Smaller matrices are not worth a scale and an operator. */
    private static final int FEWEST_PACKED = 64;

    private final List<InputColumn> columns;
    private final Precision precision;
    private final TextInput textInput;
    private final Map<String, Packed> packed = new HashMap<>();
    private final Map<String, String> floats = new HashMap<>();
    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("student");
    private final Set<String> names = new HashSet<>();
    private final String numeric;
    private final List<String> categories = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();
    private final List<String> tensors = new ArrayList<>();
    private boolean finished;

    /**
     * A constant in fewer bits.
     *
     * @param axis of the scales; counted from the end, so that it holds after a Gather on the first axis, too
     */
    private record Packed(String scales, int axis, int rank) {}

    /** A model with 32-bit weights that takes raw texts. */
    public OnnxModelBuilder(List<InputColumn> columns) {
        this(columns, Precision.FP32, TextInput.RAW);
    }

    /**
     * @throws IllegalArgumentException when there is no column, or a name is used twice or is that of an output
     */
    public OnnxModelBuilder(List<InputColumn> columns, Precision precision, TextInput textInput) {
        this.columns = List.copyOf(columns);
        this.precision = precision;
        this.textInput = textInput;
        if (columns.isEmpty()) {
            throw new IllegalArgumentException("no input columns given; a student takes at least one feature");
        }
        names.add(PROBABILITIES);
        names.add(LOGITS);
        for (InputColumn column : columns) {
            if (!names.add(column.name())) {
                throw new IllegalArgumentException("the column name '" + column.name()
                        + "' is used twice or is the name of an output (" + PROBABILITIES + ", " + LOGITS
                        + "); rename the feature");
            }
        }
        List<String> numbers = new ArrayList<>();
        String flat = constant("flat", new long[] {-1}, 1);
        for (InputColumn column : columns) {
            if (column instanceof Numeric) {
                input(column.name(), TensorProto.DataType.FLOAT, 1);
                numbers.add(column.name());
            } else if (column instanceof Category category) {
                categories.add(category(category, flat));
            } else if (column instanceof Text text) {
                texts.add(text(text, flat));
            } else if (column instanceof Tensor tensor) {
                tensors.add(tensor(tensor));
            }
        }
        numeric = switch (numbers.size()) {
            case 0 -> "";
            case 1 -> numbers.get(0);
            default -> node("Concat", numbers, Map.of("axis", 1L));
        };
    }

    /** Float {@code [batch, numericColumns]} in the order of the columns, NaN where missing; empty when there are none. */
    public String numeric() {
        return numeric;
    }

    /** Int64 {@code [batch]} per category column; {@code size} where missing or unknown. */
    public List<String> categories() {
        return List.copyOf(categories);
    }

    /** Int64 {@code [batch, tokens]} per text column; buckets, -1 pads. No row has a token: {@code tokens} is 0. */
    public List<String> texts() {
        return List.copyOf(texts);
    }

    /** Float {@code [batch, volume]} per tensor column, row-major; NaN first where missing. */
    public List<String> tensors() {
        return List.copyOf(tensors);
    }

    /**
     * A constant; one of two dimensions or more is kept with the model's precision.
     *
     * @param shape empty for a scalar
     * @return the constant's name in the graph, {@code name} unless that is taken; for {@link #node}, not for anything that
     *     writes to the graph itself
     */
    public String constant(String name, float[] values, long... shape) {
        requireVolume(name, values.length, shape);
        String unique = unique(name);
        if (precision == Precision.FP32 || shape.length < 2 || values.length < FEWEST_PACKED) {
            graph.addInitializer(Protos.floats(unique, values, shape));
        } else if (precision == Precision.FP16) {
            graph.addInitializer(PackedWeights.halves(unique, values, shape));
            packed.put(unique, new Packed("", 0, shape.length));
        } else {
            // matrices are [inputs, outputs], kernels [outputs, ...]
            int axis = shape.length == 2 ? 1 : 0;
            float[] scales = PackedWeights.scales(values, axis, shape);
            graph.addInitializer(PackedWeights.bytes(unique, values, scales, axis, shape));
            String scaleName = unique(name + ".scales");
            graph.addInitializer(Protos.floats(scaleName, scales, scales.length));
            packed.put(unique, new Packed(scaleName, axis - shape.length, shape.length));
        }
        return unique;
    }

    /**
     * @param shape empty for a scalar
     * @return the constant's name in the graph, {@code name} unless that is taken
     */
    public String constant(String name, long[] values, long... shape) {
        requireVolume(name, values.length, shape);
        String unique = unique(name);
        graph.addInitializer(Protos.longs(unique, values, shape));
        return unique;
    }

    /**
     * Adds an operator of the default domain with one output.
     *
     * @param attributes values are {@code Long}, {@code Float}, {@code String}, {@code long[]} or {@code float[]}
     * @return name of its output
     * @throws IllegalArgumentException when an input has not been written yet, or an attribute has another type
     */
    public String node(String opType, List<String> inputs, Map<String, Object> attributes) {
        boolean picksRows =
                opType.equals("Gather") && attributes.getOrDefault("axis", 0L).equals(0L);
        Packed table = picksRows ? packed.get(inputs.get(0)) : null;
        if (table != null && table.rank() == 2) {
            // only the rows that are used become floats
            return unpacked(node("", opType, inputs, attributes), table);
        }
        return node("", opType, inputs.stream().map(this::unpacked).toList(), attributes);
    }

    /** The value as floats. The operator is written once, before its first use. */
    private String unpacked(String value) {
        Packed how = packed.get(value);
        return how == null ? value : floats.computeIfAbsent(value, packedValue -> unpacked(packedValue, how));
    }

    private String unpacked(String value, Packed how) {
        return how.scales().isEmpty()
                ? node("", "Cast", List.of(value), Map.of("to", (long) TensorProto.DataType.FLOAT.getNumber()))
                : node("", "DequantizeLinear", List.of(value, how.scales()), Map.of("axis", (long) how.axis()));
    }

    /**
     * As {@link #node(String, List, Map)}, of an operator with several outputs.
     *
     * @return the names of its first {@code outputs} outputs
     */
    public List<String> node(String opType, List<String> inputs, Map<String, Object> attributes, int outputs) {
        return node("", opType, inputs.stream().map(this::unpacked).toList(), attributes, outputs);
    }

    /** {@link #node(String, List, Map)} without attributes. */
    public String node(String opType, String... inputs) {
        return node(opType, List.of(inputs), Map.of());
    }

    /**
     * Completes the model; the builder is done with afterwards. Nodes and constants that neither output depends on are left
     * out; the inputs stay, since they are the columns that a consumer has.
     *
     * @param logits float {@code [batch, classes]}
     * @param metadata goes into the model's properties beside {@value #CLASSES_KEY} and {@value #INPUTS_KEY}; put no
     *     time in it, or equal students get different bytes
     * @return the ONNX file
     */
    public byte[] finish(String logits, List<String> classes, Map<String, String> metadata) {
        if (classes.size() < 2 || new HashSet<>(classes).size() != classes.size()) {
            throw new IllegalArgumentException("classes is " + classes + "; it needs at least two different names");
        }
        output("Identity", logits, Map.of(), LOGITS, classes.size());
        output("Softmax", logits, Map.of("axis", 1L), PROBABILITIES, classes.size());
        finished = true;
        Set<String> domains = prune();
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("reflux")
                .setGraph(graph);
        model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET));
        if (domains.contains(ML)) {
            model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(ML).setVersion(ML_OPSET));
        }
        if (domains.contains(MICROSOFT)) {
            model.addOpsetImport(
                    OperatorSetIdProto.newBuilder().setDomain(MICROSOFT).setVersion(1));
        }
        Map<String, String> sorted = new TreeMap<>(metadata);
        sorted.put(CLASSES_KEY, ManifestJson.writeNames(classes));
        sorted.put(INPUTS_KEY, ManifestJson.writeInputs(columns));
        sorted.forEach((key, value) -> model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        return model.build().toByteArray();
    }

    private String category(Category category, String flat) {
        input(category.name(), category.takesCodes() ? TensorProto.DataType.INT64 : TensorProto.DataType.STRING, 1);
        String values = node("Reshape", category.name(), flat);
        if (!category.takesCodes()) {
            long[] codes = new long[category.size()];
            for (int i = 0; i < codes.length; i++) {
                codes[i] = i;
            }
            return node(
                    ML,
                    "LabelEncoder",
                    List.of(values),
                    Map.of(
                            "keys_strings",
                            category.values().toArray(String[]::new),
                            "values_int64s",
                            codes,
                            "default_int64",
                            (long) category.size()));
        }
        String zero = constant("zero", new long[] {0});
        String size = constant("size", new long[] {category.size()});
        String known = node("And", node("GreaterOrEqual", values, zero), node("Less", values, size));
        return node("Where", known, values, size);
    }

    /**
     * Only tokens of ASCII are lower-cased. StringNormalizer depends on the locales that the machine has: the default
     * one is absent in most containers, and that named C knows ASCII alone with glibc but all of Unicode in browsers.
     * On ASCII all agree, so the result is the same everywhere.
     */
    private String text(Text text, String flat) {
        if (textInput == TextInput.BUCKETS) {
            graph.addInput(Protos.value(
                    text.name(), TensorProto.DataType.INT64, new String[] {BATCH, text.name() + "_tokens"}));
            return text.name();
        }
        input(text.name(), TensorProto.DataType.STRING, 1);
        String none = string("none");
        String noneVector = string("none_vector", 1);
        String tokens = node(
                MICROSOFT,
                "Tokenizer",
                List.of(node("Reshape", text.name(), flat)),
                Map.of("mark", 0L, "mincharnum", 1L, "pad_value", "", "tokenexp", "[\\p{L}\\p{N}]+"));
        // what com.microsoft operators give is unknown to ONNX's own checker, which needs the types of all that follows
        describe(tokens, TensorProto.DataType.STRING, BATCH, tokens + "_count");
        // StringNormalizer refuses an empty tensor, which a batch without any token has: hence one more, cut off below
        String all = node("Concat", List.of(node("Reshape", tokens, flat), noneVector), Map.of("axis", 0L));
        String lower = node(
                "StringNormalizer",
                List.of(all),
                Map.of("case_change_action", "LOWER", "is_case_sensitive", 1L, "locale", "C"));
        String ascii = node("RegexFullMatch", List.of(all), Map.of("pattern", "[A-Za-z0-9]*"));
        String folded = node("Where", ascii, lower, all);
        String hashes = node(MICROSOFT, "MurmurHash3", List.of(folded), Map.of("seed", 0L, "positive", 1L));
        describe(hashes, TensorProto.DataType.UINT32, hashes + "_count");
        String whole = node("Cast", List.of(hashes), Map.of("to", (long) TensorProto.DataType.INT64.getNumber()));
        String start = constant("start", new long[] {0}, 1);
        String end = constant("end", new long[] {-1}, 1);
        String cut = node("Slice", whole, start, end);
        String buckets = node("Mod", cut, constant("buckets", new long[] {text.buckets()}));
        String shaped = node("Reshape", List.of(buckets, node("Shape", tokens)), Map.of("allowzero", 1L));
        return node("Where", node("Equal", tokens, none), constant("pad", new long[] {-1}), shaped);
    }

    private String tensor(Tensor tensor) {
        long[] sides = tensor.shape().stream().mapToLong(Integer::longValue).toArray();
        input(tensor.name(), TensorProto.DataType.FLOAT, sides);
        return node("Reshape", tensor.name(), constant("rows", new long[] {-1, tensor.volume()}, 2));
    }

    private void describe(String name, TensorProto.DataType type, String... sides) {
        graph.addValueInfo(Protos.value(name, type, sides));
    }

    private void input(String name, TensorProto.DataType type, long... sides) {
        graph.addInput(Protos.value(name, type, BATCH, sides));
    }

    private void output(String opType, String input, Map<String, Object> attributes, String name, int classes) {
        NodeProto.Builder node = Protos.node("", opType, List.of(input), attributes);
        graph.addNode(checked(node).setName(name).addOutput(name));
        graph.addOutput(Protos.value(name, TensorProto.DataType.FLOAT, BATCH, classes));
    }

    private String node(String domain, String opType, List<String> inputs, Map<String, Object> attributes) {
        return node(domain, opType, inputs, attributes, 1).get(0);
    }

    private List<String> node(
            String domain, String opType, List<String> inputs, Map<String, Object> attributes, int outputs) {
        NodeProto.Builder node = checked(Protos.node(domain, opType, inputs, attributes));
        List<String> written = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            written.add(unique(opType.toLowerCase(Locale.ROOT)));
        }
        graph.addNode(node.setName(written.get(0)).addAllOutput(written));
        return written;
    }

    /** Leaves out what no output depends on; returns the domains of the operators that stay. */
    private Set<String> prune() {
        Set<String> needed = new HashSet<>();
        graph.getOutputList().forEach(output -> needed.add(output.getName()));
        Set<String> domains = new HashSet<>();
        List<NodeProto> kept = new ArrayList<>();
        // Nodes stand behind those they read from, so from the last one on all that reads a node has been seen before
        // it.
        for (int i = graph.getNodeCount() - 1; i >= 0; i--) {
            NodeProto node = graph.getNode(i);
            if (node.getOutputList().stream().anyMatch(needed::contains)) {
                needed.addAll(node.getInputList());
                needed.addAll(node.getOutputList());
                domains.add(node.getDomain());
                kept.add(node);
            }
        }
        Collections.reverse(kept);
        List<TensorProto> constants = graph.getInitializerList().stream()
                .filter(constant -> needed.contains(constant.getName()))
                .toList();
        List<ValueInfoProto> described = graph.getValueInfoList().stream()
                .filter(value -> needed.contains(value.getName()))
                .toList();
        graph.clearNode().addAllNode(kept);
        graph.clearInitializer().addAllInitializer(constants);
        graph.clearValueInfo().addAllValueInfo(described);
        return domains;
    }

    private NodeProto.Builder checked(NodeProto.Builder node) {
        if (finished) {
            throw new IllegalStateException("the model is finished already; use a new builder for another one");
        }
        for (String input : node.getInputList()) {
            if (!input.isEmpty() && !names.contains(input)) {
                throw new IllegalArgumentException("the input '" + input + "' of " + node.getOpType()
                        + " is not in the graph; use the names that this builder returned");
            }
        }
        return node;
    }

    private String string(String name, long... shape) {
        String unique = unique(name);
        graph.addInitializer(Protos.strings(unique, List.of(""), shape));
        return unique;
    }

    private String unique(String name) {
        String unique = name;
        for (int i = 2; !names.add(unique); i++) {
            unique = name + "_" + i;
        }
        return unique;
    }

    private static void requireVolume(String name, int length, long... shape) {
        long volume = 1;
        for (long side : shape) {
            volume *= side;
        }
        if (volume != length) {
            throw new IllegalArgumentException("the constant '" + name + "' has " + length + " values but its shape "
                    + Arrays.toString(shape) + " holds " + volume + "; make them agree");
        }
    }
}
