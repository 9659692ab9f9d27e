package dev.reflux.events;

/**
 * Random numbers without state: the mixing function of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom
 * number generators", OOPSLA 2014), a bijection whose outputs pass for random even on consecutive inputs.
 */
public final class SplitMix64 {

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private SplitMix64() {}

    /** The output that the generator gives from this state: well mixed bits, the same for the same input. */
    public static long mix(long state) {
        long z = state + GOLDEN;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Mixes a value into a hash. */
    public static long mix(long hash, long value) {
        return mix(hash ^ mix(value));
    }

    /** The upper bits as a uniform number in [0, 1). */
    public static double uniform(long bits) {
        return (bits >>> 11) * 0x1.0p-53;
    }
}
