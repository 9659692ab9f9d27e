package dev.reflux.distillation.network;

import java.util.ArrayList;
import java.util.List;

/**
 * A layer of a network whose output can be seen and taught: the knowledge that feature- and relation-based losses use. One
 * side of its shape are the channels, the others are places: in an image, in a signal, in a text.
 *
 * @param name unique within the network, such as {@code hidden-1}
 * @param shape of one example's output: {@code [width]}, {@code [channels, length]} or {@code [channels, height, width]} of
 *     a feature map, {@code [tokens, width]} of a text
 * @param channelSide index in the shape of the channels: the first of a map, the last of a sequence
 */
public record FeatureLayer(String name, List<Integer> shape, int channelSide) {

    public FeatureLayer {
        shape = List.copyOf(shape);
        for (int side : shape) {
            if (side < 1) {
                throw new IllegalArgumentException("layer '" + name + "': " + shape + " found, sides are at least 1");
            }
        }
        if (channelSide != 0 && channelSide != shape.size() - 1) {
            throw new IllegalArgumentException("layer '" + name + "': channels on side " + channelSide + " of " + shape
                    + " found, they are the first side or the last");
        }
    }

    /** A map, whose channels come first. */
    public FeatureLayer(String name, List<Integer> shape) {
        this(name, shape, 0);
    }

    /** A layer of one dimension: channels without places. */
    public static FeatureLayer flat(String name, int width) {
        return new FeatureLayer(name, List.of(width));
    }

    /** The vectors of a text's tokens, {@code [tokens, width]}; those of padding are zeros throughout. */
    public static FeatureLayer sequence(String name, int tokens, int width) {
        return new FeatureLayer(name, List.of(tokens, width), 1);
    }

    /** Floats of one example's output. */
    public int width() {
        return shape.stream().reduce(1, Math::multiplyExact);
    }

    /** Floats at one place. */
    public int channels() {
        return shape.get(channelSide);
    }

    /** The sides but for the channels; none of a layer of one dimension. */
    public List<Integer> places() {
        List<Integer> sides = new ArrayList<>(shape);
        sides.remove(channelSide);
        return List.copyOf(sides);
    }

    /** Whether the channels of a place lie side by side; else the places of a channel do. */
    public boolean channelsLast() {
        return channelSide > 0;
    }
}
