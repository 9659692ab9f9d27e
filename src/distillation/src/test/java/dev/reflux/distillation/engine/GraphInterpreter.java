package dev.reflux.distillation.engine;

import dev.reflux.distillation.export.GraphWriter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Computes a graph while it is written, in double precision: the operators that models export, as ONNX defines them.
 * Constants can be given other values than those that are written, which makes it a function of a network's parameters.
 */
final class GraphInterpreter implements GraphWriter {

    private final Map<String, double[]> given;
    private final Map<String, DoubleArray> values = new HashMap<>();

    GraphInterpreter() {
        this(Map.of());
    }

    /** @param given values of constants, by name, in place of those that are written */
    GraphInterpreter(Map<String, double[]> given) {
        this.given = Map.copyOf(given);
    }

    DoubleArray value(String name) {
        DoubleArray value = values.get(name);
        if (value == null) {
            throw new IllegalStateException("no value named " + name);
        }
        return value;
    }

    String input(String name, double[] data, int... shape) {
        return add(name, new DoubleArray(shape, data));
    }

    private String add(String name, DoubleArray value) {
        String unique = name;
        for (int i = 2; values.putIfAbsent(unique, value) != null; i++) {
            unique = name + "_" + i;
        }
        return unique;
    }

    private static int[] ints(long[] shape) {
        return Arrays.stream(shape).mapToInt(Math::toIntExact).toArray();
    }

    private static int[] ints(DoubleArray array) {
        return Arrays.stream(array.data()).mapToInt(value -> (int) value).toArray();
    }

    @Override
    public String constant(String name, float[] data, long... shape) {
        double[] written =
                IntStream.range(0, data.length).mapToDouble(i -> data[i]).toArray();
        return input(name, given.getOrDefault(name, written), ints(shape));
    }

    @Override
    public String constant(String name, long[] data, long... shape) {
        return input(name, Arrays.stream(data).asDoubleStream().toArray(), ints(shape));
    }

    @Override
    public List<String> node(String type, List<String> inputs, Map<String, Object> attributes, int outputs) {
        DoubleArray[] in = inputs.stream().map(this::value).toArray(DoubleArray[]::new);
        String first = add(type.toLowerCase(Locale.ROOT), compute(type, in, attributes));
        if (outputs > 1 && !type.equals("TopK")) {
            throw new IllegalStateException(type + " has one output, " + outputs + " asked for");
        }
        return IntStream.range(0, outputs)
                .mapToObj(i -> i == 0 ? first : first + " output " + i + " is not computed")
                .toList();
    }

    private static DoubleArray compute(String type, DoubleArray[] in, Map<String, Object> attributes) {
        return switch (type) {
            case "Add" -> in[0].with(in[1], (a, b) -> a + b);
            case "Sub" -> in[0].with(in[1], (a, b) -> a - b);
            case "Mul" -> in[0].with(in[1], (a, b) -> a * b);
            case "Div" -> in[0].with(in[1], (a, b) -> a / b);
            case "Max" -> in[0].with(in[1], Math::max);
            case "GreaterOrEqual" -> in[0].with(in[1], (a, b) -> a >= b ? 1 : 0);
            case "Greater" -> in[0].with(in[1], (a, b) -> a > b ? 1 : 0);
            case "Equal" -> in[0].with(in[1], (a, b) -> a == b ? 1 : 0);
            case "And" -> in[0].with(in[1], (a, b) -> a * b);
            case "Not" -> in[0].map(a -> 1 - a);
            case "IsNaN" -> in[0].map(a -> Double.isNaN(a) ? 1 : 0);
            case "Sqrt" -> in[0].map(Math::sqrt);
            case "Relu" -> in[0].map(a -> Math.max(0, a));
            case "Abs" -> in[0].map(Math::abs);
            case "Sigmoid" -> in[0].map(a -> 1 / (1 + Math.exp(-a)));
            case "Tanh" -> in[0].map(Math::tanh);
            case "Erf" -> in[0].map(ReferenceMlp::erf);
            case "Clip" -> in[0].map(a -> Math.max(in[1].data()[0], Math.min(in[2].data()[0], a)));
            case "Cast", "Identity" -> in[0];
            case "Where" -> in[0].where(in[1], in[2]);
            case "Gemm" -> in[0].matMul(in[1]).with(in[2], (a, b) -> a + b);
            case "MatMul" -> in[0].matMul(in[1]);
            case "Softmax" -> in[0].softmax();
            case "LayerNormalization" -> in[0].layerNorm(in[1], in[2], (Float) attributes.get("epsilon"));
            case "Gather" -> in[0].gather(in[1]);
            case "Shape" ->
                new DoubleArray(
                        new int[] {in[0].rank()},
                        Arrays.stream(in[0].shape()).asDoubleStream().toArray());
            case "Expand" -> in[0].expand(ints(in[1]));
            case "Reshape" -> in[0].reshape(in[1].data());
            case "Unsqueeze" -> in[0].unsqueeze((int) in[1].data()[0]);
            case "Transpose" -> in[0].transpose((long[]) attributes.get("perm"));
            case "ReduceSum" -> sum(in, attributes);
            case "ReduceMean" -> sum(in, attributes).map(sum -> sum / in[0].size((int) in[1].data()[0]));
            case "Slice" -> in[0].slice(axis(in), (int) in[1].data()[0], (int) in[2].data()[0]);
            case "Concat" -> DoubleArray.concat(((Long) attributes.get("axis")).intValue(), in);
            case "TopK" -> in[0].alongRows(row -> descending(row, (int) in[1].data()[0]));
            case "Conv" ->
                in[0].convolve(in[1], in[2], (long[]) attributes.get("strides"), (long[]) attributes.get("pads"));
            case "MaxPool" -> in[0].maxPool((long[]) attributes.get("kernel_shape"));
            case "GlobalAveragePool" -> in[0].reshape(0, 0, -1, 1).sum(2, true).map(sum -> sum / area(in[0]));
            default -> throw new IllegalStateException("operator " + type);
        };
    }

    private static DoubleArray sum(DoubleArray[] in, Map<String, Object> attributes) {
        return in[0].sum((int) in[1].data()[0], (Long) attributes.get("keepdims") == 1);
    }

    private static int axis(DoubleArray[] slice) {
        return slice.length == 4 ? (int) slice[3].data()[0] : 0;
    }

    private static double area(DoubleArray maps) {
        return maps.size(2) * maps.size(3);
    }

    private static double[] descending(double[] row, int count) {
        if (count != row.length) {
            throw new IllegalStateException("the " + count + " largest of " + row.length);
        }
        double[] sorted = Arrays.stream(row).map(value -> -value).sorted().toArray();
        return Arrays.stream(sorted).map(value -> -value).toArray();
    }
}
