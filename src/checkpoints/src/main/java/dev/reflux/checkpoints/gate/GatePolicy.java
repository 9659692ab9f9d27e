package dev.reflux.checkpoints.gate;

/**
 * When a student is due for publication, and what keeps it back.
 *
 * @param everyBatches batches between two attempts, at least 1
 * @param minEvents events a student must have seen
 * @param maxRegression how much lower than the last published student's its window accuracy may be, in 0..1; 1 switches
 *     the check off
 * @param hold drift level from which nothing is published
 * @param forceAfterHolds after so many attempts in a row held for regression alone, the next one is published: a stream
 *     that got harder for good would otherwise never see a student again; 0 = never
 */
public record GatePolicy(long everyBatches, long minEvents, double maxRegression, Hold hold, int forceAfterHolds) {

    /** During which drift levels publication rests. */
    public enum Hold {
        NEVER,
        DURING_DRIFT,
        DURING_WARNING_AND_DRIFT
    }

    public GatePolicy {
        if (everyBatches < 1) {
            throw new IllegalArgumentException(
                    "everyBatches is " + everyBatches + "; an attempt needs at least one batch: use 1 or more");
        }
        if (minEvents < 0) {
            throw new IllegalArgumentException("minEvents is " + minEvents + "; use 0 or more");
        }
        if (!(maxRegression >= 0 && maxRegression <= 1)) {
            throw new IllegalArgumentException(
                    "maxRegression is " + maxRegression + "; it is a difference of accuracies: use 0 to 1");
        }
        if (forceAfterHolds < 0) {
            throw new IllegalArgumentException(
                    "forceAfterHolds is " + forceAfterHolds + "; use 0 for never, or 1 or more");
        }
    }

    /** Publishes every so many batches whatever verifies. */
    public static GatePolicy every(long batches) {
        return new GatePolicy(batches, 0, 1, Hold.NEVER, 0);
    }

    boolean holds(DriftLevel level) {
        return switch (hold) {
            case NEVER -> false;
            case DURING_DRIFT -> level == DriftLevel.DRIFT;
            case DURING_WARNING_AND_DRIFT -> level != DriftLevel.NONE;
        };
    }
}
