package dev.reflux.drift;

/** The regularized incomplete gamma function, to about 1e-12. */
final class Gamma {

    private static final double[] LANCZOS = {
        0.99999999999980993,
        676.5203681218851,
        -1259.1392167224028,
        771.32342877765313,
        -176.61502916214059,
        12.507343278686905,
        -0.13857109526572012,
        9.9843695780195716e-6,
        1.5056327351493116e-7
    };
    private static final int STEPS = 10_000;
    private static final double PRECISION = 1e-15;
    private static final double TINY = 1e-300;

    private Gamma() {}

    /** {@code Gamma(a, x) / Gamma(a)} for {@code a > 0}: by its series for small {@code x}, else by its continued fraction. */
    static double upper(double a, double x) {
        if (!(x > 0)) {
            return 1;
        }
        if (x == Double.POSITIVE_INFINITY) {
            return 0;
        }
        double factor = StrictMath.exp(a * StrictMath.log(x) - x - logGamma(a));
        double value = x < a + 1 ? 1 - factor * series(a, x) : factor * fraction(a, x);
        return Math.min(1, Math.max(0, value));
    }

    private static double series(double a, double x) {
        double term = 1 / a;
        double sum = term;
        for (int n = 1; n < STEPS && term > sum * PRECISION; n++) {
            term *= x / (a + n);
            sum += term;
        }
        return sum;
    }

    /** By the modified method of Lentz. */
    private static double fraction(double a, double x) {
        double b = x + 1 - a;
        double c = 1 / TINY;
        double d = 1 / b;
        double value = d;
        for (int n = 1; n < STEPS; n++) {
            double numerator = n * (a - n);
            b += 2;
            d = 1 / nonZero(numerator * d + b);
            c = nonZero(b + numerator / c);
            double step = c * d;
            value *= step;
            if (Math.abs(step - 1) < PRECISION) {
                break;
            }
        }
        return value;
    }

    private static double nonZero(double value) {
        return Math.abs(value) < TINY ? TINY : value;
    }

    /** By Lanczos' approximation. */
    static double logGamma(double a) {
        if (a < 0.5) {
            return StrictMath.log(Math.PI / StrictMath.sin(Math.PI * a)) - logGamma(1 - a);
        }
        double sum = LANCZOS[0];
        for (int i = 1; i < LANCZOS.length; i++) {
            sum += LANCZOS[i] / (a - 1 + i);
        }
        double t = a + 6.5;
        return 0.5 * StrictMath.log(2 * Math.PI) + (a - 0.5) * StrictMath.log(t) - t + StrictMath.log(sum);
    }
}
