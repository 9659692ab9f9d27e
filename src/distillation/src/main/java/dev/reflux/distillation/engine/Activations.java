package dev.reflux.distillation.engine;

import dev.reflux.distillation.network.Activation;

/**
 * Activations and their slopes over runs of floats. Hyperbolic tangent and error function are quotients of polynomials
 * within a few units in the last place of a float (the coefficients of Eigen's vectorised functions): plain arithmetic
 * that gives the same bits on every JDK, which the functions of {@link Math} do not promise.
 */
final class Activations {

    private static final float ROOT_HALF = (float) Math.sqrt(0.5);
    private static final double INVERSE_ROOT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

    private Activations() {}

    /** {@code y = activation(z)}; {@code z} and {@code y} may be the same run. */
    static void apply(Activation activation, float[] z, float[] y, int at, int count) {
        switch (activation) {
            case RELU -> relu(z, y, at, count);
            case TANH -> {
                for (int i = at; i < at + count; i++) {
                    y[i] = tanh(z[i]);
                }
            }
            case GELU -> {
                for (int i = at; i < at + count; i++) {
                    y[i] = 0.5f * z[i] * (1 + erf(z[i] * ROOT_HALF));
                }
            }
        }
    }

    private static void relu(float[] z, float[] y, int at, int count) {
        for (int i = 0; i < count; i++) {
            y[at + i] = Math.max(z[at + i], 0f);
        }
    }

    /** {@code delta = upstream * activation'(z)}; the two may be the same run. */
    static void backward(Activation activation, float[] z, float[] upstream, float[] delta, int at, int count) {
        switch (activation) {
            case RELU -> {
                for (int i = at; i < at + count; i++) {
                    delta[i] = z[i] > 0 ? upstream[i] : 0;
                }
            }
            case TANH -> {
                for (int i = at; i < at + count; i++) {
                    float y = tanh(z[i]);
                    delta[i] = upstream[i] * (1 - y * y);
                }
            }
            case GELU -> {
                for (int i = at; i < at + count; i++) {
                    float x = z[i];
                    float density = (float) (INVERSE_ROOT_TWO_PI * StrictMath.exp(-0.5 * x * x));
                    delta[i] = upstream[i] * (0.5f * (1 + erf(x * ROOT_HALF)) + x * density);
                }
            }
        }
    }

    static float tanh(float value) {
        float x = Math.max(-7.9053111f, Math.min(7.9053111f, value));
        float s = x * x;
        float p = -2.76076847742355e-16f;
        p = p * s + 2.00018790482477e-13f;
        p = p * s - 8.60467152213735e-11f;
        p = p * s + 5.12229709037114e-08f;
        p = p * s + 1.48572235717979e-05f;
        p = p * s + 6.37261928875436e-04f;
        p = p * s + 4.89352455891786e-03f;
        float q = 1.19825839466702e-06f;
        q = q * s + 1.18534705686654e-04f;
        q = q * s + 2.26843463243900e-03f;
        q = q * s + 4.89352518554385e-03f;
        return x * p / q;
    }

    static float erf(float value) {
        float x = Math.max(-4f, Math.min(4f, value));
        float s = x * x;
        float p = -2.72614225801306e-10f;
        p = p * s + 2.77068142495902e-08f;
        p = p * s - 2.10102402082508e-06f;
        p = p * s - 5.69250639462346e-05f;
        p = p * s - 7.34990630326855e-04f;
        p = p * s - 2.95459980854025e-03f;
        p = p * s - 1.60960333262415e-02f;
        float q = -1.45660718464996e-05f;
        q = q * s - 2.13374055278905e-04f;
        q = q * s - 1.68282697438203e-03f;
        q = q * s - 7.37332916720468e-03f;
        q = q * s - 1.42647390514189e-02f;
        return x * p / q;
    }
}
