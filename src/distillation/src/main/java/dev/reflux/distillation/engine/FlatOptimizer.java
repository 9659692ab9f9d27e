package dev.reflux.distillation.engine;

import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;

/**
 * SGD, momentum, scaled SGD and Adam over a flat array, one pass over memory. Moments live here, parameters and gradients with the
 * caller, who says which part of the moments belongs to them.
 *
 * <p>Decaying moments would end as denormal numbers, which cost a hundred times the cycles. Adding and taking away
 * {@value #FLUSH} leaves larger moments as they are and rounds smaller ones to multiples of 8e-28 or to zero, so that
 * neither they nor their products with a learning rate are denormal; and it has no branch, which would keep the loop from
 * being vectorised.
 */
final class FlatOptimizer {

    private static final int VERSION = 1;
    private static final float FLUSH = 1e-20f;
    private static final int BLOCK = 1024;

    private final OptimizerSpec spec;
    private final float[] first;
    private final float[] second;
    /** Mean squared norm of each layer's input; empty unless rates are scaled by it. */
    private final float[] inputSquares;

    private long steps;

    private final float[] stagedParameters;
    private final float[] stagedGradient;
    private final float[] stagedFirst;
    private final float[] stagedSecond;

    private float rate;
    private float scale;
    private float inverseRoot;

    /** @param layers of the network whose input is known; 0 for parameters that are no network's */
    FlatOptimizer(OptimizerSpec spec, int size, int layers) {
        this.spec = spec;
        this.inputSquares = new float[spec instanceof OptimizerSpec.Scaled ? layers : 0];
        this.first = new float[isPlain(spec) ? 0 : size];
        this.second = new float[spec instanceof OptimizerSpec.Adam ? size : 0];
        this.stagedParameters = new float[Math.min(BLOCK, first.length)];
        this.stagedGradient = new float[stagedParameters.length];
        this.stagedFirst = new float[stagedParameters.length];
        this.stagedSecond = new float[Math.min(BLOCK, second.length)];
    }

    private static boolean isPlain(OptimizerSpec spec) {
        return spec instanceof OptimizerSpec.Scaled || (spec instanceof OptimizerSpec.Sgd sgd && sgd.momentum() == 0);
    }

    /** Whether an update is {@code w -= rate * g} and nothing else, so that gradients need not be stored. */
    boolean isPlain() {
        return first.length == 0;
    }

    boolean clips() {
        return spec.clipNorm() > 0;
    }

    /** Begins the next step of all parameters. */
    void begin(double learningRate, float gradientScale) {
        prepare(++steps, learningRate, gradientScale);
    }

    /** Begins a step of parameters that count their steps for themselves; {@code step} counts from 1. */
    void prepare(long step, double learningRate, float gradientScale) {
        scale = gradientScale;
        if (spec instanceof OptimizerSpec.Adam adam) {
            rate = (float) (learningRate / (1 - power(adam.beta1(), step)));
            inverseRoot = (float) (1 / Math.sqrt(1 - power(adam.beta2(), step)));
        } else {
            rate = (float) learningRate;
        }
    }

    /** Whether each layer's rate follows from its input, see {@link #scaleTo}. */
    boolean scalesLayers() {
        return inputSquares.length > 0;
    }

    /**
     * Sets the rate of the step under way for the parameters of one layer.
     *
     * @param learningRate as given to {@link #begin}
     * @param squares mean squared norm of the layer's input over the rows of the step
     */
    void scaleTo(int layer, double learningRate, double squares) {
        long counted = Math.min(steps, OptimizerSpec.Scaled.MEMORY);
        inputSquares[layer] += (float) ((squares - inputSquares[layer]) / counted);
        rate = (float) (learningRate * scaledRate(Math.sqrt(inputSquares[layer] * squares)));
    }

    /** Factor on the learning rate for an input of a squared norm. */
    static double scaledRate(double squares) {
        return 1 / (1 + 4 * Math.sqrt(squares));
    }

    /** By squaring: the same bits on every JDK, and unlike the library's it allocates nothing. */
    private static double power(double base, long exponent) {
        double result = 1;
        double square = base;
        for (long rest = exponent; rest > 0; rest >>= 1) {
            if ((rest & 1) == 1) {
                result *= square;
            }
            square *= square;
        }
        return result;
    }

    /** Factor from gradient to change for plain SGD in the step under way. */
    float plainRate() {
        return rate * scale;
    }

