package dev.reflux.distillation.engine;

import dev.reflux.distillation.export.GraphWriter;
import dev.reflux.distillation.network.EncodingSpec;
import dev.reflux.distillation.network.EncodingSpec.Pooling;
import java.util.List;
import java.util.Map;

/** One text column of {@link InputEncoder}, as operators of a graph. */
final class TextExport {

    private static final long FLOAT = 1;

    private final GraphWriter graph;
    private final String name;
    private final EncodingSpec encoding;
    private final String zero;
    private final String one;
    private final String tokenAxis;

    private TextExport(GraphWriter graph, String name, EncodingSpec encoding) {
        this.graph = graph;
        this.name = name;
        this.encoding = encoding;
        this.zero = graph.constant(name + ".zero", new long[] {0}, 1);
        this.one = graph.constant(name + ".one", new long[] {1}, 1);
        this.tokenAxis = graph.constant(name + ".axis", new long[] {1}, 1);
    }

    /**
     * Returns the name of the column's part of the encoded rows.
     *
     * @param tokens int64 {@code [batch, tokens]}; buckets, -1 pads
     */
    static String write(GraphWriter graph, String name, EmbeddingTable table, EncodingSpec encoding, String tokens) {
        return new TextExport(graph, name, encoding).write(table, tokens);
    }

    private String write(EmbeddingTable table, String tokens) {
        String read =
                switch (encoding.pooling()) {
                    case MEAN -> tokens;
                    case ROOT -> sorted(tokens);
                    case SEQUENCE -> first(tokens);
                };
        String present = graph.node("GreaterOrEqual", read, zero);
        String counts =
                encoding.pooling() == Pooling.ROOT ? graph.node("And", present, differsFromThatBefore(read)) : present;
        String mask = graph.node("Cast", List.of(counts), Map.of("to", FLOAT));
        String values = graph.constant(name + ".embedding", table.values(), table.rows(), table.width());
        String vectors = graph.node("Gather", List.of(values, graph.node("Max", read, zero)), Map.of("axis", 0L));
        String lastAxis = graph.constant(name + ".last", new long[] {2}, 1);
        String masked = graph.node("Mul", vectors, graph.node("Unsqueeze", mask, lastAxis));
        return switch (encoding.pooling()) {
            case MEAN -> scaled(graph.node("Div", sum(masked), number(mask)));
            case ROOT -> scaled(graph.node("Div", sum(masked), graph.node("Sqrt", number(mask))));
            case SEQUENCE -> {
                long[] flat = {0, (long) encoding.tokens() * table.width()};
                String row = graph.node("Reshape", scaled(masked), graph.constant(name + ".flat", flat, 2));
                yield graph.node("Concat", List.of(row, mask), Map.of("axis", 1L));
            }
        };
    }

    private String scaled(String vectors) {
        return encoding.textScale() == 1
                ? vectors
                : graph.node("Mul", vectors, graph.constant(name + ".scale", new float[] {encoding.textScale()}));
    }

    private String sum(String vectors) {
        return graph.node("ReduceSum", List.of(vectors, tokenAxis), Map.of("keepdims", 0L));
    }

    /** Tokens per text, at least 1. */
    private String number(String mask) {
        String count = graph.node("ReduceSum", List.of(mask, tokenAxis), Map.of("keepdims", 1L));
        return graph.node("Max", count, graph.constant(name + ".least", new float[] {1}, 1));
    }

    /** The tokens of each row in descending order. */
    private String sorted(String tokens) {
        return graph.node("TopK", List.of(tokens, side(tokens, one)), Map.of("axis", 1L), 2)
                .get(0);
    }

    /** Of rows of tokens in order: whether each is the first of its kind. */
    private String differsFromThatBefore(String tokens) {
        String ahead = graph.node("Concat", List.of(padding(tokens, one), tokens), Map.of("axis", 1L));
        String before = graph.node("Slice", ahead, zero, side(tokens, one), tokenAxis);
        return graph.node("Not", graph.node("Equal", tokens, before));
    }

    /** The first tokens of each row, exactly as many as the encoding asks for, padded where there are fewer. */
    private String first(String tokens) {
        String count = graph.constant(name + ".count", new long[] {encoding.tokens()}, 1);
        String padded = graph.node("Concat", List.of(tokens, padding(tokens, count)), Map.of("axis", 1L));
        return graph.node("Slice", padded, zero, count, tokenAxis);
    }

    /** {@code [batch, columns]} of -1. */
    private String padding(String tokens, String columns) {
        String none = graph.constant(name + ".none", new long[] {-1}, 1);
        String shape = graph.node("Concat", List.of(side(tokens, zero), columns), Map.of("axis", 0L));
        return graph.node("Expand", none, shape);
    }

    /** {@code [1]}: the size of an axis. */
    private String side(String tokens, String axis) {
        return graph.node("Gather", List.of(graph.node("Shape", tokens), axis), Map.of("axis", 0L));
    }
}
