package dev.reflux.distillation.engine;

import dev.reflux.distillation.export.GraphWriter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Computes a graph while it is written, in double precision: the operators that models export, as ONNX defines them. */
final class GraphInterpreter implements GraphWriter {

    /** A dense array of any type; integers and truth values are doubles too. */
    record Value(int[] shape, double[] data) {
        int size(int axis) {
            return shape[axis];
        }
    }

    private interface Combine {
        double of(double a, double b);
    }

    private interface Change {
        double of(double a);
    }

    private final Map<String, Value> values = new HashMap<>();

    Value value(String name) {
        Value value = values.get(name);
        if (value == null) {
            throw new IllegalStateException("no value named " + name);
        }
        return value;
    }

    String input(String name, double[] data, int... shape) {
        if (Arrays.stream(shape).reduce(1, (a, b) -> a * b) != data.length) {
            throw new IllegalStateException(name + ": " + data.length + " values of shape " + Arrays.toString(shape));
        }
        if (values.put(name, new Value(shape, data)) != null) {
            throw new IllegalStateException("two values named " + name);
        }
        return name;
    }

    private static int[] ints(long[] shape) {
        return Arrays.stream(shape).mapToInt(Math::toIntExact).toArray();
    }

    @Override
    public String constant(String name, float[] data, long... shape) {
        double[] copy = new double[data.length];
        Arrays.setAll(copy, i -> data[i]);
        return input(name, copy, ints(shape));
    }

    @Override
    public String constant(String name, long[] data, long... shape) {
        return input(name, Arrays.stream(data).asDoubleStream().toArray(), ints(shape));
    }

    @Override
    public String node(String type, List<String> inputs, Map<String, Object> attributes) {
        Value[] in = inputs.stream().map(this::value).toArray(Value[]::new);
        Value out =
                switch (type) {
                    case "Add" -> combine(in[0], in[1], (a, b) -> a + b);
                    case "Sub" -> combine(in[0], in[1], (a, b) -> a - b);
                    case "Mul" -> combine(in[0], in[1], (a, b) -> a * b);
                    case "Div" -> combine(in[0], in[1], (a, b) -> a / b);
                    case "Max" -> combine(in[0], in[1], Math::max);
                    case "GreaterOrEqual" -> combine(in[0], in[1], (a, b) -> a >= b ? 1 : 0);
                    case "IsNaN" -> change(in[0], a -> Double.isNaN(a) ? 1 : 0);
                    case "Relu" -> change(in[0], a -> Math.max(0, a));
                    case "Tanh" -> change(in[0], Math::tanh);
                    case "Erf" -> change(in[0], ReferenceMlp::erf);
                    case "Clip" -> change(in[0], a -> Math.max(in[1].data()[0], Math.min(in[2].data()[0], a)));
                    case "Cast" -> change(in[0], a -> a);
                    case "Where" -> where(in[0], in[1], in[2]);
                    case "Gemm" -> gemm(in[0], in[1], in[2]);
                    case "LayerNormalization" -> layerNorm(in[0], in[1], in[2], (Float) attributes.get("epsilon"));
                    case "Gather" -> gather(in[0], in[1]);
                    case "Unsqueeze" ->
                        new Value(Arrays.copyOf(new int[] {in[0].size(0), in[0].size(1), 1}, 3), in[0].data());
                    case "ReduceSum" -> sumOfAxisOne(in[0], (Long) attributes.get("keepdims"));
                    case "Slice" -> firstColumn(in[0]);
                    case "Concat" -> concat(in);
                    default -> throw new IllegalStateException("operator " + type);
                };
        String name = type + values.size();
        values.put(name, out);
        return name;
    }

    private static Value change(Value in, Change change) {
        return new Value(in.shape(), Arrays.stream(in.data()).map(change::of).toArray());
    }

    private static Value combine(Value a, Value b, Combine combine) {
        int rank = Math.max(a.shape().length, b.shape().length);
        int[] shape = new int[rank];
        for (int axis = 0; axis < rank; axis++) {
            int sizeA = extent(a, axis - rank + a.shape().length);
            int sizeB = extent(b, axis - rank + b.shape().length);
            if (sizeA != sizeB && sizeA != 1 && sizeB != 1) {
                throw new IllegalStateException(Arrays.toString(a.shape()) + " and " + Arrays.toString(b.shape()));
            }
            shape[axis] = Math.max(sizeA, sizeB);
        }
        double[] data = new double[Arrays.stream(shape).reduce(1, (x, y) -> x * y)];
        for (int i = 0; i < data.length; i++) {
            data[i] = combine.of(a.data()[index(a, shape, i)], b.data()[index(b, shape, i)]);
        }
        return new Value(shape, data);
    }

