package dev.reflux.distillation.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.reflux.distillation.export.GraphWriter;
import dev.reflux.distillation.network.Parameter.Start;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A multi-layer perceptron. A hidden block computes {@code y = activation(norm(x W + b)) (+ x)}, the head {@code x W +
 * b}. Matrices are {@code [inputs, outputs]}: the weights that leave one input are neighbours in memory, so a product
 * with a sparse input (half of a ReLU layer is zero) can skip whole runs.
 */
public final class Mlp implements Network {

    /** Added to the variance under the root of a layer norm. */
    public static final float NORM_EPSILON = 1e-5f;

    /** Stands for the offset of a parameter that a layer does not have. */
    public static final int NONE = -1;

    /**
     * One linear layer and what follows it; the numbers are offsets in the flat parameters.
     *
     * @param weight {@code [inputs, outputs]}
     * @param bias {@code [outputs]}
     * @param gain {@code [outputs]} of the layer norm, {@link #NONE} without one
     * @param shift {@code [outputs]} of the layer norm, {@link #NONE} without one
     * @param activation empty for the head
     * @param residual whether the block's input is added to its output
     */
    public record Layer(
            int inputs,
            int outputs,
            int weight,
            int bias,
            int gain,
            int shift,
            Optional<Activation> activation,
            boolean residual) {

        public boolean hasNorm() {
            return gain != NONE;
        }
    }

    private final int inputs;
    private final int classes;
    private final List<Layer> layers;
    private final List<Parameter> parameters;
    private final String description;

    Mlp(MlpSpec spec, int inputs, int classes) {
        this.inputs = inputs;
        this.classes = classes;
        List<Layer> built = new ArrayList<>();
        List<Parameter> all = new ArrayList<>();
        Start hiddenStart = spec.activation() == Activation.TANH ? Start.GLOROT : Start.HE;
        int width = inputs;
        for (int i = 0; i < spec.hidden().size(); i++) {
            String name = "hidden" + (i + 1);
            int outputs = spec.hidden().get(i);
            int weight = add(all, name + ".weight", List.of(width, outputs), hiddenStart);
            int bias = add(all, name + ".bias", List.of(outputs), Start.ZERO);
            int gain = spec.layerNorm() ? add(all, name + ".norm.gain", List.of(outputs), Start.ONE) : NONE;
            int shift = spec.layerNorm() ? add(all, name + ".norm.shift", List.of(outputs), Start.ZERO) : NONE;
            boolean residual = spec.residual() && width == outputs;
            built.add(new Layer(width, outputs, weight, bias, gain, shift, Optional.of(spec.activation()), residual));
            width = outputs;
        }
        int weight = add(all, "head.weight", List.of(width, classes), Start.GLOROT);
        int bias = add(all, "head.bias", List.of(classes), Start.ZERO);
        built.add(new Layer(width, classes, weight, bias, NONE, NONE, Optional.empty(), false));
        this.layers = List.copyOf(built);
        this.parameters = List.copyOf(all);
        this.description = "mlp " + inputs + "-"
                + layers.stream()
                        .map(layer -> Integer.toString(layer.outputs()))
                        .collect(Collectors.joining("-"))
                + " " + spec.activation().name().toLowerCase(Locale.ROOT)
                + (spec.layerNorm() ? " norm" : "")
                + (spec.residual() ? " residual" : "");
    }

    private static int add(List<Parameter> all, String name, List<Integer> shape, Start start) {
        int offset = 0;
        if (!all.isEmpty()) {
            Parameter last = all.get(all.size() - 1);
            offset = Math.addExact(last.offset(), last.size());
        }
        all.add(new Parameter(name, shape, offset, start));
        return offset;
    }

    /** The blocks in order, the head last. */
    public List<Layer> layers() {
        return layers;
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
    public NDArray forward(NDArray input, NDList values) {
        NDArray x = input;
        int next = 0;
        for (Layer layer : layers) {
            NDArray y = x.matMul(values.get(next++)).add(values.get(next++));
            if (layer.hasNorm()) {
                NDArray gain = values.get(next++);
                NDArray shift = values.get(next++);
                y = y.getNDArrayInternal()
                        .layerNorm(y, gain.getShape(), gain, shift, NORM_EPSILON)
                        .singletonOrThrow();
            }
            if (layer.activation().isPresent()) {
                y = switch (layer.activation().get()) {
                    case RELU -> y.getNDArrayInternal().relu();
                    case TANH -> y.tanh();
                    case GELU -> y.getNDArrayInternal().gelu();
                };
            }
            x = layer.residual() ? y.add(x) : y;
        }
        return x;
    }

    @Override
    public String export(GraphWriter graph, String input, float[] values) {
        String x = input;
        int next = 0;
        for (Layer layer : layers) {
            String weight = constant(graph, parameters.get(next++), values);
            String bias = constant(graph, parameters.get(next++), values);
            String y = graph.node("Gemm", x, weight, bias);
            if (layer.hasNorm()) {
                String gain = constant(graph, parameters.get(next++), values);
                String shift = constant(graph, parameters.get(next++), values);
                Map<String, Object> attributes = Map.of("axis", -1L, "epsilon", NORM_EPSILON);
                y = graph.node("LayerNormalization", List.of(y, gain, shift), attributes);
            }
            if (layer.activation().isPresent()) {
                y = switch (layer.activation().get()) {
                    case RELU -> graph.node("Relu", y);
                    case TANH -> graph.node("Tanh", y);
                    case GELU -> gelu(graph, y, "gelu" + next);
                };
            }
            x = layer.residual() ? graph.node("Add", y, x) : y;
        }
        return x;
    }

    private static String gelu(GraphWriter graph, String x, String name) {
        String root = graph.constant(name + ".root", new float[] {(float) Math.sqrt(0.5)}, 1);
        String half = graph.constant(name + ".half", new float[] {0.5f}, 1);
        String one = graph.constant(name + ".one", new float[] {1}, 1);
        String twicePhi = graph.node("Add", graph.node("Erf", graph.node("Mul", x, root)), one);
        return graph.node("Mul", graph.node("Mul", x, half), twicePhi);
    }

    private static String constant(GraphWriter graph, Parameter parameter, float[] values) {
        float[] part = Arrays.copyOfRange(values, parameter.offset(), parameter.offset() + parameter.size());
        long[] shape = parameter.shape().stream().mapToLong(Integer::longValue).toArray();
        return graph.constant(parameter.name(), part, shape);
    }
}
