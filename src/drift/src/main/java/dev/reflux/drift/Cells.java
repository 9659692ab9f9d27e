package dev.reflux.drift;

import java.util.stream.IntStream;

/** Counts of two samples in common cells. */
final class Cells {

    /** Below so many values in both samples together, the chi-square approximation of a cell is poor. */
    private static final long RARE = 10;

    private Cells() {}

    /** The cells with all rare ones as one, without such as are empty in both. */
    static long[][] withRarePooled(long[][] counts) {
        long[][] pooled = {new long[counts[0].length + 1], new long[counts[1].length + 1]};
        int last = counts[0].length;
        for (int i = 0; i < last; i++) {
            int cell = counts[0][i] + counts[1][i] < RARE ? last : i;
            pooled[0][cell] += counts[0][i];
            pooled[1][cell] += counts[1][i];
        }
        int[] used = IntStream.rangeClosed(0, last)
                .filter(i -> pooled[0][i] + pooled[1][i] > 0)
                .toArray();
        return new long[][] {pick(pooled[0], used), pick(pooled[1], used)};
    }

    private static long[] pick(long[] counts, int[] cells) {
        return IntStream.of(cells).mapToLong(cell -> counts[cell]).toArray();
    }
}
