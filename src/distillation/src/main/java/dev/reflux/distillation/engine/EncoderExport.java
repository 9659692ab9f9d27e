package dev.reflux.distillation.engine;

import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.export.GraphInputs;
import dev.reflux.distillation.export.GraphWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What {@link InputEncoder} computes, as operators of a graph. */
final class EncoderExport {

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
            EmbeddingTable codes = encoder.tables().get(table);
            String values =
                    graph.constant("category" + table++ + ".embedding", codes.values(), codes.rows(), codes.width());
            parts.add(graph.node("Gather", List.of(values, category), Map.of("axis", 0L)));
        }
        for (String text : inputs.texts()) {
            EmbeddingTable tokens = encoder.tables().get(table);
            parts.add(TextExport.write(graph, "text" + table++, tokens, encoder.encoding(), text));
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
}
