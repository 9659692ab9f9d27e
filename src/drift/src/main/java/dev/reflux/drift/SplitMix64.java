package dev.reflux.drift;

/**
 * A random generator whose whole state is one number. Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
 * Generators", OOPSLA 2014.
 */
final class SplitMix64 {

    private long state;

    SplitMix64(long seed) {
        state = seed;
    }

    long state() {
        return state;
    }

    long next() {
        state += 0x9E3779B97F4A7C15L;
        long mixed = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    /** @return a number in [0, 1) */
    double unit() {
        return (next() >>> 11) * 0x1p-53;
    }

    /** @return a number in [0, bound), even up to 2^-32 */
    int below(int bound) {
        return (int) ((next() >>> 32) * bound >>> 32);
    }
}
