package dev.reflux.distillation.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import dev.reflux.distillation.export.GraphWriter;
import dev.reflux.distillation.network.InputShape.Sequence;
import dev.reflux.distillation.network.Parameter.Start;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * A transformer's encoder over the sequences of a row. Padding gets no attention, is zero after each block and does not
 * count in the mean.
 *
 * <p>The layers are what leaves each block, {@code hidden-1} first, {@code [tokens, width]}, and what the head reads, {@code
 * pooled}.
 */
public final class Transformer implements Network {

    /** Added to a score that padding would get: its share of the attention is then exactly zero. */
    private static final float NONE = -1e9f;

    private final int inputs;
    private final int classes;
    private final int tokens;
    private final int width;
    private final List<Columns> vectors;
    private final List<Columns> masks;
    private final Parameter positions;
    private final List<TransformerBlock> blocks = new ArrayList<>();
    private final TransformerBlock.Norm norm;
    private final DenseTail tail;
    private final List<Parameter> parameters;
    private final List<FeatureLayer> layers;
    private final String description;

    Transformer(TransformerSpec spec, InputShape input, int classes) {
        List<Sequence> sequences = input.parts().stream()
                .filter(Sequence.class::isInstance)
                .map(Sequence.class::cast)
                .toList();
        if (sequences.isEmpty()) {
            throw new IllegalArgumentException("transformer needs a text feature; found " + input.inWords()
                    + "; add a feature of type text, or choose another network");
        }
        this.inputs = input.width();
        this.classes = classes;
        this.tokens = sequences.stream().mapToInt(Sequence::tokens).sum();
        this.width = spec.width();
        this.vectors = sequences.stream()
                .map(text -> Columns.of("tokens", text.at(), text.maskAt()))
                .toList();
        this.masks = sequences.stream()
                .map(text -> Columns.of("mask", text.maskAt(), text.at() + text.width()))
                .toList();
        ParameterPlan plan = new ParameterPlan();
        List<FeatureLayer> built = new ArrayList<>();
        this.positions = plan.add("positions", List.of(tokens, width), Start.ZERO);
        for (int i = 1; i <= spec.depth(); i++) {
            blocks.add(new TransformerBlock(plan, "block" + i, spec));
            built.add(FeatureLayer.sequence(Mlp.HIDDEN + i, tokens, width));
        }
        this.norm = new TransformerBlock.Norm(plan, "norm", width);
        MlpSpec linear = MlpSpec.of();
        this.tail = new DenseTail(plan, input, sequences, width, linear, spec.depth() + 1, classes);
        built.addAll(tail.layers());
        this.layers = List.copyOf(built);
        this.parameters = plan.parameters();
        this.description = "transformer " + tokens + "x" + width + " heads " + spec.heads() + " depth " + spec.depth()
                + " feed-forward " + spec.feedForward() + ", " + tail.describe();
    }

    @Override
    public String describe() {
        return description;
    }

    @Override
    public int inputs() {
        return inputs;
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public List<FeatureLayer> layers() {
        return layers;
    }

    @Override
    public NDList forward(NDArray input, NDList parameters) {
        Iterator<NDArray> values = parameters.iterator();
        long batch = input.getShape().get(0);
        NDArray mask = joined(masks, input, batch, 1).stopGradient();
        NDArray penalty = mask.sub(1).mul(-NONE).reshape(batch, 1, 1, tokens);
        NDArray x = joined(vectors, input, batch, width).add(values.next()).mul(mask);
        NDList hidden = new NDList(blocks.size());
        for (TransformerBlock block : blocks) {
            x = block.forward(x, penalty, values).mul(mask);
            hidden.add(x);
        }
        NDArray count = mask.sum(new int[] {1}).maximum(1);
        NDArray mean = x.sum(new int[] {1}).div(count);
        NDList outputs = tail.forward(norm.forward(mean, values), input, values);
        outputs.addAll(1, hidden);
        return outputs;
    }

    /** {@code [batch, tokens, inner]} of all texts. */
    private static NDArray joined(List<Columns> texts, NDArray rows, long batch, int inner) {
        NDList parts = new NDList(texts.size());
        texts.forEach(text -> parts.add(text.read(rows).reshape(batch, -1, inner)));
        return parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts, 1);
    }

    @Override
    public List<String> export(GraphWriter graph, String input, float[] values) {
        String mask = joined(graph, masks, input, 1);
        String one = graph.constant("mask.one", new float[] {1}, 1);
        String none = graph.constant("mask.none", new float[] {-NONE}, 1);
        String sides = graph.constant("penalty.shape", new long[] {0, 1, 1, tokens}, 4);
        String penalty = graph.node("Reshape", graph.node("Mul", graph.node("Sub", mask, one), none), sides);
        String place = positions.export(graph, values);
        String x = graph.node("Mul", graph.node("Add", joined(graph, vectors, input, width), place), mask);
        List<String> hidden = new ArrayList<>();
        for (TransformerBlock block : blocks) {
            x = graph.node("Mul", block.export(graph, x, penalty, values), mask);
            hidden.add(x);
        }
        String count = graph.node("Max", sum(graph, mask), one);
        String mean = graph.node("Div", sum(graph, x), count);
        List<String> outputs = tail.export(graph, norm.export(graph, mean, values), input, values);
        outputs.addAll(1, hidden);
        return outputs;
    }

    private static String sum(GraphWriter graph, String x) {
        String axis = graph.constant("tokens.axis", new long[] {1}, 1);
        return graph.node("ReduceSum", List.of(x, axis), Map.of("keepdims", 0L));
    }

    private static String joined(GraphWriter graph, List<Columns> texts, String rows, int inner) {
        List<String> parts = new ArrayList<>();
        for (Columns text : texts) {
            String sides = graph.constant("text.shape", new long[] {0, -1, inner}, 3);
            parts.add(graph.node("Reshape", text.read(graph, rows), sides));
        }
        return parts.size() == 1 ? parts.get(0) : graph.node("Concat", parts, Map.of("axis", 1L));
    }
}
