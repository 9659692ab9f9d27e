package dev.reflux.benchmarks.drift;

import dev.reflux.benchmarks.drift.ErrorStream.Change;
import dev.reflux.benchmarks.drift.ErrorStream.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Errors of a learner that errs at one rate, more often after each change, and after a while as before, since it has learned. */
final class GeneratedErrors {

    private static final double USUAL = 0.2;
    private static final double CHANGED = 0.4;
    private static final int EVENTS = 100_000;
    private static final int BETWEEN_CHANGES = 10_000;
    private static final int UNTIL_LEARNED = 5_000;
    private static final int GRADUAL = 2_000;
    private static final int INCREMENTAL = 4_000;
    private static final int STRETCH = 50;

    private GeneratedErrors() {}

    static ErrorStream of(Kind kind, long seed) {
        Random random = new Random(seed);
        double[] errors = new double[EVENTS];
        List<Change> changes = new ArrayList<>();
        int width =
                switch (kind) {
                    case ABRUPT, NONE -> 0;
                    case GRADUAL -> GRADUAL;
                    case INCREMENTAL -> INCREMENTAL;
                };
        boolean changed = false;
        for (int i = 0; i < EVENTS; i++) {
            int since = i % BETWEEN_CHANGES;
            boolean after = kind != Kind.NONE && i >= BETWEEN_CHANGES && since < UNTIL_LEARNED;
            if (after && since == 0) {
                changes.add(new Change(i, i + width));
            }
            double way = !after ? 0 : since >= width ? 1 : (double) since / width;
            if (kind == Kind.GRADUAL && i % STRETCH == 0) {
                changed = random.nextDouble() < way;
            }
            double share = kind == Kind.GRADUAL ? (changed ? 1 : 0) : way;
            errors[i] = random.nextDouble() < USUAL + share * (CHANGED - USUAL) ? 1 : 0;
        }
        return new ErrorStream(errors, changes);
    }
}
