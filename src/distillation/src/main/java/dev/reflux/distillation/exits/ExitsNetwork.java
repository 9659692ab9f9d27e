package dev.reflux.distillation.exits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import dev.reflux.distillation.export.GraphWriter;
import dev.reflux.distillation.network.FeatureLayer;
import dev.reflux.distillation.network.Network;
import dev.reflux.distillation.network.Parameter;
import dev.reflux.distillation.network.Parameter.Start;
import dev.reflux.distillation.network.ParameterPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A backbone with shallow exits. An exit sees a layer's output {@code f} (of a map the mean over its places, of a sequence
 * that over its tokens), lets attention choose from it, brings it to the width of the deepest layer and classifies:
 *
 * <pre>g = f * sigmoid(f A + a)      h = relu(g P + p)      logits = h E + e</pre>
 *
 * <p>after the shallow classifiers with attention of Zhang, Bao, Ma, "Self-Distillation: Towards Efficient and Compact
 * Neural Networks", TPAMI 2021. Beside the backbone's layers it shows of exit k its logits {@code exit-k} and its features
 * {@code exit-k-features}, both for the deepest exit too.
 */
public final class ExitsNetwork implements Network {

    private static final int PER_EXIT = 6;

    private final Network backbone;
    private final List<FeatureLayer> layers;
    private final List<Integer> exitLayers;
    private final int publish;
    private final int deepWidth;
    private final List<Parameter> parameters;
    private final String description;

    ExitsNetwork(ExitsSpec spec, Network backbone) {
        this.backbone = backbone;
        this.publish = spec.publish();
        List<FeatureLayer> inner = backbone.layers();
        if (inner.isEmpty()) {
            throw new IllegalArgumentException(
                    "exits: '" + backbone.describe() + "' has no hidden layer; an exit needs one to stand at");
        }
        FeatureLayer deepest = inner.get(inner.size() - 1);
        this.deepWidth = deepest.channels();
        this.exitLayers =
                spec.at().stream().map(backbone::layer).map(inner::indexOf).toList();
        ParameterPlan plan = new ParameterPlan();
        backbone.parameters().forEach(own -> plan.add(own.name(), own.shape(), own.start()));
        List<FeatureLayer> shown = new ArrayList<>(inner);
        for (int k = 0; k < exitLayers.size(); k++) {
            int layer = exitLayers.get(k);
            requireShallow(spec.at().get(k), layer, inner);
            if (k > 0 && layer <= exitLayers.get(k - 1)) {
                throw new IllegalArgumentException("exits.at: " + spec.at() + " found, '"
                        + spec.at().get(k) + "' lies no deeper than the one before it; name the layers from the input"
                        + " on, each once");
            }
            String name = exit(k + 1);
            int width = inner.get(layer).channels();
            plan.add(name + ".attention.weight", List.of(width, width), Start.GLOROT);
            plan.add(name + ".attention.bias", List.of(width), Start.ZERO);
            plan.add(name + ".projection.weight", List.of(width, deepWidth), Start.HE);
            plan.add(name + ".projection.bias", List.of(deepWidth), Start.ZERO);
            plan.add(name + ".head.weight", List.of(deepWidth, backbone.classes()), Start.GLOROT);
            plan.add(name + ".head.bias", List.of(backbone.classes()), Start.ZERO);
        }
        for (int k = 1; k <= exits(); k++) {
            shown.add(FeatureLayer.flat(exit(k), backbone.classes()));
            shown.add(FeatureLayer.flat(features(k), deepWidth));
        }
        this.parameters = plan.parameters();
        this.layers = List.copyOf(shown);
        this.description = backbone.describe() + " with exits at "
                + spec.at().stream().collect(Collectors.joining(", ")) + ", publishes "
                + (publish == 0 ? "the deepest" : Integer.toString(publish));
    }

    private static void requireShallow(String name, int layer, List<FeatureLayer> layers) {
        List<FeatureLayer> shallow = layers.subList(0, layers.size() - 1);
        if (layer < 0 || layer >= shallow.size()) {
            throw new IllegalArgumentException("exits.at: '" + name + "' found, which is as deep as the deepest exit; "
                    + (shallow.isEmpty()
                            ? "give the network one more layer"
                            : "name one of "
                                    + shallow.stream().map(FeatureLayer::name).toList()));
        }
    }

    /** Layer that holds the logits of exit k, counted from 1; the last is the deepest. */
    static String exit(int k) {
        return "exit-" + k;
    }

    /** Layer that holds the features of exit k. */
    static String features(int k) {
        return exit(k) + "-features";
    }

    /** Names of the layers that self-distillation teaches, of a network with so many shallow exits. */
    public static List<String> exitLayers(int shallow) {
        List<String> names = new ArrayList<>();
        for (int k = 1; k <= shallow + 1; k++) {
            names.add(exit(k));
            names.add(features(k));
        }
        return names;
    }

    /** Number of exits, the deepest included. */
    private int exits() {
        return exitLayers.size() + 1;
    }

