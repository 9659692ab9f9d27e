package dev.reflux.distillation;

import java.util.List;

/**
 * What one example holds, in the order in which {@link Examples} packs it.
 *
 * @param numeric number of numeric columns
 * @param categorySizes known codes of each category column; code {@code -1} stands for missing or unknown
 * @param textBuckets hash buckets of each text column
 * @param tensorShapes shape of each tensor column, without the batch dimension
 */
public record InputLayout(
        int numeric, List<Integer> categorySizes, List<Integer> textBuckets, List<List<Integer>> tensorShapes) {

    public InputLayout {
        if (numeric < 0) {
            throw new IllegalArgumentException("numeric columns: " + numeric + " found, must not be negative");
        }
        categorySizes = List.copyOf(categorySizes);
        textBuckets = List.copyOf(textBuckets);
        tensorShapes = tensorShapes.stream().map(List::copyOf).toList();
        requirePositive("category size", categorySizes);
        requirePositive("text buckets", textBuckets);
        tensorShapes.forEach(shape -> requirePositive("tensor dimension", shape));
        if (numeric == 0 && categorySizes.isEmpty() && textBuckets.isEmpty() && tensorShapes.isEmpty()) {
            throw new IllegalArgumentException("no feature: a network needs at least one to read");
        }
    }

    /** A layout of numeric columns alone. */
    public static InputLayout ofNumeric(int columns) {
        return new InputLayout(columns, List.of(), List.of(), List.of());
    }

    /** Number of floats in the tensor column. */
    public int tensorVolume(int column) {
        return tensorShapes.get(column).stream().reduce(1, Math::multiplyExact);
    }

    /** Number of floats in all tensor columns of one example. */
    public int tensorVolume() {
        int volume = 0;
        for (int column = 0; column < tensorShapes.size(); column++) {
            volume += tensorVolume(column);
        }
        return volume;
    }

    private static void requirePositive(String what, List<Integer> values) {
        for (int value : values) {
            if (value < 1) {
                throw new IllegalArgumentException(what + ": " + value + " found, must be at least 1");
            }
        }
    }
}
