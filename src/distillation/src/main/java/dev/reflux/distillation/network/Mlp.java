package dev.reflux.distillation.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.reflux.distillation.export.GraphWriter;
import dev.reflux.distillation.network.Parameter.Start;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A multi-layer perceptron. A hidden block computes {@code y = activation(norm(x W + b)) (+ x)}, the head {@code x W +
 * b}. Matrices are {@code [inputs, outputs]}: the weights that leave one input are neighbours in memory, so a product
 * with a sparse input (half of a ReLU layer is zero) can skip whole runs.
 */
public final class Mlp implements Network {

    /** Added to the variance under the root of a layer norm. */
    public static final float NORM_EPSILON = 1e-5f;

    /** Beginning of the names of the hidden layers, which are numbered from 1. */
    public static final String HIDDEN = "hidden-";

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
    public record Block(
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
    private final List<Block> blocks;
    private final List<FeatureLayer> features;
    private final List<Parameter> parameters;
    private final String description;

    Mlp(MlpSpec spec, int inputs, int classes) {
        if (inputs < 1 || classes < 2) {
            throw new IllegalArgumentException("inputs: " + inputs + ", classes: " + classes
                    + " found; a network needs at least one input and two classes");
        }
        this.inputs = inputs;
        this.classes = classes;
        List<Block> built = new ArrayList<>();
        ParameterPlan plan = new ParameterPlan();
        int width = inputs;
        for (int i = 0; i < spec.hidden().size(); i++) {
            String name = "hidden" + (i + 1);
            int outputs = spec.hidden().get(i);
            int weight = plan.add(
                            name + ".weight",
                            List.of(width, outputs),
                            spec.activation().start())
                    .offset();
            int bias = plan.add(name + ".bias", List.of(outputs), Start.ZERO).offset();
            int gain = NONE;
            int shift = NONE;
            if (spec.layerNorm()) {
                gain = plan.add(name + ".norm.gain", List.of(outputs), Start.ONE)
                        .offset();
                shift = plan.add(name + ".norm.shift", List.of(outputs), Start.ZERO)
                        .offset();
            }
            boolean residual = spec.residual() && width == outputs;
            built.add(new Block(width, outputs, weight, bias, gain, shift, Optional.of(spec.activation()), residual));
            width = outputs;
        }
        int weight =
                plan.add("head.weight", List.of(width, classes), Start.GLOROT).offset();
        int bias = plan.add("head.bias", List.of(classes), Start.ZERO).offset();
        built.add(new Block(width, classes, weight, bias, NONE, NONE, Optional.empty(), false));
        this.blocks = List.copyOf(built);
        this.features = IntStream.range(0, blocks.size() - 1)
                .mapToObj(i -> FeatureLayer.flat(HIDDEN + (i + 1), blocks.get(i).outputs()))
                .toList();
        this.parameters = plan.parameters();
        this.description = "mlp " + inputs + "-"
                + blocks.stream()
                        .map(block -> Integer.toString(block.outputs()))
                        .collect(Collectors.joining("-"))
                + " " + spec.activation().name().toLowerCase(Locale.ROOT)
                + (spec.layerNorm() ? " norm" : "")
                + (spec.residual() ? " residual" : "");
    }

    /** The blocks in order, the head last. */
    public List<Block> blocks() {
        return blocks;
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
        return features;
    }

    @Override
    public List<Integer> sources() {
        List<Integer> sources = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            sources.addAll(Collections.nCopies(blocks.get(i).hasNorm() ? 4 : 2, i));
        }
        return sources;
    }

    @Override
    public NDList forward(NDArray input, NDList values) {
        NDList outputs = new NDList(blocks.size());
        NDArray x = input;
        int next = 0;
        for (Block layer : blocks) {
            NDArray y = x.matMul(values.get(next++)).add(values.get(next++));
            if (layer.hasNorm()) {
                NDArray gain = values.get(next++);
                NDArray shift = values.get(next++);
                y = y.getNDArrayInternal()
                        .layerNorm(y, gain.getShape(), gain, shift, NORM_EPSILON)
                        .singletonOrThrow();
            }
            if (layer.activation().isPresent()) {
                y = layer.activation().get().apply(y);
            }
            x = layer.residual() ? y.add(x) : y;
            outputs.add(x);
        }
        outputs.add(0, outputs.remove(blocks.size() - 1));
        return outputs;
    }

    @Override
    public List<String> export(GraphWriter graph, String input, float[] values) {
        List<String> outputs = new ArrayList<>();
        String x = input;
        int next = 0;
        for (Block layer : blocks) {
            String weight = parameters.get(next++).export(graph, values);
            String bias = parameters.get(next++).export(graph, values);
            String y = graph.node("Gemm", x, weight, bias);
            if (layer.hasNorm()) {
                String gain = parameters.get(next++).export(graph, values);
                String shift = parameters.get(next++).export(graph, values);
                Map<String, Object> attributes = Map.of("axis", -1L, "epsilon", NORM_EPSILON);
                y = graph.node("LayerNormalization", List.of(y, gain, shift), attributes);
            }
            if (layer.activation().isPresent()) {
                y = layer.activation().get().export(graph, y);
            }
            x = layer.residual() ? graph.node("Add", y, x) : y;
            outputs.add(x);
        }
        outputs.add(0, outputs.remove(blocks.size() - 1));
        return outputs;
    }
}
