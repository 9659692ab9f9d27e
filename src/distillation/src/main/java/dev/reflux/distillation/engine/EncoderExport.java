package dev.reflux.distillation.engine;

import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.export.GraphInputs;
import dev.reflux.distillation.export.GraphWriter;
import dev.reflux.distillation.network.EncodingSpec;
import dev.reflux.distillation.network.EncodingSpec.Pooling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What {@link InputEncoder} computes, as operators of a graph. */
final class EncoderExport {

    private static final long FLOAT = 1;

    private final GraphWriter graph;
    private final String zero;
    private final String low;
    private final String high;

    private EncoderExport(GraphWriter graph) {
        this.graph = graph;
        this.zero = graph.constant("input.zero", new float[] {0}, 1);
        this.low = graph.constant("input.low", new float[] {-Normalizer.BOUND});
        this.high = graph.constant("input.high", new float[] {Normalizer.BOUND});
    }

    /** Returns the name of the encoded rows, {@code [batch, encoder.width()]}. */
    static String write(InputEncoder encoder, GraphWriter graph, GraphInputs inputs) {
        InputLayout layout = encoder.layout();
        EncoderExport export = new EncoderExport(graph);
        float[] offsets = encoder.normalizer().offsets();
        float[] factors = encoder.normalizer().factors();
        int numeric = layout.numeric();
        List<String> parts = new ArrayList<>();
        if (numeric > 0) {
            parts.add(export.standardised(
                    "numeric", inputs.numeric(), Arrays.copyOf(offsets, numeric), Arrays.copyOf(factors, numeric)));
        }
        for (int i = 0; i < layout.tensorShapes().size(); i++) {
            float[] offset = {offsets[numeric + i]};
            float[] factor = {factors[numeric + i]};
            String tensor = inputs.tensors().get(i);
            parts.add(export.orZero(
                    export.firstIsNaN("tensor" + i, tensor),
                    export.standardised("tensor" + i, tensor, offset, factor)));
        }
        int table = 0;
        for (String category : inputs.categories()) {
            String values = export.table("category" + table, encoder.tables().get(table++));
            parts.add(graph.node("Gather", List.of(values, category), Map.of("axis", 0L)));
        }
        for (String text : inputs.texts()) {
            parts.add(export.text("text" + table, encoder.tables().get(table++), encoder.encoding(), text));
        }
        return parts.size() == 1 ? parts.get(0) : graph.node("Concat", parts, Map.of("axis", 1L));
    }

    private String standardised(String name, String input, float[] offset, float[] factor) {
        String shift = graph.constant(name + ".mean", offset, offset.length);
        String scale = graph.constant(name + ".scale", factor, factor.length);
        String x = graph.node("Mul", graph.node("Sub", input, shift), scale);
        return graph.node("Clip", orZero(graph.node("IsNaN", x), x), low, high);
    }

    private String orZero(String missing, String values) {
        return graph.node("Where", missing, zero, values);
    }

    private String firstIsNaN(String name, String input) {
        String start = graph.constant(name + ".first", new long[] {0}, 1);
        String end = graph.constant(name + ".second", new long[] {1}, 1);
        String axis = graph.constant(name + ".axis", new long[] {1}, 1);
        return graph.node("IsNaN", graph.node("Slice", input, start, end, axis));
    }

    private String table(String name, EmbeddingTable table) {
        return graph.constant(name + ".embedding", table.values(), table.rows(), table.width());
    }

    private String text(String name, EmbeddingTable table, EncodingSpec encoding, String tokens) {
        String padding = graph.constant(name + ".padding", new long[] {0}, 1);
        String tokenAxis = graph.constant(name + ".tokens", new long[] {1}, 1);
        String lastAxis = graph.constant(name + ".last", new long[] {2}, 1);
        boolean sequence = encoding.pooling() == Pooling.SEQUENCE;
        String read = sequence ? firstTokens(name, tokens, encoding.tokens(), tokenAxis) : tokens;
        String present = graph.node("GreaterOrEqual", read, padding);
        String safe = graph.node("Max", read, padding);
        String mask = graph.node("Cast", List.of(present), Map.of("to", FLOAT));
        String vectors = graph.node("Gather", List.of(table(name, table), safe), Map.of("axis", 0L));
        String masked = graph.node("Mul", vectors, graph.node("Unsqueeze", mask, lastAxis));
        if (sequence) {
            long[] flat = {0, (long) encoding.tokens() * table.width()};
            String row = graph.node("Reshape", masked, graph.constant(name + ".flat", flat, 2));
            return graph.node("Concat", List.of(row, mask), Map.of("axis", 1L));
        }
        String one = graph.constant(name + ".one", new float[] {1}, 1);
        String sum = graph.node("ReduceSum", List.of(masked, tokenAxis), Map.of("keepdims", 0L));
        String count = graph.node("ReduceSum", List.of(mask, tokenAxis), Map.of("keepdims", 1L));
        String atLeastOne = graph.node("Max", count, one);
        return graph.node("Div", sum, encoding.pooling() == Pooling.MEAN ? atLeastOne : graph.node("Sqrt", atLeastOne));
    }

    /** The first tokens of each row, exactly so many, padded where there are fewer. */
    private String firstTokens(String name, String tokens, int count, String tokenAxis) {
        String first = graph.constant(name + ".start", new long[] {0}, 1);
        String one = graph.constant(name + ".rows", new long[] {1}, 1);
        String width = graph.constant(name + ".width", new long[] {count}, 1);
        String none = graph.constant(name + ".none", new long[] {-1}, 1);
        String rows = graph.node("Slice", graph.node("Shape", tokens), first, one);
        String shape = graph.node("Concat", List.of(rows, width), Map.of("axis", 0L));
        String padded = graph.node("Concat", List.of(tokens, graph.node("Expand", none, shape)), Map.of("axis", 1L));
        return graph.node("Slice", padded, first, width, tokenAxis);
    }
}
