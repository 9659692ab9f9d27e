package dev.reflux.checkpoints;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A raw feature as the student takes it: one input of the ONNX graph, named as the feature. Encoding is inside the graph.
 */
public sealed interface InputColumn {

    /** Name of the feature and of the graph's input. */
    String name();

    /**
     * A number: float {@code [batch, 1]}, NaN where missing.
     */
    record Numeric(String name) implements InputColumn {
        public Numeric {
            requireName(name);
        }
    }

    /**
     * One of a closed set. With {@code values} empty: int64 {@code [batch, 1]}, codes {@code 0..size-1}, anything else is
     * unknown or missing. Otherwise: string {@code [batch, 1]}, one of {@code values}, anything else is unknown and the
     * empty string is missing; the code of a value is its place in the list.
     *
     * @param size number of known codes, at least 1; the number of values when there are any
     */
    record Category(String name, int size, List<String> values) implements InputColumn {
        public Category {
            requireName(name);
            values = List.copyOf(values);
            if (size < 1) {
                throw new IllegalArgumentException("category column '" + name + "' has size " + size
                        + "; it needs at least one code: set size to the number of codes");
            }
            if (!values.isEmpty() && values.size() != size) {
                throw new IllegalArgumentException("category column '" + name + "' has size " + size + " but "
                        + values.size() + " values; leave out one of them or make them agree");
            }
            Set<String> seen = new HashSet<>();
            for (String value : values) {
                if (value.isEmpty()) {
                    throw new IllegalArgumentException("category column '" + name
                            + "' lists the empty string, which stands for a missing value; remove it");
                }
                if (!seen.add(value)) {
                    throw new IllegalArgumentException(
                            "category column '" + name + "' lists the value '" + value + "' twice; keep one");
                }
            }
        }

        /** A category of integer codes. */
        public static Category ofCodes(String name, int size) {
            return new Category(name, size, List.of());
        }

        /** A category of strings. */
        public static Category ofValues(String name, List<String> values) {
            return new Category(name, values.size(), values);
        }

        /** True when the graph takes codes, false when it takes strings. */
        public boolean takesCodes() {
            return values.isEmpty();
        }
    }

    /**
     * Free text, string {@code [batch, 1]}, empty where missing. A token is a longest run of letters and digits (Unicode
     * {@code L} and {@code N}); one made of {@code A-Z a-z 0-9} alone is lower-cased, any other stays as it is. Its
     * bucket is {@code MurmurHash3 x86_32 (UTF-8, seed 0), unsigned, modulo buckets}.
     */
    record Text(String name, int buckets) implements InputColumn {
        public Text {
            requireName(name);
            if (buckets < 1) {
                throw new IllegalArgumentException("text column '" + name + "' has " + buckets
                        + " buckets; tokens need at least one: 32768 is a usual number");
            }
        }
    }

    /**
     * An array of numbers: float {@code [batch, ...shape]}; the first value is NaN where the array is missing.
     */
    record Tensor(String name, List<Integer> shape) implements InputColumn {
        public Tensor {
            requireName(name);
            shape = List.copyOf(shape);
            long volume = 1;
            for (int side : shape) {
                if (side < 1) {
                    throw new IllegalArgumentException(
                            "tensor column '" + name + "' has shape " + shape + "; each side must be at least 1");
                }
                volume *= side;
                if (volume > Integer.MAX_VALUE) {
                    throw new IllegalArgumentException("tensor column '" + name + "' has shape " + shape
                            + ", more than " + Integer.MAX_VALUE + " values; use a smaller shape");
                }
            }
            if (shape.isEmpty()) {
                throw new IllegalArgumentException(
                        "tensor column '" + name + "' has an empty shape; use a numeric column for a single number");
            }
        }

        /** Number of values of one example. */
        public int volume() {
            int volume = 1;
            for (int side : shape) {
                volume *= side;
            }
            return volume;
        }
    }

    private static void requireName(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("an input column has the blank name '" + name
                    + "'; the name becomes an input of the ONNX graph: give it one");
        }
    }
}