    /**
     * Updates {@code count} parameters from index {@code at} on.
     *
     * @param gradientAt index of their gradients
     * @param momentAt index of their moments
     */
    void update(float[] parameters, int at, float[] gradient, int gradientAt, int momentAt, int count) {
        if (isPlain()) {
            plain(parameters, at, gradient, gradientAt, count, rate * scale);
        } else if (at == gradientAt && at == momentAt) {
            update(parameters, gradient, first, second, at, at + count);
        } else {
            for (int done = 0; done < count; done += BLOCK) {
                int size = Math.min(BLOCK, count - done);
                staged(parameters, at + done, gradient, gradientAt + done, momentAt + done, size);
            }
        }
    }

    private static void plain(float[] p, int at, float[] g, int gAt, int count, float change) {
        for (int i = 0; i < count; i++) {
            p[at + i] -= change * g[gAt + i];
        }
    }

    /** Brings all arrays to the same indices first: a loop that writes several arrays vectorises only then. */
    private void staged(float[] parameters, int at, float[] gradient, int gradientAt, int momentAt, int count) {
        System.arraycopy(parameters, at, stagedParameters, 0, count);
        System.arraycopy(gradient, gradientAt, stagedGradient, 0, count);
        System.arraycopy(first, momentAt, stagedFirst, 0, count);
        if (second.length > 0) {
            System.arraycopy(second, momentAt, stagedSecond, 0, count);
        }
        update(stagedParameters, stagedGradient, stagedFirst, stagedSecond, 0, count);
        System.arraycopy(stagedParameters, 0, parameters, at, count);
        System.arraycopy(stagedFirst, 0, first, momentAt, count);
        if (second.length > 0) {
            System.arraycopy(stagedSecond, 0, second, momentAt, count);
        }
    }

    private void update(float[] parameters, float[] gradient, float[] m, float[] v, int from, int to) {
        if (spec instanceof OptimizerSpec.Adam adam) {
            float root = inverseRoot;
            float keep1 = (float) adam.beta1();
            float keep2 = (float) adam.beta2();
            adam(parameters, gradient, m, v, from, to, scale, rate, root, keep1, keep2, (float) adam.epsilon());
        } else if (spec instanceof OptimizerSpec.Sgd sgd) {
            momentum(parameters, gradient, m, from, to, scale, rate, (float) sgd.momentum());
        }
    }

    private static void momentum(
            float[] p, float[] g, float[] m, int from, int to, float scale, float rate, float keep) {
        for (int i = from; i < to; i++) {
            float moment = keep * m[i] + scale * g[i];
            moment = (moment + FLUSH) - FLUSH;
            m[i] = moment;
            p[i] -= rate * moment;
        }
    }

    private static void adam(
            float[] p,
            float[] g,
            float[] m,
            float[] v,
            int from,
            int to,
            float scale,
            float rate,
            float root,
            float keep1,
            float keep2,
            float epsilon) {
        float take1 = 1 - keep1;
        float take2 = 1 - keep2;
        for (int i = from; i < to; i++) {
            float gradient = scale * g[i];
            float mean = keep1 * m[i] + take1 * gradient;
            float square = keep2 * v[i] + take2 * gradient * gradient;
            mean = (mean + FLUSH) - FLUSH;
            square = (square + FLUSH) - FLUSH;
            m[i] = mean;
            v[i] = square;
            p[i] -= rate * mean / ((float) Math.sqrt(square) * root + epsilon);
        }
    }

    void write(StateWriter out) {
        out.section("optimizer", VERSION, body -> {
            body.putString(kind()).putLong(steps).putFloats(first).putFloats(second);
            if (spec instanceof OptimizerSpec.Scaled) {
                body.putFloats(inputSquares);
            }
        });
    }

    void read(StateReader in) {
        StateReader body = in.section("optimizer", VERSION);
        String found = body.getString();
        if (!found.equals(kind())) {
            throw new StateException("optimizer: the state holds moments of '" + found + "', the pipeline asks for '"
                    + kind() + "'; keep the optimizer, or start from new state");
        }
        steps = body.getLong();
        StateChecks.copy("first moments", body.getFloats(), first);
        StateChecks.copy("second moments", body.getFloats(), second);
        if (spec instanceof OptimizerSpec.Scaled) {
            StateChecks.copy("mean squared inputs", body.getFloats(), inputSquares);
        }
    }

    private String kind() {
        if (spec instanceof OptimizerSpec.Adam) {
            return "adam";
        }
        return spec instanceof OptimizerSpec.Scaled ? "scaled" : first.length == 0 ? "sgd" : "momentum";
    }
}
