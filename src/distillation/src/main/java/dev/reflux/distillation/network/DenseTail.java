package dev.reflux.distillation.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.reflux.distillation.export.GraphWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The end of a network that has turned a part of the row into a vector: the rest of the row beside it, which makes the layer
 * {@value #POOLED}, and a perceptron on both.
 */
final class DenseTail {

    /** Name of the layer that the perceptron reads. */
    static final String POOLED = "pooled";

    private final Columns beside;
    private final Mlp perceptron;
    private final int offset;
    private final List<FeatureLayer> layers = new ArrayList<>();

    /**
     * @param plan receives the parameters
     * @param taken the parts of the row that became the vector
     * @param width of the vector
     * @param firstHidden number of the first hidden layer
     */
    DenseTail(
            ParameterPlan plan,
            InputShape input,
            Collection<? extends InputShape.Part> taken,
            int width,
            MlpSpec perceptron,
            int firstHidden,
            int classes) {
        this.beside = Columns.beside(taken, input);
        this.perceptron = new Mlp(perceptron, width + beside.width(), classes);
        this.offset = plan.addAll(this.perceptron);
        layers.add(FeatureLayer.flat(POOLED, this.perceptron.inputs()));
        for (FeatureLayer hidden : this.perceptron.layers()) {
            layers.add(FeatureLayer.flat(Mlp.HIDDEN + (firstHidden + layers.size() - 1), hidden.width()));
        }
    }

    List<FeatureLayer> layers() {
        return layers;
    }

    /** Widths from what it reads to the classes, such as {@code 32-16-7}. */
    String describe() {
        return perceptron.inputs() + "-"
                + perceptron.blocks().stream()
                        .map(block -> Integer.toString(block.outputs()))
                        .collect(Collectors.joining("-"));
    }

    /**
     * @param vector {@code [batch, width]}
     * @param values the parameters of this part come next, and nothing after them
     * @return logits, then the output of each of {@link #layers()}
     */
    NDList forward(NDArray vector, NDArray rows, Iterator<NDArray> values) {
        NDList own = new NDList();
        values.forEachRemaining(own::add);
        NDArray pooled = beside.append(vector, rows);
        NDList outputs = perceptron.forward(pooled, own);
        outputs.add(1, pooled);
        return outputs;
    }

    /** @param values of the whole network */
    List<String> export(GraphWriter graph, String vector, String rows, float[] values) {
        float[] own = Arrays.copyOfRange(values, offset, offset + perceptron.parameterCount());
        String pooled = beside.append(graph, vector, rows);
        List<String> outputs = new ArrayList<>(perceptron.export(graph, pooled, own));
        outputs.add(1, pooled);
        return outputs;
    }
}
