package dev.reflux.distillation.engine;

import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.network.Activation;
import dev.reflux.distillation.network.Mlp;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Perceptrons as plain loops over flat arrays: no call overhead, nothing allocated once the buffers fit the rows.
 *
 * <p>The loops run along the outputs of one input, which lie side by side, so they vectorise, and inputs that are zero
 * (about half of a ReLU layer) cost nothing forward, backward or in the update. Plain SGD never stores the gradient of a
 * matrix: the update adds the outer product of input and output gradient straight to the weights. Only clipping over
 * several rows needs it stored, for its norm; that of one row is the product of two norms.
 */
final class FusedEngine implements StepEngine {

    private final Mlp.Block[] layers;
    private final Block[] blocks;
    private final int[] taps;
    private final float[] parameters;
    private final float[] gradient;
    private final FlatOptimizer optimizer;

    private float[] input = {};
    private int rows;
    private boolean stored;

    private int[] activeAt = {};
    private float[] active = {};

    /** @param taps indices of the layers that are seen and taught */
    FusedEngine(Mlp network, int[] taps, float[] parameters, FlatOptimizer optimizer) {
        this.taps = taps.clone();
        this.layers = network.blocks().toArray(Mlp.Block[]::new);
        this.blocks = new Block[layers.length];
        for (int i = 0; i < layers.length; i++) {
            blocks[i] = new Block(layers[i], i + 1 < layers.length && !layers[i + 1].residual());
        }
        this.parameters = parameters;
        this.gradient = new float[parameters.length];
        this.optimizer = optimizer;
    }

    /** What one layer keeps of the rows under way, all {@code [rows, outputs]} unless said otherwise. */
    private static final class Block {
        final Mlp.Block layer;
        /** Into the activation; {@link #inPlace} the same array as {@link #output}. */
        float[] linear = {};
        /** Before gain and shift. */
        float[] normal = {};
        /** {@code [rows]}. */
        float[] inverseDeviation = {};

        float[] output = {};
        /** Gradient of the output. */
        float[] upstream = {};
        /** Gradient of the matrix product; without residual the same array as {@link #upstream}. */
        float[] delta = {};

        /** Output and input of the activation share an array. */
        final boolean inPlace;
        /** A zero output means a zero gradient, which the layer above therefore need not compute. */
        final boolean gated;

        Block(Mlp.Block layer, boolean onlyMultipliedAbove) {
            boolean relu = layer.activation().orElse(Activation.TANH) == Activation.RELU;
            this.layer = layer;
            this.inPlace = layer.activation().isEmpty() || (relu && !layer.residual());
            this.gated = relu && !layer.residual() && onlyMultipliedAbove;
        }

        void ensure(int rows) {
            int size = rows * layer.outputs();
            if (output.length >= size) {
                return;
            }
            output = new float[size];
            linear = inPlace ? output : new float[size];
            upstream = new float[size];
            delta = layer.residual() ? new float[size] : upstream;
            if (layer.hasNorm()) {
                normal = new float[size];
                inverseDeviation = new float[rows];
            }
        }
    }

    @Override
    public void predict(float[] input, int rows, Outputs outputs, int at) {
        forward(input, rows, outputs, at, Gradients.OF_PARAMETERS);
    }

    @Override
    public boolean predictKeeps() {
        return true;
    }

    @Override
    public void forward(float[] input, int rows, Outputs outputs, int at, Gradients gradients) {
        this.input = input;
        this.rows = rows;
        float[] x = input;
        for (Block block : blocks) {
            block.ensure(rows);
            ensureActive(Math.max(rows, block.layer.inputs()));
            linear(block, x);
            if (block.layer.hasNorm()) {
                normalise(block);
            }
            if (block.layer.activation().isPresent()) {
                int size = rows * block.layer.outputs();
                Activations.apply(block.layer.activation().get(), block.linear, block.output, 0, size);
                if (block.layer.residual()) {
                    Kernels.axpy(1, x, 0, block.output, 0, size);
                }
            }
            x = block.output;
        }
        int classes = layers[layers.length - 1].outputs();
        System.arraycopy(x, 0, outputs.logits(), at * classes, rows * classes);
        for (int i = 0; i < outputs.layers().size(); i++) {
            int width = layers[taps[i]].outputs();
            System.arraycopy(blocks[taps[i]].output, 0, outputs.features(i), at * width, rows * width);
        }
    }

