package dev.reflux.distillation.export;

import java.util.List;
import java.util.Map;

/**
 * Where a network writes itself as a graph of ONNX operators. The names returned stand for the values in later calls; they
 * differ from those asked for where these are taken.
 */
public interface GraphWriter {

    /** A constant of floats. */
    String constant(String name, float[] values, long... shape);

    /** A constant of 64-bit integers; an empty shape makes a scalar. */
    String constant(String name, long[] values, long... shape);

    /**
     * One operator of the default ONNX domain with a single output.
     *
     * @param type operator name, such as {@code Gemm}
     * @param attributes values are {@code Long}, {@code Float}, {@code String}, {@code long[]} or {@code float[]}
     */
    default String node(String type, List<String> inputs, Map<String, Object> attributes) {
        return node(type, inputs, attributes, 1).get(0);
    }

    /**
     * One operator of the default ONNX domain with several outputs.
     *
     * @return the names of its first {@code outputs} outputs
     */
    List<String> node(String type, List<String> inputs, Map<String, Object> attributes, int outputs);

    /** {@link #node(String, List, Map)} without attributes. */
    default String node(String type, String... inputs) {
        return node(type, List.of(inputs), Map.of());
    }
}
