package dev.reflux.distillation.loss;

import dev.reflux.distillation.engine.Rng;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.Arrays;

/**
 * A linear map {@code y = x W + b} that a loss learns beside the networks, and that is no part of what is published.
 * In double precision, like the sums of the losses around it.
 */
final class LinearHead {

    private static final int VERSION = 1;

    private final int inputs;
    private final int outputs;
    /** {@code [inputs, outputs]}, then the bias {@code [outputs]}. */
    private final double[] weights;

    private final double[] gradient;

    /** Weights of variance {@code 1 / inputs}, which keeps the scale of what goes through. */
    LinearHead(int inputs, int outputs, Rng random) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.weights = new double[Math.multiplyExact(inputs + 1, outputs)];
        this.gradient = new double[weights.length];
        float[] drawn = new float[inputs * outputs];
        random.uniform(drawn, 0, drawn.length, 1.0 / inputs);
        for (int i = 0; i < drawn.length; i++) {
            weights[i] = drawn[i];
        }
    }

    int outputs() {
        return outputs;
    }

    /** Matrix and bias themselves, to be looked at and changed. */
    double[] weights() {
        return weights;
    }

    /** Writes the map of the run of {@code x} at {@code at} to the run of {@code y} at {@code to}. */
    void apply(float[] x, int at, double[] y, int to) {
        System.arraycopy(weights, inputs * outputs, y, to, outputs);
        for (int i = 0; i < inputs; i++) {
            if (x[at + i] != 0) {
                Vectors.axpy(x[at + i], weights, i * outputs, y, to, outputs);
            }
        }
    }

    /** Adds the gradient of the weights, given that of an output, {@code delta}, at the input {@code x}. */
    void addGradient(float[] x, int at, double[] delta) {
        for (int i = 0; i < inputs; i++) {
            if (x[at + i] != 0) {
                Vectors.axpy(x[at + i], delta, 0, gradient, i * outputs, outputs);
            }
        }
        Vectors.axpy(1, delta, 0, gradient, inputs * outputs, outputs);
    }

    /** Adds {@code factor} times the gradient of the input, given that of an output. */
    void addInputGradient(double[] delta, double factor, float[] target, int at) {
        for (int i = 0; i < inputs; i++) {
            target[at + i] += (float) (factor * Vectors.dot(weights, i * outputs, delta, 0, outputs));
        }
    }

    /** Moves matrix and bias against the gradients added since the last step, each at its rate. */
    void step(double rate, double biasRate) {
        int bias = inputs * outputs;
        Vectors.axpy(-rate, gradient, 0, weights, 0, bias);
        Vectors.axpy(-biasRate, gradient, bias, weights, bias, outputs);
        Arrays.fill(gradient, 0);
    }

    void write(StateWriter out) {
        out.section("linear-head", VERSION, body -> body.putDoubles(weights));
    }

    void read(StateReader in) {
        double[] found = in.section("linear-head", VERSION).getDoubles();
        if (found.length != weights.length) {
            throw new StateException("losses: a map of " + found.length + " weights found in the state, " + inputs
                    + " inputs and " + outputs + " outputs need " + weights.length
                    + "; restore the layers that the loss stands between, or start from new state");
        }
        System.arraycopy(found, 0, weights, 0, weights.length);
    }
}
