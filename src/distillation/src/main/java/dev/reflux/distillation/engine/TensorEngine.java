package dev.reflux.distillation.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.network.Network;
import dev.reflux.distillation.network.Parameter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Any network through PyTorch. Parameters lie in one direct buffer of ours; the arrays that PyTorch computes with are
 * views of it, built anew for each step, since a new leaf takes its gradient over without a copy and needs no clearing.
 * All arrays of a step hang on one manager that is closed when the step ends.
 *
 * <p>The optimizer walks the buffer in blocks that stay in the first-level cache. Parameters and inputs are
 * aligned: matrix kernels choose their order of summation by that, and a restored model must sum in the same order.
 */
final class TensorEngine implements StepEngine {

    private static final int BLOCK = 2048;

    private final Network network;
    private final int[] taps;
    private final List<Parameter> shapes;
    private final FlatOptimizer optimizer;
    private final NDManager manager;
    private final ByteBuffer[] memory;
    private final FloatBuffer[] values;
    private final NDList constants;

    private ByteBuffer inputMemory = ByteBuffer.allocateDirect(0);
    private ByteBuffer gradientMemory = ByteBuffer.allocateDirect(0);
    private final float[] parameterBlock = new float[BLOCK];
    private final float[] gradientBlock = new float[BLOCK];

    private @Nullable Step step;

    /**
     * Arrays of the step under way; {@code parameters} have their gradients after the backward pass.
     *
     * @param outputs the logits, then the tapped layers
     * @param inputSquares of each source of a parameter, its mean squared norm; empty unless rates follow from it
     */
    private record Step(
            NDManager manager, int rows, NDArray input, NDList parameters, NDList outputs, double[] inputSquares) {}

    /** @param taps indices of the layers that are seen and taught */
    TensorEngine(Network network, int[] taps, float[] parameters, FlatOptimizer optimizer) {
        this.network = network;
        this.taps = taps.clone();
        this.shapes = network.parameters();
        this.optimizer = optimizer;
        this.manager = TensorLibrary.newManager();
        this.memory = new ByteBuffer[shapes.size()];
        this.values = new FloatBuffer[shapes.size()];
        int bytes = shapes.stream().mapToInt(shape -> aligned(shape.size())).reduce(0, Math::addExact);
        ByteBuffer all = TensorLibrary.allocate(bytes);
        int at = 0;
        for (int i = 0; i < memory.length; i++) {
            Parameter shape = shapes.get(i);
            memory[i] = all.slice(at, shape.size() * Float.BYTES).order(ByteOrder.nativeOrder());
            values[i] = memory[i].asFloatBuffer();
            values[i].put(0, parameters, shape.offset(), shape.size());
            at += aligned(shape.size());
        }
        this.constants = parameterArrays(manager);
    }

    private static int aligned(int floats) {
        return TensorLibrary.aligned(Math.multiplyExact(floats, Float.BYTES));
    }

    private NDList parameterArrays(NDManager owner) {
        NDList arrays = new NDList(memory.length);
        for (int i = 0; i < memory.length; i++) {
            long[] shape =
                    shapes.get(i).shape().stream().mapToLong(Integer::longValue).toArray();
            arrays.add(owner.create(memory[i], new Shape(shape), DataType.FLOAT32));
        }
        return arrays;
    }

    @Override
    public void predict(float[] input, int rows, Outputs outputs, int at) {
        endStep();
        boolean before = TensorLibrary.recordGradients(false);
        try (NDManager scope = manager.newSubManager()) {
            NDArray x = inputArray(scope, input, rows);
            copy(tapped(network.forward(x, constants)), outputs, at, rows);
        } finally {
            TensorLibrary.recordGradients(before);
        }
    }

    @Override
    public boolean predictKeeps() {
        return false;
    }

