package dev.reflux.distillation.engine;

import dev.reflux.distillation.network.Parameter;
import java.util.Arrays;
import java.util.List;

/**
 * SplitMix64 (Steele et al. 2014), written out so that a seed draws the same numbers on every JDK and in every
 * engine.
 */
public final class Rng {

    private long state;

    public Rng(long seed) {
        this.state = seed;
    }

    /** All there is to it: a generator made with this goes on where this one stands. */
    public long state() {
        return state;
    }

    /** Uniform in [0, 1). */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /** Uniform in [0, bound), for a bound below 2^32; the bias is below bound / 2^53. */
    public int nextInt(int bound) {
        return (int) (nextDouble() * bound);
    }

    /** Uniform in [0, bound). */
    public long nextLong(long bound) {
        return (long) (nextDouble() * bound);
    }

    private long nextLong() {
        state += 0x9E3779B97F4A7C15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Fills with uniform values of mean 0 and this variance. */
    public void uniform(float[] values, int from, int to, double variance) {
        double bound = Math.sqrt(3 * variance);
        for (int i = from; i < to; i++) {
            values[i] = (float) (((nextLong() >>> 11) * 0x1.0p-52 - 1) * bound);
        }
    }

    /** Draws all parameters of a network. */
    float[] draw(List<Parameter> parameters) {
        Parameter last = parameters.get(parameters.size() - 1);
        float[] values = new float[last.offset() + last.size()];
        for (Parameter parameter : parameters) {
            int from = parameter.offset();
            int to = from + parameter.size();
            switch (parameter.start()) {
                case ZERO -> {}
                case ONE -> Arrays.fill(values, from, to, 1);
                case HE -> uniform(values, from, to, 2.0 / parameter.fanIn());
                case GLOROT -> uniform(values, from, to, 2.0 / (parameter.fanIn() + parameter.fanOut()));
            }
        }
        return values;
    }
}
