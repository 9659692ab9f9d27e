package dev.reflux.drift;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;

/** Seeded streams of values in the shapes that detectors are judged by. */
enum Streams {
    STATIONARY_ERRORS(position -> 0.3, Kind.BERNOULLI),
    ABRUPT_ERRORS(position -> (int) (position * 20) % 2 == 0 ? 0.2 : 0.45, Kind.BERNOULLI),
    GRADUAL_ERRORS(position -> 0.25 + 0.2 * Math.sin(position * 12), Kind.BERNOULLI),
    SLOWLY_RISING_ERRORS(position -> 0.1 + 0.5 * position, Kind.BERNOULLI),
    FALLING_ERRORS(position -> 0.6 * Math.exp(-6 * position) + (position > 0.7 ? 0.1 : 0), Kind.BERNOULLI),
    RARE_ERRORS(position -> position > 0.5 && position < 0.6 ? 0.03 : 0.005, Kind.BERNOULLI),
    ABRUPT_LEVELS(position -> 0.1 * (1 + (int) (position * 31) % 7), Kind.UNIFORM),
    CONSTANT_THEN_JUMP(position -> position < 0.4 ? 0.5 : 0.75, Kind.CONSTANT),
    WIDE_VALUES(position -> 100 * ((int) (position * 10) % 3), Kind.GAUSSIAN);

    private enum Kind {
        BERNOULLI,
        UNIFORM,
        CONSTANT,
        GAUSSIAN
    }

    private final DoubleUnaryOperator mean;
    private final Kind kind;

    Streams(DoubleUnaryOperator mean, Kind kind) {
        this.mean = mean;
        this.kind = kind;
    }

    /** Whether all values are 0 or 1. */
    boolean isBinary() {
        return kind == Kind.BERNOULLI;
    }

    /** Whether all values are in [0, 1]. */
    boolean isUnit() {
        return kind != Kind.GAUSSIAN;
    }

    double[] values(int count, long seed) {
        Random random = new Random(seed);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            double level = mean.applyAsDouble((double) i / count);
            values[i] = switch (kind) {
                case BERNOULLI -> random.nextDouble() < level ? 1 : 0;
                case UNIFORM -> level + 0.2 * (random.nextDouble() - 0.5);
                case CONSTANT -> level;
                case GAUSSIAN -> level + 30 * random.nextGaussian();
            };
        }
        return values;
    }
}
