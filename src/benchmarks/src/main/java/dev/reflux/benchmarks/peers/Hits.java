package dev.reflux.benchmarks.peers;

import java.util.BitSet;

/** Which events a learner predicted right before it learned them. */
final class Hits {

    private final BitSet right = new BitSet();
    private int size;

    void add(boolean hit) {
        right.set(size++, hit);
    }

    int size() {
        return size;
    }

    /** Share of the events predicted right from one (inclusive) to another (exclusive). */
    double accuracy(int from, int to) {
        if (from < 0 || to > size || from >= to) {
            throw new IllegalArgumentException(
                    "events " + from + " to " + to + " found, must be some of the " + size + " predicted");
        }
        return right.get(from, to).cardinality() / (double) (to - from);
    }

    double accuracy() {
        return accuracy(0, size);
    }
}
