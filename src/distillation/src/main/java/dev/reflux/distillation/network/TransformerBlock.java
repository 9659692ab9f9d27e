package dev.reflux.distillation.network;

import ai.djl.ndarray.NDArray;
import dev.reflux.distillation.export.GraphWriter;
import dev.reflux.distillation.network.Parameter.Start;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * A block of a {@link Transformer}: {@code x += attention(norm(x)); x += feed-forward(norm(x))}. The last matrix of each of
 * the two starts at zero, so that the block begins as the identity and a text as the mean of its embeddings (as in Bachlechner
 * et al. 2021).
 */
final class TransformerBlock {

    private final int width;
    private final int heads;
    private final Norm attentionNorm;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear joined;
    private final Norm feedForwardNorm;
    private final Linear up;
    private final Linear down;

    TransformerBlock(ParameterPlan plan, String name, TransformerSpec spec) {
        this.width = spec.width();
        this.heads = spec.heads();
        this.attentionNorm = new Norm(plan, name + ".attention.norm", width);
        this.query = new Linear(plan, name + ".query", width, width, Start.GLOROT);
        this.key = new Linear(plan, name + ".key", width, width, Start.GLOROT);
        this.value = new Linear(plan, name + ".value", width, width, Start.GLOROT);
        this.joined = new Linear(plan, name + ".joined", width, width, Start.ZERO);
        this.feedForwardNorm = new Norm(plan, name + ".forward.norm", width);
        this.up = new Linear(plan, name + ".up", width, spec.feedForward(), Activation.GELU.start());
        this.down = new Linear(plan, name + ".down", spec.feedForward(), width, Start.ZERO);
    }

    /** {@code x W + b} along the last axis. */
    record Linear(Parameter weight, Parameter bias) {

        Linear(ParameterPlan plan, String name, int inputs, int outputs, Start start) {
            this(
                    plan.add(name + ".weight", List.of(inputs, outputs), start),
                    plan.add(name + ".bias", List.of(outputs), Start.ZERO));
        }

        NDArray forward(NDArray x, Iterator<NDArray> values) {
            return x.matMul(values.next()).add(values.next());
        }

        String export(GraphWriter graph, String x, float[] values) {
            return graph.node("Add", graph.node("MatMul", x, weight.export(graph, values)), bias.export(graph, values));
        }
    }

    /** Layer norm along the last axis. */
    record Norm(Parameter gain, Parameter shift) {

        Norm(ParameterPlan plan, String name, int width) {
            this(
                    plan.add(name + ".gain", List.of(width), Start.ONE),
                    plan.add(name + ".shift", List.of(width), Start.ZERO));
        }

        NDArray forward(NDArray x, Iterator<NDArray> values) {
            NDArray gain = values.next();
            return x.getNDArrayInternal()
                    .layerNorm(x, gain.getShape(), gain, values.next(), Mlp.NORM_EPSILON)
                    .singletonOrThrow();
        }

        String export(GraphWriter graph, String x, float[] values) {
            Map<String, Object> attributes = Map.of("axis", -1L, "epsilon", Mlp.NORM_EPSILON);
            List<String> inputs = List.of(x, gain.export(graph, values), shift.export(graph, values));
            return graph.node("LayerNormalization", inputs, attributes);
        }
    }

    /**
     * @param x {@code [batch, tokens, width]}
     * @param penalty {@code [batch, 1, 1, tokens]}: what is added to the attention that each token gets
     * @param values this block's parameters come next
     */
    NDArray forward(NDArray x, NDArray penalty, Iterator<NDArray> values) {
        NDArray normal = attentionNorm.forward(x, values);
        NDArray root = x.getManager().create(1 / (float) Math.sqrt(width / heads));
        NDArray q = split(query.forward(normal, values)).mul(root);
        NDArray k = split(key.forward(normal, values));
        NDArray v = split(value.forward(normal, values));
        NDArray attention = q.matMul(k.transpose(0, 1, 3, 2)).add(penalty).softmax(-1);
        NDArray read = attention.matMul(v).transpose(0, 2, 1, 3).reshape(x.getShape());
        NDArray y = x.add(joined.forward(read, values));
        NDArray inner = Activation.GELU.apply(up.forward(feedForwardNorm.forward(y, values), values));
        return y.add(down.forward(inner, values));
    }

    /** {@code [batch, tokens, width]} to {@code [batch, heads, tokens, width / heads]}. */
    private NDArray split(NDArray x) {
        return x.reshape(x.getShape().get(0), x.getShape().get(1), heads, width / heads)
                .transpose(0, 2, 1, 3);
    }

    String export(GraphWriter graph, String x, String penalty, float[] values) {
        String normal = attentionNorm.export(graph, x, values);
        String root = graph.constant("attention.scale", new float[] {1 / (float) Math.sqrt(width / heads)}, 1);
        String q = graph.node("Mul", split(graph, query.export(graph, normal, values)), root);
        String k = split(graph, key.export(graph, normal, values));
        String v = split(graph, value.export(graph, normal, values));
        String scores = graph.node("Add", graph.node("MatMul", q, transpose(graph, k, 0, 1, 3, 2)), penalty);
        String attention = graph.node("Softmax", List.of(scores), Map.of("axis", -1L));
        String read = transpose(graph, graph.node("MatMul", attention, v), 0, 2, 1, 3);
        String flat = graph.constant("attention.flat", new long[] {0, 0, width}, 3);
        String y = graph.node("Add", x, joined.export(graph, graph.node("Reshape", read, flat), values));
        String inner =
                Activation.GELU.export(graph, up.export(graph, feedForwardNorm.export(graph, y, values), values));
        return graph.node("Add", y, down.export(graph, inner, values));
    }

    private String split(GraphWriter graph, String x) {
        String sides = graph.constant("attention.heads", new long[] {0, 0, heads, width / heads}, 4);
        return transpose(graph, graph.node("Reshape", x, sides), 0, 2, 1, 3);
    }

    private static String transpose(GraphWriter graph, String x, long... axes) {
        return graph.node("Transpose", List.of(x), Map.of("perm", axes));
    }
}
