package dev.reflux.events;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A block of numbers such as an image: a JSON array, flat in row-major order or nested; null is missing.
 *
 * @param shape dimensions of one event's tensor, without the batch, such as {@code [1, 28, 28]}
 * @param columns the CSV columns that hold it, flat; null when it does not come from a CSV
 */
public record TensorFeature(
        String name,
        String path,
        List<Integer> shape,
        @Nullable ColumnRange columns,
        Presence presence) implements Feature {

    private static final int MAX_VOLUME = 1 << 24;

    public TensorFeature {
        Checks.requireNameAndPath(name, path);
        shape = List.copyOf(shape);
        if (shape.isEmpty()) {
            throw new IllegalArgumentException("tensor '" + name
                    + "': shape [] found, needs at least one dimension; use a numeric for one number");
        }
        int volume = volumeOf(name, shape);
        if (columns != null && columns.count() != volume) {
            throw new IllegalArgumentException("tensor '" + name + "': columns " + columns + " are " + columns.count()
                    + ", but shape " + shape + " holds " + volume + " numbers");
        }
    }

    /** A required tensor in the top-level field of its name, without CSV columns. */
    public static TensorFeature of(String name, List<Integer> shape) {
        return new TensorFeature(name, Feature.defaultPath(name), shape, null, Presence.REQUIRED);
    }

    /** How many numbers one event's tensor holds. */
    public int volume() {
        return volumeOf(name, shape);
    }

    private static int volumeOf(String name, List<Integer> shape) {
        long volume = 1;
        for (int dimension : shape) {
            if (dimension < 1) {
                throw new IllegalArgumentException(
                        "tensor '" + name + "': shape " + shape + " found, each dimension must be at least 1");
            }
            volume *= dimension;
            if (volume > MAX_VOLUME) {
                throw new IllegalArgumentException("tensor '" + name + "': shape " + shape + " holds more than "
                        + MAX_VOLUME + " numbers per event, which no micro-batch can carry");
            }
        }
        return (int) volume;
    }
}