    @Override
    public void forward(float[] input, int rows, Outputs outputs, int at, Gradients gradients) {
        endStep();
        boolean before = TensorLibrary.recordGradients(true);
        NDManager scope = manager.newSubManager();
        try {
            NDArray x = inputArray(scope, input, rows);
            if (gradients == Gradients.OF_PARAMETERS_AND_INPUT) {
                x.setRequiresGradient(true);
            }
            NDList parameters = parameterArrays(scope);
            for (NDArray parameter : parameters) {
                parameter.setRequiresGradient(true);
            }
            NDList all = network.forward(x, parameters);
            NDList y = tapped(all);
            copy(y, outputs, at, rows);
            step = new Step(scope, rows, x, parameters, y, inputSquares(x, all, rows));
        } finally {
            TensorLibrary.recordGradients(before);
            if (step == null) {
                scope.close();
            }
        }
    }

    /** Mean squared norms of the network's input and of each layer's output. */
    private double[] inputSquares(NDArray input, NDList outputs, int rows) {
        if (!optimizer.scalesLayers()) {
            return new double[0];
        }
        double[] squares = new double[outputs.size()];
        for (int i = 0; i < squares.length; i++) {
            FloatBuffer values = floats(i == 0 ? input : outputs.get(i));
            squares[i] = squares(values) / rows;
        }
        return squares;
    }

    private NDArray inputArray(NDManager scope, float[] input, int rows) {
        int size = rows * network.inputs();
        inputMemory = filled(inputMemory, input, 0, size);
        return scope.create(part(inputMemory, size), new Shape(rows, network.inputs()), DataType.FLOAT32);
    }

    private static ByteBuffer part(ByteBuffer memory, int floats) {
        return memory.slice(0, floats * Float.BYTES).order(ByteOrder.nativeOrder());
    }

    private static ByteBuffer filled(ByteBuffer memory, float[] from, int offset, int size) {
        ByteBuffer buffer = memory.capacity() < size * Float.BYTES ? TensorLibrary.allocate(aligned(size)) : memory;
        buffer.asFloatBuffer().put(0, from, offset, size);
        return buffer;
    }

    private NDList tapped(NDList all) {
        NDList chosen = new NDList(all.get(0));
        for (int tap : taps) {
            chosen.add(all.get(1 + tap));
        }
        return chosen;
    }

    private void copy(NDList from, Outputs to, int at, int rows) {
        int classes = network.classes();
        copy(from.get(0), to.logits(), at * classes, rows * classes);
        for (int i = 0; i < to.layers().size(); i++) {
            int width = to.layers().get(i).width();
            copy(from.get(1 + i), to.features(i), at * width, rows * width);
        }
    }

    private static void copy(NDArray from, float[] to, int offset, int size) {
        floats(from).get(0, to, offset, size);
    }

    /** The array's own memory; lives as long as the array. */
    private static FloatBuffer floats(NDArray array) {
        return array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
    }

    @Override
    public double backward(Outputs gradient, int at, float @Nullable [] inputGradient) {
        Step step = stepUnderWay();
        NDManager scope = step.manager();
        int rows = step.rows();
        if (gradient.layers().isEmpty()) {
            NDArray logits = step.outputs().get(0);
            int classes = network.classes();
            gradientMemory = filled(gradientMemory, gradient.logits(), at * classes, rows * classes);
            backward(logits, scope.create(part(gradientMemory, rows * classes), logits.getShape(), DataType.FLOAT32));
        } else {
            NDArray product = product(step, gradient, at);
            backward(product, scope.create(1f).reshape(product.getShape()));
        }
        if (inputGradient != null) {
            copy(step.input().getGradient(), inputGradient, 0, rows * network.inputs());
        }
        return optimizer.clips() ? squares(step) : 0;
    }