    private void linear(Block block, float[] x) {
        Mlp.Block layer = block.layer;
        int inputs = layer.inputs();
        int outputs = layer.outputs();
        for (int row = 0; row < rows; row++) {
            int to = row * outputs;
            System.arraycopy(parameters, layer.bias(), block.linear, to, outputs);
            int count = 0;
            for (int i = 0; i < inputs; i++) {
                float value = x[row * inputs + i];
                active[count] = value;
                activeAt[count] = layer.weight() + i * outputs;
                count += value != 0 ? 1 : 0;
            }
            addActive(count, parameters, block.linear, to, outputs);
        }
    }

    private void normalise(Block block) {
        Mlp.Block layer = block.layer;
        int width = layer.outputs();
        for (int row = 0; row < rows; row++) {
            int at = row * width;
            double sum = 0;
            double squares = 0;
            for (int i = at; i < at + width; i++) {
                sum += block.linear[i];
            }
            double mean = sum / width;
            for (int i = at; i < at + width; i++) {
                double distance = block.linear[i] - mean;
                squares += distance * distance;
            }
            float inverse = (float) (1 / Math.sqrt(squares / width + Mlp.NORM_EPSILON));
            block.inverseDeviation[row] = inverse;
            for (int i = 0; i < width; i++) {
                float normal = (float) (block.linear[at + i] - mean) * inverse;
                block.normal[at + i] = normal;
                block.linear[at + i] = normal * parameters[layer.gain() + i] + parameters[layer.shift() + i];
            }
        }
    }

    /** Adds the runs of {@code from} at {@link #activeAt}, times {@link #active}, to the run at {@code at}. */
    private void addActive(int count, float[] from, float[] to, int at, int length) {
        float[] a = active;
        int[] i = activeAt;
        int k = 0;
        for (; k + 3 < count; k += 4) {
            Kernels.axpy4(a[k], a[k + 1], a[k + 2], a[k + 3], from, i[k], i[k + 1], i[k + 2], i[k + 3], to, at, length);
        }
        for (; k < count; k++) {
            Kernels.axpy(a[k], from, i[k], to, at, length);
        }
    }

    private void ensureActive(int size) {
        if (active.length < size) {
            active = new float[size];
            activeAt = new int[size];
        }
    }

    @Override
    public double backward(Outputs outputGradient, int at, float @Nullable [] inputGradient) {
        Block head = blocks[blocks.length - 1];
        int classes = head.layer.outputs();
        System.arraycopy(outputGradient.logits(), at * classes, head.upstream, 0, rows * classes);
        stored = !optimizer.isPlain() || (optimizer.clips() && rows > 1);
        double squares = 0;
        for (int i = blocks.length - 1; i >= 0; i--) {
            Block block = blocks[i];
            float[] x = i == 0 ? input : blocks[i - 1].output;
            squares += backward(block, x);
            if (i > 0) {
                inputGradient(block, blocks[i - 1].upstream, blocks[i - 1].gated ? x : null);
                addTapped(outputGradient, at, i - 1);
            } else if (inputGradient != null) {
                inputGradient(block, inputGradient, null);
            }
        }
        return squares;
    }

    /** Adds the gradient that a layer gets by itself, not from the layers above it. */
    private void addTapped(Outputs outputGradient, int at, int layer) {
        for (int i = 0; i < outputGradient.layers().size(); i++) {
            if (taps[i] == layer) {
                Block block = blocks[layer];
                int width = block.layer.outputs();
                float[] own = outputGradient.features(i);
                for (int k = 0; k < rows * width; k++) {
                    if (!block.gated || block.output[k] != 0) {
                        block.upstream[k] += own[at * width + k];
                    }
                }
            }
        }
    }

    /** Gradients of a block's own parameters; returns their squared norm where it is asked for. */
    private double backward(Block block, float[] x) {
        Mlp.Block layer = block.layer;
        int outputs = layer.outputs();
        if (layer.activation().isPresent() && !block.gated) {
            Activations.backward(
                    layer.activation().get(), block.linear, block.upstream, block.delta, 0, rows * outputs);
        }
        if (layer.hasNorm()) {
            normaliseBackward(block);
        }
        Arrays.fill(gradient, layer.bias(), layer.bias() + outputs, 0);
        for (int row = 0; row < rows; row++) {
            Kernels.axpy(1, block.delta, row * outputs, gradient, layer.bias(), outputs);
        }
        if (stored) {
            Arrays.fill(gradient, layer.weight(), layer.weight() + layer.inputs() * outputs, 0);
            addOuterProducts(block, x, 1, gradient);
        }
        if (!optimizer.clips()) {
            return 0;
        }
        double squares = Kernels.squares(gradient, layer.bias(), outputs);
        if (layer.hasNorm()) {
            squares += Kernels.squares(gradient, layer.gain(), outputs);
            squares += Kernels.squares(gradient, layer.shift(), outputs);
        }
        squares += stored
                ? Kernels.squares(gradient, layer.weight(), layer.inputs() * outputs)
                : Kernels.squares(x, 0, layer.inputs()) * Kernels.squares(block.delta, 0, outputs);
        return squares;
    }