    @Override
    public String describe() {
        return description;
    }

    @Override
    public int inputs() {
        return backbone.inputs();
    }

    @Override
    public int classes() {
        return backbone.classes();
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public int servedParameterCount() {
        return ServedParameters.count(this);
    }

    @Override
    public List<FeatureLayer> layers() {
        return layers;
    }

    @Override
    public NDList forward(NDArray input, NDList values) {
        int own = backbone.parameters().size();
        NDList deep = backbone.forward(input, values.subNDList(0, own));
        NDList exits = new NDList();
        for (int k = 0; k < exitLayers.size(); k++) {
            int at = own + PER_EXIT * k;
            int layer = exitLayers.get(k);
            NDArray f = pooled(backbone.layers().get(layer), deep.get(1 + layer));
            NDArray attention = f.matMul(values.get(at))
                    .add(values.get(at + 1))
                    .getNDArrayInternal()
                    .sigmoid();
            NDArray h = f.mul(attention)
                    .matMul(values.get(at + 2))
                    .add(values.get(at + 3))
                    .getNDArrayInternal()
                    .relu();
            exits.add(h.matMul(values.get(at + 4)).add(values.get(at + 5)));
            exits.add(h);
        }
        exits.add(deep.get(0));
        exits.add(pooled(backbone.layers().get(deep.size() - 2), deep.get(deep.size() - 1)));
        NDList all = new NDList(exits.get(2 * (publish == 0 ? exits() : publish) - 2));
        all.addAll(deep.subList(1, deep.size()));
        all.addAll(exits);
        return all;
    }

    /** The mean over the places; of a sequence, over those that are no padding. */
    private static NDArray pooled(FeatureLayer layer, NDArray output) {
        if (layer.places().isEmpty()) {
            return output;
        }
        long batch = output.getShape().get(0);
        if (!layer.channelsLast()) {
            return output.reshape(batch, layer.channels(), -1).mean(new int[] {2});
        }
        NDArray rows = output.reshape(batch, -1, layer.channels());
        NDArray used = rows.abs().sum(new int[] {2}).gt(0).toType(DataType.FLOAT32, false);
        NDArray count = used.sum(new int[] {1}, true).maximum(1);
        return rows.sum(new int[] {1}).div(count);
    }

    @Override
    public List<String> export(GraphWriter graph, String input, float[] values) {
        int own = backbone.parameters().size();
        List<String> deep = backbone.export(graph, input, values);
        List<String> exits = new ArrayList<>();
        for (int k = 0; k < exitLayers.size(); k++) {
            int layer = exitLayers.get(k);
            int at = own + PER_EXIT * k;
            String f = pooled(graph, exit(k + 1), backbone.layers().get(layer), deep.get(1 + layer));
            String attention = graph.node("Sigmoid", gemm(graph, f, at, values));
            String h = graph.node("Relu", gemm(graph, graph.node("Mul", f, attention), at + 2, values));
            exits.add(gemm(graph, h, at + 4, values));
            exits.add(h);
        }
        exits.add(deep.get(0));
        int last = backbone.layers().size() - 1;
        exits.add(pooled(graph, exit(exits()), backbone.layers().get(last), deep.get(1 + last)));
        List<String> all = new ArrayList<>(List.of(exits.get(2 * (publish == 0 ? exits() : publish) - 2)));
        all.addAll(deep.subList(1, deep.size()));
        all.addAll(exits);
        return all;
    }

    private String gemm(GraphWriter graph, String x, int at, float[] values) {
        String weight = parameters.get(at).export(graph, values);
        return graph.node("Gemm", x, weight, parameters.get(at + 1).export(graph, values));
    }

    private static String pooled(GraphWriter graph, String name, FeatureLayer layer, String output) {
        if (layer.places().isEmpty()) {
            return output;
        }
        long[] sides =
                layer.channelsLast() ? new long[] {0, -1, layer.channels()} : new long[] {0, layer.channels(), -1};
        String rows = graph.node("Reshape", output, graph.constant(name + ".sides", sides, 3));
        String one = graph.constant(name + ".one", new long[] {1}, 1);
        String two = graph.constant(name + ".two", new long[] {2}, 1);
        if (!layer.channelsLast()) {
            return graph.node("ReduceMean", List.of(rows, two), Map.of("keepdims", 0L));
        }
        String size = graph.node("ReduceSum", List.of(graph.node("Abs", rows), two), Map.of("keepdims", 0L));
        String none = graph.constant(name + ".none", new float[] {0}, 1);
        String some = graph.constant(name + ".some", new float[] {1}, 1);
        String used = graph.node("Where", graph.node("Greater", size, none), some, none);
        String count = graph.node("ReduceSum", List.of(used, one), Map.of("keepdims", 1L));
        String sum = graph.node("ReduceSum", List.of(rows, one), Map.of("keepdims", 0L));
        return graph.node("Div", sum, graph.node("Max", count, some));
    }
}
