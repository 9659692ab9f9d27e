package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * What is kept of the values of one quantity in one window, in bounded memory. Parts that were gathered apart are merged into
 * one of the whole; the same values in the same order give the same bits. Not thread-safe.
 */
public sealed interface Distribution
        permits NumericDistribution, CategoryDistribution, CalibrationDistribution, EmbeddingDistribution {

    /** Values taken in, missing ones included. */
    long count();

    /** One number on the window, such as its mean; NaN where it has none. */
    double estimate();

    /**
     * Takes in what another one of the same kind and settings has seen; the other stays as it is.
     *
     * @throws IllegalArgumentException when it is of another kind or other settings
     */
    void merge(Distribution other);

    /** Forgets all values. */
    void clear();

    /** Writes settings and state, with a version. */
    void write(DataOutput out) throws IOException;

    /** Whether two are of one kind and settings, so that one can go on where the other was. */
    static boolean isComparable(Distribution one, Distribution other) {
        if (one instanceof CategoryDistribution codes && other instanceof CategoryDistribution others) {
            return codes.size() == others.size();
        }
        if (one instanceof EmbeddingDistribution vectors && other instanceof EmbeddingDistribution others) {
            return vectors.hasSettingsOf(others);
        }
        return one.getClass() == other.getClass();
    }

    /** @throws IllegalArgumentException unless {@code other} is of the type */
    static <D extends Distribution> D sameKind(Class<D> type, Distribution other) {
        if (!type.isInstance(other)) {
            throw new IllegalArgumentException("a " + other.getClass().getSimpleName() + " found beside a "
                    + type.getSimpleName() + "; only the same kind can be held against each other");
        }
        return type.cast(other);
    }

    /** The kinds of distributions, by the byte that stands for them in states. */
    enum Kind {
        NUMERIC,
        CATEGORY,
        CALIBRATION,
        EMBEDDING;

        static Kind of(Distribution distribution) {
            if (distribution instanceof NumericDistribution) {
                return NUMERIC;
            }
            if (distribution instanceof CategoryDistribution) {
                return CATEGORY;
            }
            return distribution instanceof CalibrationDistribution ? CALIBRATION : EMBEDDING;
        }

        Distribution read(DataInput in) throws IOException {
            return switch (this) {
                case NUMERIC -> NumericDistribution.read(in);
                case CATEGORY -> CategoryDistribution.read(in);
                case CALIBRATION -> CalibrationDistribution.read(in);
                case EMBEDDING -> EmbeddingDistribution.read(in);
            };
        }
    }
}
