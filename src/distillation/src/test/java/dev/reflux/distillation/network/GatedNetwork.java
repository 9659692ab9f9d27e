package dev.reflux.distillation.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.reflux.distillation.export.GraphWriter;
import dev.reflux.distillation.network.Parameter.Start;
import java.util.List;
import java.util.Map;

/**
 * A network of a user's own: {@code (x W) * (x G)}, a linear model whose outputs the input opens and closes. Its second layer
 * has parameters of its own that the logits do not depend on.
 */
public final class GatedNetwork implements Network {

    private static final String NAME = "gated";

    private final int inputs;
    private final int classes;
    private final List<Parameter> parameters;

    private GatedNetwork(int inputs, int classes) {
        this.inputs = inputs;
        this.classes = classes;
        ParameterPlan plan = new ParameterPlan();
        plan.add("weight", List.of(inputs, classes), Start.GLOROT);
        plan.add("gate", List.of(inputs, classes), Start.GLOROT);
        plan.add("aside", List.of(inputs), Start.ONE);
        this.parameters = plan.parameters();
    }

    /** @param classWidth of categories; 0 chooses */
    public record Spec(int classWidth) implements NetworkSpec {
        @Override
        public EncodingSpec encoding() {
            return EncodingSpec.mean(classWidth);
        }

        @Override
        public Network build(InputShape input, int classes) {
            return new GatedNetwork(input.width(), classes);
        }
    }

    /** Found by the service loader; has the option {@code width}. */
    public static final class Provider implements NetworkProvider {
        @Override
        public String name() {
            return NAME;
        }

        @Override
        public NetworkSpec create(Map<String, String> options) {
            return new Spec(Integer.parseInt(options.getOrDefault("width", "0")));
        }
    }

    @Override
    public String describe() {
        return NAME + " " + inputs + "-" + classes;
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
        return List.of(FeatureLayer.flat("sums", classes), FeatureLayer.flat("aside", inputs));
    }

    @Override
    public NDList forward(NDArray input, NDList values) {
        NDArray sums = input.matMul(values.get(0));
        return new NDList(sums.mul(input.matMul(values.get(1))), sums, input.mul(values.get(2)));
    }

    @Override
    public List<String> export(GraphWriter graph, String input, float[] values) {
        String sums = graph.node("MatMul", input, parameters.get(0).export(graph, values));
        String gates = graph.node("MatMul", input, parameters.get(1).export(graph, values));
        String logits = graph.node("Mul", sums, gates);
        return List.of(logits, sums, graph.node("Mul", input, parameters.get(2).export(graph, values)));
    }
}
