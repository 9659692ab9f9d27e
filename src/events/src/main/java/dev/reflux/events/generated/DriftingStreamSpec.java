package dev.reflux.events.generated;

/**
 * The shape of a {@link DriftingStream}. Start from {@link #demo} or {@link #wide} and change what matters.
 *
 * @param seed another seed is another stream
 * @param numerics number of numeric features, {@code x0, x1, ...}
 * @param categorySize codes of the category feature {@code kind}; 0 leaves it out
 * @param classes number of classes, named {@code A, B, ...}
 * @param clustersPerClass how many separate clusters make up a class; more are harder for a small network
 * @param spread standard deviation of a cluster, where cluster centres are uniform in [-1, 1] in each dimension
 * @param driftEvery events from one change to the next; changes are abrupt and gradual in turn
 * @param labelNoise share of the events whose class is drawn at random
 * @param unlabelled share of the events without a label
 * @param missing share of the numbers that are null
 */
public record DriftingStreamSpec(
        long seed,
        int numerics,
        int categorySize,
        int classes,
        int clustersPerClass,
        double spread,
        long driftEvery,
        double labelNoise,
        double unlabelled,
        double missing) {

    public DriftingStreamSpec {
        requireAtLeast("numeric features", numerics, 1);
        requireAtLeast("codes of the category", categorySize, 0);
        requireAtLeast("classes", classes, 2);
        requireAtLeast("clusters per class", clustersPerClass, 1);
        requireAtLeast("events between changes", driftEvery, 8);
        if (!(spread > 0 && spread <= 100)) {
            throw new IllegalArgumentException("spread of a cluster: " + spread + " found, must be above 0, up to 100");
        }
        requireShare("label noise", labelNoise);
        requireShare("unlabelled share", unlabelled);
        requireShare("missing share", missing);
    }

    /**
     * What the demo shows: 10 numbers and a category, 4 classes of 10 clusters each, a change every 40,000 events, a
     * tenth of the labels missing.
     */
    public static DriftingStreamSpec demo(long seed) {
        return new DriftingStreamSpec(seed, 10, 5, 4, 10, 0.42, 40_000, 0.02, 0.1, 0.005);
    }

    /** What benchmarks need: 54 numbers, 7 classes, every label, a change every 100,000 events. */
    public static DriftingStreamSpec wide(long seed) {
        return new DriftingStreamSpec(seed, 54, 0, 7, 6, 1.2, 100_000, 0.02, 0, 0);
    }

    public DriftingStreamSpec withDriftEvery(long events) {
        return new DriftingStreamSpec(
                seed,
                numerics,
                categorySize,
                classes,
                clustersPerClass,
                spread,
                events,
                labelNoise,
                unlabelled,
                missing);
    }

    public DriftingStreamSpec withUnlabelled(double share) {
        return new DriftingStreamSpec(
                seed,
                numerics,
                categorySize,
                classes,
                clustersPerClass,
                spread,
                driftEvery,
                labelNoise,
                share,
                missing);
    }

    public DriftingStreamSpec withMissing(double share) {
        return new DriftingStreamSpec(
                seed,
                numerics,
                categorySize,
                classes,
                clustersPerClass,
                spread,
                driftEvery,
                labelNoise,
                unlabelled,
                share);
    }

    private static void requireAtLeast(String what, long found, long least) {
        if (found < least) {
            throw new IllegalArgumentException(what + ": " + found + " found, must be at least " + least);
        }
    }

    private static void requireShare(String what, double found) {
        if (!(found >= 0 && found <= 1)) {
            throw new IllegalArgumentException(what + ": " + found + " found, must be from 0 to 1");
        }
    }
}
