package dev.reflux.distillation.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.reflux.distillation.export.GraphWriter;
import dev.reflux.distillation.network.CnnSpec.Downsampling;
import dev.reflux.distillation.network.Parameter.Start;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A block of a {@link Cnn}: convolutions that keep or halve the sides, and pooling where they keep them.
 *
 * @param activation after each convolution
 * @param second only in a residual block
 * @param shortcut only in a residual block whose shortcut is no identity
 * @param pool sides of the squares of which the largest output is taken
 * @param maps what comes out, {@code [channels, height, width]}
 */
record ConvolutionBlock(
        Activation activation,
        Convolution first,
        Optional<Convolution> second,
        Optional<Convolution> shortcut,
        Sides pool,
        List<Integer> maps) {

    private static final Sides ONE = new Sides(1, 1);

    /** A height and a width. */
    record Sides(int height, int width) {

        Shape shape() {
            return new Shape(height, width);
        }

        long[] array() {
            return new long[] {height, width};
        }
    }

    /** Zeros around the image keep its sides, but for the stride. */
    record Convolution(Parameter weight, Parameter bias, Sides kernel, Sides stride) {

        private NDArray forward(NDArray x, Iterator<NDArray> values) {
            Shape padding = new Shape(kernel.height() / 2, kernel.width() / 2);
            return x.getNDArrayInternal()
                    .convolution(x, values.next(), values.next(), stride.shape(), padding, ONE.shape(), 1)
                    .singletonOrThrow();
        }

        private String export(GraphWriter graph, String x, float[] values) {
            int down = kernel.height() / 2;
            int right = kernel.width() / 2;
            Map<String, Object> attributes =
                    Map.of("kernel_shape", kernel.array(), "strides", stride.array(), "pads", new long[] {
                        down, right, down, right
                    });
            return graph.node("Conv", List.of(x, weight.export(graph, values), bias.export(graph, values)), attributes);
        }
    }

    /**
     * @param signal whether the height, which is 1, is no side to look along
     * @param input {@code [channels, height, width]}
     */
    static ConvolutionBlock of(
            ParameterPlan plan, String name, CnnSpec spec, boolean signal, List<Integer> input, int outputs) {
        Sides kernel = new Sides(signal ? 1 : spec.kernel(), spec.kernel());
        int height = input.get(1);
        int width = input.get(2);
        Sides halving = new Sides(height > 1 ? 2 : 1, width > 1 ? 2 : 1);
        boolean strides = spec.downsampling() == Downsampling.STRIDE;
        Sides stride = strides ? halving : ONE;
        int inputs = input.get(0);
        Start start = spec.activation().start();
        Convolution first = convolution(plan, name + ".conv1", inputs, outputs, kernel, stride, start);
        Optional<Convolution> second = Optional.empty();
        Optional<Convolution> shortcut = Optional.empty();
        if (spec.residual()) {
            second = Optional.of(convolution(plan, name + ".conv2", outputs, outputs, kernel, ONE, Start.ZERO));
            if (inputs != outputs || !stride.equals(ONE)) {
                shortcut = Optional.of(convolution(plan, name + ".shortcut", inputs, outputs, ONE, stride, start));
            }
        }
        // A convolution rounds up, a pooling rounds down.
        int more = strides ? 1 : 0;
        List<Integer> maps = List.of(
                outputs,
                (height + more * (halving.height() - 1)) / halving.height(),
                (width + more * (halving.width() - 1)) / halving.width());
        return new ConvolutionBlock(spec.activation(), first, second, shortcut, strides ? ONE : halving, maps);
    }

    private static Convolution convolution(
            ParameterPlan plan, String name, int inputs, int outputs, Sides kernel, Sides stride, Start start) {
        Parameter weight = plan.add(name + ".weight", List.of(outputs, inputs, kernel.height(), kernel.width()), start);
        return new Convolution(weight, plan.add(name + ".bias", List.of(outputs), Start.ZERO), kernel, stride);
    }

    /**
     * @param x {@code [batch, channels, height, width]}
     * @param values this block's parameters come next
     */
    NDArray forward(NDArray x, Iterator<NDArray> values) {
        NDArray y = first.forward(x, values);
        if (second.isPresent()) {
            y = second.get().forward(activation.apply(y), values);
            y = y.add(shortcut.isPresent() ? shortcut.get().forward(x, values) : x);
        }
        y = activation.apply(y);
        return pool.equals(ONE)
                ? y
                : y.getNDArrayInternal().maxPool(pool.shape(), pool.shape(), new Shape(0, 0), false);
    }

    String export(GraphWriter graph, String x, float[] values) {
        String y = first.export(graph, x, values);
        if (second.isPresent()) {
            y = second.get().export(graph, activation.export(graph, y), values);
            y = graph.node("Add", y, shortcut.isPresent() ? shortcut.get().export(graph, x, values) : x);
        }
        y = activation.export(graph, y);
        Map<String, Object> square = Map.of("kernel_shape", pool.array(), "strides", pool.array());
        return pool.equals(ONE) ? y : graph.node("MaxPool", List.of(y), square);
    }
}
