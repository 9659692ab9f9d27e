package dev.reflux.distillation.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.export.GraphWriter;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The shape of a network and its forward computation; it holds no parameter values, so one instance can serve many
 * models. Input is a dense row of floats per example, output its logits.
 */
public interface Network {

    /** Stands for the layer before the head. */
    String LAST = "last";

    /** One line that tells this network from others of another shape, such as {@code mlp 54-64-7 relu}. */
    String describe();

    /** Floats per example in. */
    int inputs();

    /** Logits per example out. */
    int classes();

    /** All parameters, in the order of their offsets, without gaps. */
    List<Parameter> parameters();

    /** Values in all parameters. */
    default int parameterCount() {
        Parameter last = parameters().get(parameters().size() - 1);
        return Math.addExact(last.offset(), last.size());
    }

    /** Values in the parameters that an exported graph holds; fewer where parts serve training alone. */
    default int servedParameterCount() {
        return parameterCount();
    }

    /** The layers whose outputs can be seen and taught, from the input to the head. */
    List<FeatureLayer> layers();

    /**
     * For each of {@link #parameters()}, what its layer reads: 0 stands for the network's input, k for the output of the k-th
     * of {@link #layers()}; neighbours that belong to one layer read the same, and no two layers do. Empty where a
     * network is more than a chain of dense layers.
     */
    default List<Integer> sources() {
        return List.of();
    }

    /**
     * A layer by its name; {@code last} is the one before the head, {@code logits} the head itself.
     *
     * @throws IllegalArgumentException for a name that is not one of these
     */
    default FeatureLayer layer(String name) {
        List<FeatureLayer> layers = layers();
        if (name.equals(Outputs.LOGITS) || (name.equals(LAST) && layers.isEmpty())) {
            return FeatureLayer.flat(Outputs.LOGITS, classes());
        }
        return name.equals(LAST)
                ? layers.get(layers.size() - 1)
                : layers.stream()
                        .filter(layer -> layer.name().equals(name))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("layer '" + name + "' found, '" + describe()
                                + "' has "
                                + layers.stream()
                                        .map(FeatureLayer::name)
                                        .collect(Collectors.joining(", ", "", layers.isEmpty() ? "" : ", "))
                                + LAST + " and " + Outputs.LOGITS));
    }

    /**
     * The forward pass as differentiable operations; new arrays go to the manager of {@code input}. A constant factor on
     * the way of a gradient must be an array of that manager, never a plain number: the library frees a number's memory
     * once the product is computed, and the backward pass reads it again.
     *
     * @param input {@code [batch, inputs]}
     * @param parameters one array per entry of {@link #parameters()}, in its shape
     * @return logits {@code [batch, classes]}, then the output of each of {@link #layers()}, {@code [batch, ...shape]}
     */
    NDList forward(NDArray input, NDList parameters);

    /**
     * The same forward pass as operators of a graph.
     *
     * @param input name of the value {@code [batch, inputs]}
     * @param values the flat parameters
     * @return names of the logits {@code [batch, classes]} and of the output of each of {@link #layers()}; what of it
     *     nobody uses is left out of the graph when it is finished
     */
    List<String> export(GraphWriter graph, String input, float[] values);
}
