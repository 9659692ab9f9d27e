package dev.reflux.distillation.engine;

import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;

/**
 * SGD, momentum and Adam over a flat array, one pass over memory. Moments live here, parameters and gradients with the
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

    private final OptimizerSpec spec;
    private final float[] first;
    private final float[] second;
    private long steps;

    private float rate;
    private float scale;
    private float inverseRoot;

    FlatOptimizer(OptimizerSpec spec, int size) {
        this.spec = spec;
        this.first = new float[isPlain(spec) ? 0 : size];
        this.second = new float[spec instanceof OptimizerSpec.Adam ? size : 0];
    }

    private static boolean isPlain(OptimizerSpec spec) {
        return spec instanceof OptimizerSpec.Sgd sgd && sgd.momentum() == 0;
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
        if (spec instanceof OptimizerSpec.Adam adam) {
            adam(adam, parameters, at, gradient, gradientAt, momentAt, count);
        } else if (spec instanceof OptimizerSpec.Sgd sgd) {
            if (first.length == 0) {
                plain(parameters, at, gradient, gradientAt, count, rate * scale);
            } else {
                momentum((float) sgd.momentum(), parameters, at, gradient, gradientAt, momentAt, count);
            }
        }
    }

    private static void plain(float[] p, int at, float[] g, int gAt, int count, float change) {
        for (int i = 0; i < count; i++) {
            p[at + i] -= change * g[gAt + i];
        }
    }

    private void momentum(float decay, float[] p, int at, float[] g, int gAt, int mAt, int count) {
        float[] m = first;
        float s = scale;
        float r = rate;
        for (int i = 0; i < count; i++) {
            float v = decay * m[mAt + i] + s * g[gAt + i];
            v = (v + FLUSH) - FLUSH;
            m[mAt + i] = v;
            p[at + i] -= r * v;
        }
    }

    private void adam(OptimizerSpec.Adam adam, float[] p, int at, float[] g, int gAt, int mAt, int count) {
        float[] m = first;
        float[] v = second;
        float s = scale;
        float r = rate;
        float root = inverseRoot;
        float keep1 = (float) adam.beta1();
        float keep2 = (float) adam.beta2();
        float take1 = (float) (1 - adam.beta1());
        float take2 = (float) (1 - adam.beta2());
        float epsilon = (float) adam.epsilon();
        for (int i = 0; i < count; i++) {
            float gradient = s * g[gAt + i];
            float mean = keep1 * m[mAt + i] + take1 * gradient;
            float square = keep2 * v[mAt + i] + take2 * gradient * gradient;
            mean = (mean + FLUSH) - FLUSH;
            square = (square + FLUSH) - FLUSH;
            m[mAt + i] = mean;
            v[mAt + i] = square;
            p[at + i] -= r * mean / ((float) Math.sqrt(square) * root + epsilon);
        }
    }

    void write(StateWriter out) {
        out.section(
                "optimizer",
                VERSION,
                body -> body.putString(kind()).putLong(steps).putFloats(first).putFloats(second));
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
    }

    private String kind() {
        return spec instanceof OptimizerSpec.Adam ? "adam" : first.length == 0 ? "sgd" : "momentum";
    }
}
