package dev.reflux.distillation.network;

import java.util.List;

/**
 * A layer of a network whose output can be seen and taught: the knowledge that feature- and relation-based losses use.
 *
 * @param name unique within the network, such as {@code hidden-1}
 * @param shape of one example's output: {@code [width]}, {@code [tokens, width]} of a text, or {@code [channels, height,
 *     width]} of a feature map
 */
public record FeatureLayer(String name, List<Integer> shape) {

    public FeatureLayer {
        shape = List.copyOf(shape);
        for (int side : shape) {
            if (side < 1) {
                throw new IllegalArgumentException("layer '" + name + "': " + shape + " found, sides are at least 1");
            }
        }
    }

    /** A layer of one dimension. */
    public static FeatureLayer flat(String name, int width) {
        return new FeatureLayer(name, List.of(width));
    }

    /** Floats of one example's output. */
    public int width() {
        return shape.stream().reduce(1, Math::multiplyExact);
    }
}
