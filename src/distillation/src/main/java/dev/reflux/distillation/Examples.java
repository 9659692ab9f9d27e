package dev.reflux.distillation;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * A micro-batch as the networks read it: raw features (not normalised) and labels, row by row in stream order. All
 * buffers are read by absolute index and never written; they may be direct or on the heap.
 *
 * @param layout what the columns are
 * @param size number of examples, at least 1
 * @param numeric {@code [size, layout.numeric]}; NaN is a missing value
 * @param categories {@code [size, categories]}; codes, -1 for missing or unknown
 * @param tokenOffsets {@code [size * texts + 1]}; the tokens of text column {@code j} of example {@code i} are
 *     {@code tokens[tokenOffsets[i * texts + j] .. tokenOffsets[i * texts + j + 1])}
 * @param tokens hash buckets of the tokens
 * @param tensors {@code [size, layout.tensorVolume()]}; a tensor whose first value is NaN is missing
 * @param labels {@code [size]}; the class to learn, -1 where there is no label or it is hidden from learning
 * @param truth {@code [size]}; the class that quality is measured on, -1 where it is unknown
 * @param teacher {@code [size, classes]}; probabilities that an external teacher gives, NaN throughout where it says nothing
 *     about an example; empty where the examples carry none
 */
public record Examples(
        InputLayout layout,
        int size,
        FloatBuffer numeric,
        IntBuffer categories,
        IntBuffer tokenOffsets,
        IntBuffer tokens,
        FloatBuffer tensors,
        IntBuffer labels,
        IntBuffer truth,
        FloatBuffer teacher) {

    /** Stands in {@link #labels} and {@link #truth} for an example without a label. */
    public static final int UNLABELLED = -1;

    public Examples {
        if (size < 1) {
            throw new IllegalArgumentException("size: " + size + " found, a batch holds at least one example");
        }
        require("numeric", numeric.limit(), size * layout.numeric());
        require("categories", categories.limit(), size * layout.categorySizes().size());
        require(
                "tokenOffsets",
                tokenOffsets.limit(),
                size * layout.textBuckets().size() + 1);
        require("tensors", tensors.limit(), size * layout.tensorVolume());
        require("labels", labels.limit(), size);
        require("truth", truth.limit(), size);
        if (teacher.limit() % size != 0) {
            throw new IllegalArgumentException("teacher: " + teacher.limit() + " probabilities found for " + size
                    + " examples, each has the same number or none");
        }
    }

    /** Examples about which no external teacher says anything. */
    public Examples(
            InputLayout layout,
            int size,
            FloatBuffer numeric,
            IntBuffer categories,
            IntBuffer tokenOffsets,
            IntBuffer tokens,
            FloatBuffer tensors,
            IntBuffer labels,
            IntBuffer truth) {
        this(layout, size, numeric, categories, tokenOffsets, tokens, tensors, labels, truth, FloatBuffer.allocate(0));
    }

    /** Examples of numeric columns alone, all labels visible: {@code numeric} is {@code [labels.length, columns]}. */
    public static Examples ofNumeric(float[] numeric, int[] labels) {
        InputLayout layout = InputLayout.ofNumeric(numeric.length / labels.length);
        IntBuffer wrapped = IntBuffer.wrap(labels);
        return new Examples(
                layout,
                labels.length,
                FloatBuffer.wrap(numeric),
                IntBuffer.allocate(0),
                IntBuffer.allocate(1),
                IntBuffer.allocate(0),
                FloatBuffer.allocate(0),
                wrapped,
                wrapped);
    }

    private static void require(String what, int found, int expected) {
        if (found != expected) {
            throw new IllegalArgumentException(
                    what + ": " + found + " values found, the layout and the size ask for " + expected);
        }
    }
}
