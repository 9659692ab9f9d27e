package dev.reflux.benchmarks.drift;

import java.util.List;

/**
 * Errors of a classifier, 1 or 0, and where they change.
 *
 * @param changes in the order of the stream
 */
record ErrorStream(double[] errors, List<Change> changes) {

    /**
     * A change of the stream that a detector shall find.
     *
     * @param start the first event that is of the new concept
     * @param end the first event from which on all are; {@code start} for an abrupt change
     */
    record Change(int start, int end) {}

    /** How a stream changes. */
    enum Kind {
        /** From one event to the next. */
        ABRUPT,
        /** Stretches of the old and the new concept take turns, the new ones more and more often. */
        GRADUAL,
        /** Step by step through what lies between. */
        INCREMENTAL,
        NONE
    }
}
