package dev.reflux.distillation.network;

import dev.reflux.distillation.export.GraphWriter;
import java.util.Arrays;
import java.util.List;

/**
 * One learnable array of a network. All of a network's parameters lie one behind the other, row-major, in one flat
 * array; this says where and how they start.
 *
 * @param name unique within the network, as it appears in an exported graph
 * @param shape a matrix is {@code [inputs, outputs]}, a vector {@code [outputs]}, a convolution's kernel {@code
 *     [outputs, inputs, ...kernel]}
 * @param offset of its first value in the flat array
 * @param start how its values are drawn
 */
public record Parameter(String name, List<Integer> shape, int offset, Start start) {

    /** How a parameter is drawn at first. */
    public enum Start {
        ZERO,
        ONE,
        /** Uniform with variance {@code 2 / inputs}: keeps the scale through rectified layers (He et al. 2015). */
        HE,
        /** Uniform with variance {@code 2 / (inputs + outputs)} (Glorot and Bengio 2010). */
        GLOROT
    }

    public Parameter {
        shape = List.copyOf(shape);
    }

    /** Writes its values as a constant of a graph and returns the constant's name. */
    public String export(GraphWriter graph, float[] values) {
        long[] sides = shape.stream().mapToLong(Integer::longValue).toArray();
        return graph.constant(name, Arrays.copyOfRange(values, offset, offset + size()), sides);
    }

    /** Values that one output sums over. */
    public int fanIn() {
        return shape.size() == 2 ? shape.get(0) : size() / shape.get(0);
    }

    /** Values that one input goes into. */
    public int fanOut() {
        return shape.size() < 2 ? size() : size() / (shape.size() == 2 ? shape.get(0) : shape.get(1));
    }

    /** Number of values. */
    public int size() {
        return shape.stream().reduce(1, Math::multiplyExact);
    }
}