    /** Outputs times their gradients, summed: a scalar whose derivative by each output is that gradient. */
    private NDArray product(Step step, Outputs gradient, int at) {
        boolean before = TensorLibrary.recordGradients(true);
        try {
            NDArray sum = null;
            for (int i = 0; i < step.outputs().size(); i++) {
                NDArray output = step.outputs().get(i);
                float[] all = i == 0 ? gradient.logits() : gradient.features(i - 1);
                int width = i == 0
                        ? network.classes()
                        : gradient.layers().get(i - 1).width();
                float[] own = Arrays.copyOfRange(all, at * width, (at + step.rows()) * width);
                NDArray term = output.mul(step.manager().create(own, output.getShape()))
                        .sum();
                sum = sum == null ? term : sum.add(term);
            }
            return Objects.requireNonNull(sum);
        } finally {
            TensorLibrary.recordGradients(before);
        }
    }

    private static void backward(NDArray output, NDArray gradient) {
        JniUtils.backward((PtNDArray) output, (PtNDArray) gradient, false, false);
    }

    private double squares(Step step) {
        double squares = 0;
        for (NDArray parameter : step.parameters()) {
            squares += squares(floats(parameter.getGradient()));
        }
        return squares;
    }

    private double squares(FloatBuffer values) {
        double squares = 0;
        int size = values.remaining();
        for (int at = 0; at < size; at += BLOCK) {
            int count = Math.min(BLOCK, size - at);
            values.get(at, gradientBlock, 0, count);
            squares += Kernels.squares(gradientBlock, 0, count);
        }
        return squares;
    }

    @Override
    public void step(double learningRate, float scale) {
        Step step = stepUnderWay();
        optimizer.begin(learningRate, scale);
        List<Integer> sources = network.sources();
        for (int i = 0; i < values.length; i++) {
            if (optimizer.scalesLayers() && (i == 0 || !sources.get(i).equals(sources.get(i - 1)))) {
                optimizer.scaleTo(sources.get(i), learningRate, step.inputSquares()[sources.get(i)]);
            }
            FloatBuffer gradient = floats(step.parameters().get(i).getGradient());
            int size = shapes.get(i).size();
            for (int at = 0; at < size; at += BLOCK) {
                int count = Math.min(BLOCK, size - at);
                gradient.get(at, gradientBlock, 0, count);
                values[i].get(at, parameterBlock, 0, count);
                optimizer.update(
                        parameterBlock, 0, gradientBlock, 0, shapes.get(i).offset() + at, count);
                values[i].put(at, parameterBlock, 0, count);
            }
        }
        endStep();
    }

    private Step stepUnderWay() {
        Step current = step;
        if (current == null) {
            throw new IllegalStateException("backward: no forward pass is open");
        }
        return current;
    }

    private void endStep() {
        Step current = step;
        if (current != null) {
            step = null;
            current.manager().close();
        }
    }

    @Override
    public int liveArrays() {
        Step current = step;
        int open = current == null ? 0 : current.manager().getManagedArrays().size();
        return manager.getManagedArrays().size() + open;
    }

    @Override
    public void approach(StepEngine other, float share) {
        FloatBuffer[] goals = ((TensorEngine) other).values;
        for (int i = 0; i < values.length; i++) {
            int size = shapes.get(i).size();
            for (int at = 0; at < size; at += BLOCK) {
                int count = Math.min(BLOCK, size - at);
                goals[i].get(at, gradientBlock, 0, count);
                values[i].get(at, parameterBlock, 0, count);
                Kernels.approach(gradientBlock, parameterBlock, share, count);
                values[i].put(at, parameterBlock, 0, count);
            }
        }
    }

    @Override
    public float[] parameters() {
        float[] all = new float[network.parameterCount()];
        for (int i = 0; i < values.length; i++) {
            values[i].get(0, all, shapes.get(i).offset(), shapes.get(i).size());
        }
        return all;
    }

    @Override
    public FlatOptimizer optimizer() {
        return optimizer;
    }

    @Override
    public EngineChoice kind() {
        return EngineChoice.TENSOR;
    }

    @Override
    public void close() {
        endStep();
        manager.close();
    }
}
