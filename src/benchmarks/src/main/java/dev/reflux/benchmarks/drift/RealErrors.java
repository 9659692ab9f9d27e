package dev.reflux.benchmarks.drift;

import dev.reflux.benchmarks.drift.ErrorStream.Change;
import dev.reflux.benchmarks.drift.ErrorStream.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Errors of an online classifier on a real stream. The rows are shuffled, so that the stream's own changes are gone, and half of
 * the features trade places at each change: the learner errs more often, and learns anew.
 */
final class RealErrors {

    private static final int LEARNED_AT_FIRST = 3_000;
    private static final int BETWEEN_CHANGES = 4_000;
    private static final int GRADUAL = 1_000;
    private static final int INCREMENTAL = 1_000;
    private static final int STRETCH = 25;

    private RealErrors() {}

    static ErrorStream of(Table table, Kind kind, long seed) {
        Random random = new Random(seed);
        int[] rows = permutation(table.rows(), table.rows(), random);
        int features = table.features();
        int[] before = identity(features);
        int[] after = before;
        int width =
                switch (kind) {
                    case ABRUPT, NONE -> 0;
                    case GRADUAL -> GRADUAL;
                    case INCREMENTAL -> INCREMENTAL;
                };
        OnlineClassifier classifier = new OnlineClassifier(features, table.classes());
        double[] errors = new double[rows.length];
        List<Change> changes = new ArrayList<>();
        float[] mixed = new float[features];
        boolean changed = true;
        int since = 0;
        for (int i = 0; i < rows.length; i++, since++) {
            boolean begins = kind != Kind.NONE
                    && i >= LEARNED_AT_FIRST
                    && (i - LEARNED_AT_FIRST) % BETWEEN_CHANGES == 0
                    && i + width + Score.TOLERANCE <= rows.length;
            if (begins) {
                changes.add(new Change(i, i + width));
                before = after;
                after = swapped(after, random);
                since = 0;
            }
            double way = changes.isEmpty() || since >= width ? 1 : (double) since / width;
            if (kind == Kind.GRADUAL) {
                if (i % STRETCH == 0 || begins || way == 1) {
                    changed = random.nextDouble() < way;
                }
                way = changed ? 1 : 0;
            }
            float[] row = table.row(rows[i]);
            for (int f = 0; f < features; f++) {
                mixed[f] = (float) ((1 - way) * row[before[f]] + way * row[after[f]]);
            }
            errors[i] = classifier.predictAndLearn(mixed, table.label(rows[i])) ? 0 : 1;
        }
        return new ErrorStream(errors, changes);
    }

    private static int[] identity(int size) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            order[i] = i;
        }
        return order;
    }

    /** The first {@code moved} places of a random order. */
    private static int[] permutation(int size, int moved, Random random) {
        int[] order = identity(size);
        for (int i = 0; i < moved; i++) {
            int other = i + random.nextInt(size - i);
            int chosen = order[other];
            order[other] = order[i];
            order[i] = chosen;
        }
        return order;
    }

    /** Half of the features, drawn at random, each in the place of the next of them. */
    private static int[] swapped(int[] order, Random random) {
        int moved = Math.max(2, order.length / 2);
        int[] places = permutation(order.length, moved, random);
        int[] result = order.clone();
        for (int i = 0; i < moved; i++) {
            result[places[i]] = order[places[(i + 1) % moved]];
        }
        return result;
    }
}
