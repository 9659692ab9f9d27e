package dev.reflux.benchmarks.peers;

import java.util.OptionalInt;

/**
 * What an abrupt change does to a learner.
 *
 * @param before accuracy on the last {@value #REFERENCE} events before it
 * @param events after it until the accuracy on {@value #WINDOW} events, all of them after the change, is no more than
 *     {@value #TOLERANCE} below that; empty when the stream ends first
 * @param after accuracy on all events after it
 */
record Recovery(double before, OptionalInt events, double after) {

    static final int REFERENCE = 2_000;
    static final int WINDOW = 500;
    static final double TOLERANCE = 0.01;

    /** @param at events before the change */
    static Recovery of(Hits hits, int at) {
        double before = hits.accuracy(Math.max(0, at - REFERENCE), at);
        OptionalInt events = OptionalInt.empty();
        for (int end = at + WINDOW; events.isEmpty() && end <= hits.size(); end++) {
            if (hits.accuracy(end - WINDOW, end) >= before - TOLERANCE) {
                events = OptionalInt.of(end - at);
            }
        }
        return new Recovery(before, events, hits.accuracy(at, hits.size()));
    }
}