    /** Gradients of gain and shift; turns {@code delta} from the gradient after the norm into that before it. */
    private void normaliseBackward(Block block) {
        Mlp.Block layer = block.layer;
        int width = layer.outputs();
        Arrays.fill(gradient, layer.gain(), layer.gain() + width, 0);
        Arrays.fill(gradient, layer.shift(), layer.shift() + width, 0);
        for (int row = 0; row < rows; row++) {
            int at = row * width;
            double sum = 0;
            double product = 0;
            for (int i = 0; i < width; i++) {
                float delta = block.delta[at + i];
                float normal = block.normal[at + i];
                gradient[layer.gain() + i] += delta * normal;
                gradient[layer.shift() + i] += delta;
                float scaled = delta * parameters[layer.gain() + i];
                block.delta[at + i] = scaled;
                sum += scaled;
                product += (double) scaled * normal;
            }
            float mean = (float) (sum / width);
            float slope = (float) (product / width);
            float inverse = block.inverseDeviation[row];
            for (int i = at; i < at + width; i++) {
                block.delta[i] = inverse * (block.delta[i] - mean - block.normal[i] * slope);
            }
        }
    }

    /** {@code matrix += factor * x^T delta}, the matrix lying where the layer's weights lie. */
    private void addOuterProducts(Block block, float[] x, float factor, float[] matrix) {
        int inputs = block.layer.inputs();
        int outputs = block.layer.outputs();
        for (int i = 0; rows == 1 && i < inputs; i++) {
            if (x[i] != 0) {
                Kernels.axpy(factor * x[i], block.delta, 0, matrix, block.layer.weight() + i * outputs, outputs);
            }
        }
        for (int i = 0; rows > 1 && i < inputs; i++) {
            int count = 0;
            for (int row = 0; row < rows; row++) {
                float value = x[row * inputs + i];
                active[count] = factor * value;
                activeAt[count] = row * outputs;
                count += value != 0 ? 1 : 0;
            }
            addActive(count, block.delta, matrix, block.layer.weight() + i * outputs, outputs);
        }
    }

    /** Gradient of a block's input; where {@code gate} is given and zero it is zero. */
    private void inputGradient(Block block, float[] target, float @Nullable [] gate) {
        Mlp.Block layer = block.layer;
        int inputs = layer.inputs();
        int outputs = layer.outputs();
        for (int i = 0; i < inputs; i++) {
            int weight = layer.weight() + i * outputs;
            for (int row = 0; row < rows; row++) {
                int at = row * inputs + i;
                target[at] = gate != null && gate[at] == 0
                        ? 0
                        : Kernels.dot(parameters, weight, block.delta, row * outputs, outputs);
            }
        }
        if (layer.residual()) {
            Kernels.axpy(1, block.upstream, 0, target, 0, rows * outputs);
        }
    }

    @Override
    public void step(double learningRate, float scale) {
        optimizer.begin(learningRate, scale);
        if (stored) {
            optimizer.update(parameters, 0, gradient, 0, 0, parameters.length);
            return;
        }
        for (int i = 0; i < blocks.length; i++) {
            Mlp.Block layer = layers[i];
            float[] x = i == 0 ? input : blocks[i - 1].output;
            if (optimizer.scalesLayers()) {
                optimizer.scaleTo(i, learningRate, Kernels.squares(x, 0, rows * layer.inputs()) / rows);
            }
            addOuterProducts(blocks[i], x, -optimizer.plainRate(), parameters);
            int end = layer.weight() + layer.inputs() * layer.outputs();
            int count = layer.outputs() * (layer.hasNorm() ? 3 : 1);
            optimizer.update(parameters, end, gradient, end, 0, count);
        }
    }

    @Override
    public void approach(StepEngine other, float share) {
        Kernels.approach(((FusedEngine) other).parameters, parameters, share, parameters.length);
    }

    @Override
    public float[] parameters() {
        return parameters.clone();
    }

    @Override
    public FlatOptimizer optimizer() {
        return optimizer;
    }

    @Override
    public int liveArrays() {
        return 0;
    }

    @Override
    public EngineChoice kind() {
        return EngineChoice.FUSED;
    }

    @Override
    public void close() {}
}
