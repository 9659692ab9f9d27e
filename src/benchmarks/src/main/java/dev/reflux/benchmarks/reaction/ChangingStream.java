package dev.reflux.benchmarks.reaction;

import dev.reflux.benchmarks.drift.Table;
import dev.reflux.distillation.Examples;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/**
 * Rows of numbers with labels, in the order in which they come.
 *
 * @param changes events at which changes were put in; none where the stream's own are to be found
 */
record ChangingStream(String name, float[] values, int[] labels, int features, int classes, List<Integer> changes) {

    private static final int LEARNED_AT_FIRST = 10_000;

    /** Far enough from each other that the events after a change are over before the next. */
    private static final int BETWEEN_CHANGES = 8_000;

    /** The stream as it is. */
    static ChangingStream asItIs(String name, Table table, int limit) {
        int[] rows = new int[Math.min(limit, table.rows())];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = i;
        }
        return of(name, table, rows, List.of(), 0);
    }

    /**
     * The stream's rows in a random order, so that its own changes are gone, with half of the features trading places at each
     * change.
     */
    static ChangingStream withChanges(String name, Table table, int limit, long seed) {
        Random random = new Random(seed);
        int[] rows = new int[table.rows()];
        for (int i = 0; i < rows.length; i++) {
            int other = random.nextInt(i + 1);
            rows[i] = rows[other];
            rows[other] = i;
        }
        rows = Arrays.copyOf(rows, Math.min(limit, rows.length));
        List<Integer> changes = new ArrayList<>();
        for (int event = LEARNED_AT_FIRST; event + BETWEEN_CHANGES <= rows.length; event += BETWEEN_CHANGES) {
            changes.add(event);
        }
        return of(name, table, rows, changes, seed);
    }

    private static ChangingStream of(String name, Table table, int[] rows, List<Integer> changes, long seed) {
        Random random = new Random(seed);
        int features = table.features();
        float[] values = new float[rows.length * features];
        int[] labels = new int[rows.length];
        int[] places = new int[features];
        for (int f = 0; f < features; f++) {
            places[f] = f;
        }
        for (int i = 0; i < rows.length; i++) {
            if (changes.contains(i)) {
                trade(places, random);
            }
            float[] row = table.row(rows[i]);
            for (int f = 0; f < features; f++) {
                values[i * features + f] = row[places[f]];
            }
            labels[i] = table.label(rows[i]);
        }
        return new ChangingStream(name, values, labels, features, table.classes(), changes);
    }

    /** Half of the places, drawn at random, each to that of the next of them. */
    private static void trade(int[] places, Random random) {
        int moved = Math.max(2, places.length / 2);
        int[] order = random.ints(0, places.length).distinct().limit(moved).toArray();
        int first = places[order[0]];
        for (int i = 0; i < moved - 1; i++) {
            places[order[i]] = places[order[i + 1]];
        }
        places[order[moved - 1]] = first;
    }

    int events() {
        return labels.length;
    }

    /**
     * Some of the events.
     *
     * @param visible events whose label learning may see
     */
    Examples batch(int from, int to, BitSet visible) {
        Examples all = Examples.ofNumeric(
                Arrays.copyOfRange(values, from * features, to * features), Arrays.copyOfRange(labels, from, to));
        int[] seen = new int[to - from];
        for (int row = 0; row < seen.length; row++) {
            seen[row] = visible.get(from + row) ? labels[from + row] : Examples.UNLABELLED;
        }
        return new Examples(
                all.layout(),
                all.size(),
                all.numeric(),
                all.categories(),
                all.tokenOffsets(),
                all.tokens(),
                all.tensors(),
                IntBuffer.wrap(seen),
                all.truth());
    }

    /** A share of the events, drawn at random, the same each time. */
    BitSet visible(double share) {
        Random random = new Random(7);
        BitSet visible = new BitSet();
        for (int i = 0; i < labels.length; i++) {
            visible.set(i, random.nextDouble() < share);
        }
        return visible;
    }
}
