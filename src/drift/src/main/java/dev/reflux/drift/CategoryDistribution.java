package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Codes of a known set, counted. Sets of more than {@value #MAX_CELLS} codes share that many cells, by a hash: a change between
 * codes of one cell is not seen.
 */
public final class CategoryDistribution implements Distribution {

    static final int MAX_CELLS = 256;
    private static final int VERSION = 1;

    private final int size;
    /** One count per cell, and last that of missing and unknown values. */
    private final long[] counts;

    private long count;

    /** @param size number of codes, at least 1 */
    public CategoryDistribution(int size) {
        this.size = Checks.atLeast(1, "size", size);
        this.counts = new long[Math.min(size, MAX_CELLS) + 1];
    }

    /** Number of codes. */
    public int size() {
        return size;
    }

    /**
     * Takes in a code; a negative one is missing or unknown.
     *
     * @throws IllegalArgumentException for a code of {@code size} or above
     */
    public void add(int code) {
        if (code >= size) {
            throw new IllegalArgumentException("code: " + code + " found, must be below the size, " + size);
        }
        counts[cell(code)]++;
        count++;
    }

    private int cell(int code) {
        if (code < 0) {
            return counts.length - 1;
        }
        return size <= MAX_CELLS ? code : new SplitMix64(code).below(MAX_CELLS);
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public double estimate() {
        return Double.NaN;
    }

    /** Counts of this distribution and another in common cells; the rare ones are one cell, empty ones are left out. */
    long[][] cells(CategoryDistribution other) {
        requireSameSize(other);
        return Cells.withRarePooled(new long[][] {counts, other.counts});
    }

    @Override
    public void merge(Distribution other) {
        CategoryDistribution codes = Distribution.sameKind(CategoryDistribution.class, other);
        requireSameSize(codes);
        for (int cell = 0; cell < counts.length; cell++) {
            counts[cell] += codes.counts[cell];
        }
        count += codes.count;
    }

    private void requireSameSize(CategoryDistribution other) {
        if (other.size != size) {
            throw new IllegalArgumentException(
                    "size: " + size + " and " + other.size + " found, codes must be of one set to be compared");
        }
    }

    @Override
    public void clear() {
        Arrays.fill(counts, 0);
        count = 0;
    }

    @Override
    public void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        out.writeInt(size);
        for (long cell : counts) {
            out.writeLong(cell);
        }
    }

    /** @throws IOException also when the state is of a newer version or makes no sense */
    public static CategoryDistribution read(DataInput in) throws IOException {
        return States.read("category distribution", VERSION, in, version -> {
            CategoryDistribution codes = new CategoryDistribution(in.readInt());
            for (int cell = 0; cell < codes.counts.length; cell++) {
                codes.counts[cell] = in.readLong();
                codes.count += codes.counts[cell];
            }
            return codes;
        });
    }
}
