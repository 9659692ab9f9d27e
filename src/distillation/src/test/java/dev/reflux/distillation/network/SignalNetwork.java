package dev.reflux.distillation.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.reflux.distillation.export.GraphWriter;
import dev.reflux.distillation.network.Parameter.Start;
import java.util.List;

/**
 * A network of a user's own whose layers have two sides: the row read as a map {@code [2, length]} or as a sequence {@code
 * [length, 2]}, each value times a gain, once and once more; its head is linear.
 */
public final class SignalNetwork implements Network {

    private final Form form;
    private final int length;
    private final int classes;
    private final List<Integer> sides;
    private final List<Parameter> parameters;

    /** What the two sides are. */
    public enum Form {
        MAP,
        SEQUENCE
    }

    private SignalNetwork(Form form, int inputs, int classes) {
        this.form = form;
        this.length = inputs / 2;
        this.sides = form == Form.MAP ? List.of(2, length) : List.of(length, 2);
        this.classes = classes;
        ParameterPlan plan = new ParameterPlan();
        plan.add("first", sides, Start.ONE);
        plan.add("second", sides, Start.ONE);
        plan.add("head", List.of(2 * length, classes), Start.GLOROT);
        this.parameters = plan.parameters();
    }

    /** For rows of an even width. */
    public record Spec(Form form) implements NetworkSpec {
        @Override
        public EncodingSpec encoding() {
            return EncodingSpec.mean(3);
        }

        @Override
        public Network build(InputShape input, int classes) {
            if (input.width() % 2 != 0) {
                throw new IllegalArgumentException("rows of " + input.width() + " values are not two signals");
            }
            return new SignalNetwork(form, input.width(), classes);
        }
    }

    @Override
    public String describe() {
        return "signal " + sides + "-" + classes;
    }

    @Override
    public int inputs() {
        return 2 * length;
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
        return List.of(signal("first"), signal("second"));
    }

    private FeatureLayer signal(String name) {
        return switch (form) {
            case MAP -> new FeatureLayer(name, sides);
            case SEQUENCE -> FeatureLayer.sequence(name, length, 2);
        };
    }

    @Override
    public NDList forward(NDArray input, NDList values) {
        NDArray first = input.reshape(-1, sides.get(0), sides.get(1)).mul(values.get(0));
        NDArray second = first.mul(values.get(1));
        return new NDList(second.reshape(-1, 2L * length).matMul(values.get(2)), first, second);
    }

    @Override
    public List<String> export(GraphWriter graph, String input, float[] values) {
        long[] shape = {0, sides.get(0), sides.get(1)};
        String gain = parameters.get(0).export(graph, values);
        String first = graph.node("Mul", graph.node("Reshape", input, graph.constant("signal.sides", shape, 3)), gain);
        String second = graph.node("Mul", first, parameters.get(1).export(graph, values));
        String row = graph.constant("row.sides", new long[] {0, 2L * length}, 2);
        String weights = parameters.get(2).export(graph, values);
        return List.of(graph.node("MatMul", graph.node("Reshape", second, row), weights), first, second);
    }
}