    private static int extent(Value value, int axis) {
        return axis < 0 ? 1 : value.size(axis);
    }

    /** Where the element at flat index {@code i} of the broadcast shape comes from. */
    private static int index(Value value, int[] shape, int i) {
        int rest = i;
        int index = 0;
        int stride = 1;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            int at = rest % shape[axis];
            rest /= shape[axis];
            int own = axis - shape.length + value.shape().length;
            if (own >= 0) {
                index += value.size(own) == 1 ? 0 : at * stride;
                stride *= value.size(own);
            }
        }
        return index;
    }

    private static Value where(Value condition, Value yes, Value no) {
        Value shaped = combine(combine(condition, yes, (a, b) -> 0), no, (a, b) -> 0);
        double[] data = new double[shaped.data().length];
        for (int i = 0; i < data.length; i++) {
            boolean chosen = condition.data()[index(condition, shaped.shape(), i)] != 0;
            data[i] = chosen ? yes.data()[index(yes, shaped.shape(), i)] : no.data()[index(no, shaped.shape(), i)];
        }
        return new Value(shaped.shape(), data);
    }

    private static Value gemm(Value x, Value w, Value b) {
        int rows = x.size(0);
        int columns = w.size(1);
        double[] data = new double[rows * columns];
        for (int i = 0; i < data.length; i++) {
            data[i] = b.data()[i % columns];
            for (int k = 0; k < x.size(1); k++) {
                data[i] += x.data()[i / columns * x.size(1) + k] * w.data()[k * columns + i % columns];
            }
        }
        return new Value(new int[] {rows, columns}, data);
    }

    private static Value layerNorm(Value x, Value gain, Value shift, float epsilon) {
        int width = x.size(1);
        double[] data = x.data().clone();
        for (int at = 0; at < data.length; at += width) {
            double mean = Arrays.stream(data, at, at + width).average().orElseThrow();
            double variance = Arrays.stream(data, at, at + width)
                    .map(value -> (value - mean) * (value - mean))
                    .average()
                    .orElseThrow();
            for (int i = 0; i < width; i++) {
                data[at + i] = (data[at + i] - mean) / Math.sqrt(variance + epsilon) * gain.data()[i] + shift.data()[i];
            }
        }
        return new Value(x.shape(), data);
    }

    private static Value gather(Value table, Value codes) {
        int width = table.size(1);
        int[] shape = Arrays.copyOf(codes.shape(), codes.shape().length + 1);
        shape[shape.length - 1] = width;
        double[] data = new double[codes.data().length * width];
        for (int i = 0; i < codes.data().length; i++) {
            System.arraycopy(table.data(), (int) codes.data()[i] * width, data, i * width, width);
        }
        return new Value(shape, data);
    }

    private static Value sumOfAxisOne(Value x, long keep) {
        int inner = x.shape().length == 3 ? x.size(2) : 1;
        double[] data = new double[x.size(0) * inner];
        for (int i = 0; i < x.data().length; i++) {
            data[i / (x.size(1) * inner) * inner + i % inner] += x.data()[i];
        }
        return new Value(keep == 1 ? new int[] {x.size(0), 1} : new int[] {x.size(0), inner}, data);
    }

    private static Value firstColumn(Value x) {
        double[] data = new double[x.size(0)];
        Arrays.setAll(data, row -> x.data()[row * x.size(1)]);
        return new Value(new int[] {x.size(0), 1}, data);
    }

    private static Value concat(Value[] parts) {
        int rows = parts[0].size(0);
        int width = Arrays.stream(parts).mapToInt(part -> part.size(1)).sum();
        double[] data = new double[rows * width];
        int at = 0;
        for (Value part : parts) {
            for (int row = 0; row < rows; row++) {
                System.arraycopy(part.data(), row * part.size(1), data, row * width + at, part.size(1));
            }
            at += part.size(1);
        }
        return new Value(new int[] {rows, width}, data);
    }
}
