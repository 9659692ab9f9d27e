package dev.reflux.distillation.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.reflux.distillation.export.GraphWriter;
import java.util.List;

/**
 * The shape of a network and its forward computation; it holds no parameter values, so one instance can serve many
 * models. Input is a dense row of floats per example, output its logits.
 */
public interface Network {

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
        return last.offset() + last.size();
    }

    /**
     * The forward pass as differentiable operations; new arrays go to the manager of {@code input}.
     *
     * @param input {@code [batch, inputs]}
     * @param parameters one array per entry of {@link #parameters()}; vectors have one dimension
     * @return logits {@code [batch, classes]}
     */
    NDArray forward(NDArray input, NDList parameters);

    /**
     * The same forward pass as operators of a graph.
     *
     * @param input name of the value {@code [batch, inputs]}
     * @param values the flat parameters
     * @return name of the logits {@code [batch, classes]}
     */
    String export(GraphWriter graph, String input, float[] values);

    /** The network that {@code spec} describes. */
    static Network of(NetworkSpec spec, int inputs, int classes) {
        if (inputs < 1 || classes < 2) {
            throw new IllegalArgumentException("inputs: " + inputs + ", classes: " + classes
                    + " found; a network needs at least one input and two classes");
        }
        if (spec instanceof MlpSpec mlp) {
            return new Mlp(mlp, inputs, classes);
        }
        throw new IllegalArgumentException("network: no builder for " + spec);
    }
}
