package dev.reflux.drift;

import java.io.DataOutput;
import java.io.IOException;

/**
 * Watches one stream of values. Not thread-safe. {@link #add} allocates nothing.
 *
 * <p>A new detector implements this and takes one line in {@link DriftDetectors}.
 */
public interface DriftDetector {

    /** Its name in pipeline files, records and state. */
    String type();

    /**
     * Takes in the next value.
     *
     * @return {@link DriftLevel#DRIFT} for the one value that establishes a change; {@link DriftLevel#WARNING} for as long
     *     as one is likely
     * @throws IllegalArgumentException for NaN and infinities, of which nothing was taken in
     */
    DriftLevel add(double value);

    /** Mean of the values that it holds to be current; NaN before the first. */
    double estimate();

    /** What the last test held against {@link #threshold}; 0 before the first test. */
    double statistic();

    /** Drift is established above it; positive infinity before the first test. */
    double threshold();

    /** Number of values that it holds to be current; right after an alarm, how many ago the change lies. */
    long width();

    /** Forgets all values; the settings stay. */
    void reset();

    /** Writes settings and state, with a version. */
    void write(DataOutput out) throws IOException;
}
