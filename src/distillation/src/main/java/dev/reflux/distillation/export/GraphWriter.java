package dev.reflux.distillation.export;

import java.util.List;
import java.util.Map;

/**
 * Where a network writes itself as a graph of ONNX operators. The names returned stand for the values in later calls.
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
    String node(String type, List<String> inputs, Map<String, Object> attributes);

    /** {@link #node(String, List, Map)} without attributes. */
    default String node(String type, String... inputs) {
        return node(type, List.of(inputs), Map.of());
    }
}
