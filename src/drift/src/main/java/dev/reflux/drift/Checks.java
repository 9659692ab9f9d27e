package dev.reflux.drift;

/** The rules that settings and values of detectors share. */
final class Checks {

    private Checks() {}

    /** @return a setting in (0, 1) */
    static double share(String name, double setting) {
        if (!(setting > 0 && setting < 1)) {
            throw new IllegalArgumentException(name + ": " + setting + " found, must be in (0, 1)");
        }
        return setting;
    }

    /** @return a finite setting above 0 */
    static double positive(String name, double setting) {
        if (!(setting > 0 && setting < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + ": " + setting + " found, must be positive and finite");
        }
        return setting;
    }

    /** @return a setting that is at least {@code least} */
    static int atLeast(int least, String name, int setting) {
        if (setting < least) {
            throw new IllegalArgumentException(name + ": " + setting + " found, must be at least " + least);
        }
        return setting;
    }

    /** Refuses NaN and infinities as values of a stream. */
    static void finite(double value) {
        if (!(Math.abs(value) < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("value: " + value + " found, must be finite; leave such values out");
        }
    }

    /** Refuses what is outside of [0, 1] as a value of a stream. */
    static void unit(double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(
                    "value: " + value + " found, must be in [0, 1]: an error, a rate, a probability");
        }
    }

    /** Refuses what is neither 0 nor 1 as a value of a stream. */
    static void binary(double value) {
        if (value != 0 && value != 1) {
            throw new IllegalArgumentException("value: " + value + " found, must be 0 or 1: right or wrong");
        }
    }
}
