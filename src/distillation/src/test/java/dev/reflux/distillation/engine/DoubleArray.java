package dev.reflux.distillation.engine;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/** A dense array in double precision, row-major, with the operations of ONNX; integers and truth values are doubles too. */
record DoubleArray(int[] shape, double[] data) {

    DoubleArray {
        if (volume(shape) != data.length) {
            throw new IllegalStateException(data.length + " values of shape " + Arrays.toString(shape));
        }
    }

    static int volume(int... shape) {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    int rank() {
        return shape.length;
    }

    /** Negative axes count from the last. */
    int size(int axis) {
        return shape[axis < 0 ? axis + rank() : axis];
    }

    /** Values of all axes before one, and of all behind it. */
    private int outer(int axis) {
        return volume(Arrays.copyOf(shape, axis));
    }

    private int inner(int axis) {
        return volume(Arrays.copyOfRange(shape, axis + 1, rank()));
    }

    private int[] withSize(int axis, int size) {
        int[] changed = shape.clone();
        changed[axis] = size;
        return changed;
    }

    DoubleArray map(DoubleUnaryOperator change) {
        return new DoubleArray(shape, Arrays.stream(data).map(change).toArray());
    }

    /** Element by element, broadcast as in ONNX. */
    DoubleArray with(DoubleArray other, DoubleBinaryOperator combine) {
        int[] common = broadcast(shape, other.shape);
        double[] result = new double[volume(common)];
        int[] own = sources(common);
        int[] others = other.sources(common);
        for (int i = 0; i < result.length; i++) {
            result[i] = combine.applyAsDouble(data[own[i]], other.data[others[i]]);
        }
        return new DoubleArray(common, result);
    }

    private static int[] broadcast(int[] a, int[] b) {
        int rank = Math.max(a.length, b.length);
        int[] common = new int[rank];
        for (int axis = 0; axis < rank; axis++) {
            int fromA = axis - rank + a.length;
            int fromB = axis - rank + b.length;
            int sizeA = fromA < 0 ? 1 : a[fromA];
            int sizeB = fromB < 0 ? 1 : b[fromB];
            if (sizeA != sizeB && sizeA != 1 && sizeB != 1) {
                throw new IllegalStateException(Arrays.toString(a) + " and " + Arrays.toString(b));
            }
            common[axis] = sizeA == 1 ? sizeB : sizeA;
        }
        return common;
    }

    /** Where each element of a broadcast shape comes from. */
    private int[] sources(int[] common) {
        int[] from = new int[volume(common)];
        for (int i = 0; i < from.length; i++) {
            int rest = i;
            int stride = 1;
            for (int axis = common.length - 1; axis >= 0; axis--) {
                int at = rest % common[axis];
                rest /= common[axis];
                int own = axis - common.length + rank();
                if (own >= 0) {
                    from[i] += shape[own] == 1 ? 0 : at * stride;
                    stride *= shape[own];
                }
            }
        }
        return from;
    }

    DoubleArray expand(int... asked) {
        return with(new DoubleArray(asked, new double[volume(asked)]), (value, none) -> value);
    }

    DoubleArray where(DoubleArray yes, DoubleArray no) {
        int[] common = broadcast(shape, broadcast(yes.shape, no.shape));
        DoubleArray chosen = expand(common);
        DoubleArray one = yes.expand(common);
        DoubleArray other = no.expand(common);
        double[] result = new double[chosen.data.length];
        Arrays.setAll(result, i -> chosen.data[i] != 0 ? one.data[i] : other.data[i]);
        return new DoubleArray(common, result);
    }

    /** 0 keeps a size, -1 takes what is left. */
    DoubleArray reshape(double... asked) {
        int[] sizes = new int[asked.length];
        int known = 1;
        for (int axis = 0; axis < sizes.length; axis++) {
            sizes[axis] = asked[axis] == 0 ? shape[axis] : (int) asked[axis];
            known *= sizes[axis] < 0 ? 1 : sizes[axis];
        }
        for (int axis = 0; axis < sizes.length; axis++) {
            sizes[axis] = sizes[axis] < 0 ? data.length / known : sizes[axis];
        }
        return new DoubleArray(sizes, data);
    }

    DoubleArray unsqueeze(int axis) {
        int[] longer = new int[rank() + 1];
        for (int i = 0; i < longer.length; i++) {
            longer[i] = i == axis ? 1 : shape[i < axis ? i : i - 1];
        }
        return new DoubleArray(longer, data);
    }

    DoubleArray transpose(long... axes) {
        int[] sizes = Arrays.stream(axes).mapToInt(axis -> shape[(int) axis]).toArray();
        int[] strides = Arrays.stream(axes).mapToInt(axis -> inner((int) axis)).toArray();
        double[] result = new double[data.length];
        for (int i = 0; i < result.length; i++) {
            int rest = i;
            int from = 0;
            for (int axis = sizes.length - 1; axis >= 0; axis--) {
                from += rest % sizes[axis] * strides[axis];
                rest /= sizes[axis];
            }
            result[i] = data[from];
        }
        return new DoubleArray(sizes, result);
    }

    /** Elements {@code from} to {@code to} of an axis, counted from its end where negative, and cut to what there is. */
    DoubleArray slice(int axis, int from, int to) {
        int size = shape[axis];
        int end = Math.min(to < 0 ? size + to : to, size);
        int count = Math.max(0, end - from);
        int inner = inner(axis);
        double[] result = new double[outer(axis) * count * inner];
        for (int o = 0; o < outer(axis); o++) {
            System.arraycopy(data, (o * size + from) * inner, result, o * count * inner, count * inner);
        }
        return new DoubleArray(withSize(axis, count), result);
    }

    static DoubleArray concat(int axis, DoubleArray... parts) {
        int size = Arrays.stream(parts).mapToInt(part -> part.size(axis)).sum();
        int[] shape = parts[0].withSize(axis, size);
        double[] result = new double[volume(shape)];
        int inner = parts[0].inner(axis);
        int at = 0;
        for (DoubleArray part : parts) {
            int run = part.size(axis) * inner;
            for (int o = 0; o < part.outer(axis); o++) {
                System.arraycopy(part.data, o * run, result, o * size * inner + at, run);
            }
            at += run;
        }
        return new DoubleArray(shape, result);
    }

    /** Rows of this by their number. */
    DoubleArray gather(DoubleArray codes) {
        int width = inner(0);
        int[] sizes = Arrays.copyOf(codes.shape, codes.rank() + rank() - 1);
        System.arraycopy(shape, 1, sizes, codes.rank(), rank() - 1);
        double[] result = new double[codes.data.length * width];
        for (int i = 0; i < codes.data.length; i++) {
            System.arraycopy(data, (int) codes.data[i] * width, result, i * width, width);
        }
        return new DoubleArray(sizes, result);
    }

    DoubleArray sum(int axis, boolean keep) {
        int size = shape[axis];
        int inner = inner(axis);
        double[] result = new double[outer(axis) * inner];
        for (int i = 0; i < data.length; i++) {
            result[i / (size * inner) * inner + i % inner] += data[i];
        }
        int[] kept = withSize(axis, 1);
        int[] gone = new int[rank() - 1];
        for (int i = 0; i < gone.length; i++) {
            gone[i] = shape[i < axis ? i : i + 1];
        }
        return new DoubleArray(keep ? kept : gone, result);
    }

    /** Runs of the last axis, each for itself. */
    DoubleArray alongRows(UnaryOperator<double[]> change) {
        int width = size(-1);
        double[] result = data.clone();
        for (int at = 0; at < data.length; at += width) {
            double[] row = change.apply(Arrays.copyOfRange(data, at, at + width));
            System.arraycopy(row, 0, result, at, width);
        }
        return new DoubleArray(shape, result);
    }

    DoubleArray softmax() {
        return alongRows(row -> {
            double top = Arrays.stream(row).max().orElseThrow();
            double sum = Arrays.stream(row).map(value -> Math.exp(value - top)).sum();
            return Arrays.stream(row).map(value -> Math.exp(value - top) / sum).toArray();
        });
    }

    DoubleArray layerNorm(DoubleArray gain, DoubleArray shift, double epsilon) {
        return alongRows(row -> {
            double mean = Arrays.stream(row).average().orElseThrow();
            double variance = Arrays.stream(row)
                    .map(value -> (value - mean) * (value - mean))
                    .average()
                    .orElseThrow();
            double[] result = new double[row.length];
            Arrays.setAll(result, i -> (row[i] - mean) / Math.sqrt(variance + epsilon) * gain.data[i] + shift.data[i]);
            return result;
        });
    }

    /** The last two axes are matrices; the axes before them agree, or the other has none. */
    DoubleArray matMul(DoubleArray other) {
        int rows = size(-2);
        int inner = size(-1);
        int columns = other.size(-1);
        if (other.size(-2) != inner) {
            throw new IllegalStateException(Arrays.toString(shape) + " times " + Arrays.toString(other.shape));
        }
        int matrices = data.length / (rows * inner);
        int step = other.rank() == 2 ? 0 : inner * columns;
        double[] result = new double[matrices * rows * columns];
        for (int i = 0; i < result.length; i++) {
            int matrix = i / (rows * columns);
            int row = i / columns;
            for (int k = 0; k < inner; k++) {
                result[i] += data[row * inner + k] * other.data[matrix * step + k * columns + i % columns];
            }
        }
        return new DoubleArray(withSize(rank() - 1, columns), result);
    }

    /** {@code [batch, channels, height, width]} with kernels {@code [maps, channels, height, width]}. */
    DoubleArray convolve(DoubleArray kernels, DoubleArray bias, long[] strides, long[] pads) {
        int height = (int) ((shape[2] + pads[0] + pads[2] - kernels.shape[2]) / strides[0] + 1);
        int width = (int) ((shape[3] + pads[1] + pads[3] - kernels.shape[3]) / strides[1] + 1);
        int[] sizes = {shape[0], kernels.shape[0], height, width};
        double[] result = new double[volume(sizes)];
        for (int i = 0; i < result.length; i++) {
            int map = i / (height * width) % sizes[1];
            int batch = i / (height * width * sizes[1]);
            int top = (int) (i / width % height * strides[0] - pads[0]);
            int left = (int) (i % width * strides[1] - pads[1]);
            result[i] = bias.data[map];
            for (int k = 0; k < kernels.inner(0); k++) {
                int channel = k / (kernels.shape[2] * kernels.shape[3]);
                int y = top + k / kernels.shape[3] % kernels.shape[2];
                int x = left + k % kernels.shape[3];
                if (y >= 0 && y < shape[2] && x >= 0 && x < shape[3]) {
                    double value = data[((batch * shape[1] + channel) * shape[2] + y) * shape[3] + x];
                    result[i] += value * kernels.data[map * kernels.inner(0) + k];
                }
            }
        }
        return new DoubleArray(sizes, result);
    }

    /** Largest of squares that lie side by side; what is left over at the end of a side is dropped. */
    DoubleArray maxPool(long[] square) {
        int height = (int) (shape[2] / square[0]);
        int width = (int) (shape[3] / square[1]);
        int[] sizes = {shape[0], shape[1], height, width};
        double[] result = new double[volume(sizes)];
        Arrays.fill(result, Double.NEGATIVE_INFINITY);
        for (int i = 0; i < data.length; i++) {
            int y = (int) (i / shape[3] % shape[2] / square[0]);
            int x = (int) (i % shape[3] / square[1]);
            if (y < height && x < width) {
                int to = (i / (shape[2] * shape[3]) * height + y) * width + x;
                result[to] = Math.max(result[to], data[i]);
            }
        }
        return new DoubleArray(sizes, result);
    }
}
