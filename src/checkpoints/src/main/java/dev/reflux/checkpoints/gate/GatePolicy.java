package dev.reflux.checkpoints.gate;

/**
 * When a student is due for publication, and what keeps it back.
 *
 * @param everyBatches batches between two offers, at least 1
 * @param minEvents events a student must have seen
 * @param maxRegression how much lower than the published student's its accuracy may be, in 0..1; 1 switches the check off
 * @param maxLogLossRise how much higher than the published student's its log loss may be, in nats; infinity switches the
 *     check off
 * @param maxCalibrationRise how much higher than the published student's its calibration error may be, in 0..1; 1 switches
 *     the check off
 * @param hold drift level from which nothing is published
 * @param settleEvents events without such a level before publication goes on
 * @param forceAfterHolds after so many offers in a row held for regression alone, the next one is published if it is no
 *     worse than the published student now and better than chance; 0 = never
 * @param offerAfterDrift batches after a drift level at which the student is offered out of turn and published if it is no worse
 *     than the published student now and better than chance; 0 = never
 * @param comparedBatches batches before each offer in which the published student is measured beside this one, at least 1
 */
public record GatePolicy(
        long everyBatches,
        long minEvents,
        double maxRegression,
        double maxLogLossRise,
        double maxCalibrationRise,
        Hold hold,
        long settleEvents,
        int forceAfterHolds,
        int offerAfterDrift,
        long comparedBatches) {

    /** During which drift levels publication rests. */
    public enum Hold {
        NEVER,
        DRIFT,
        WARNING
    }

    public GatePolicy {
        if (everyBatches < 1 || comparedBatches < 1) {
            throw new IllegalArgumentException("everyBatches is " + everyBatches + ", comparedBatches "
                    + comparedBatches + "; an offer needs at least one batch: use 1 or more");
        }
        if (minEvents < 0 || settleEvents < 0) {
            throw new IllegalArgumentException(
                    "minEvents is " + minEvents + ", settleEvents " + settleEvents + "; use 0 or more");
        }
        if (!(maxRegression >= 0 && maxRegression <= 1) || !(maxCalibrationRise >= 0 && maxCalibrationRise <= 1)) {
            throw new IllegalArgumentException("maxRegression is " + maxRegression + ", maxCalibrationRise "
                    + maxCalibrationRise + "; they are differences of shares: use 0 to 1");
        }
        if (!(maxLogLossRise >= 0)) {
            throw new IllegalArgumentException("maxLogLossRise is " + maxLogLossRise + "; use 0 or more");
        }
        if (forceAfterHolds < 0 || offerAfterDrift < 0) {
            throw new IllegalArgumentException("forceAfterHolds is " + forceAfterHolds + ", offerAfterDrift "
                    + offerAfterDrift + "; use 0 for never, or 1 or more");
        }
    }

    /** Publishes every so many batches whatever verifies. */
    public static GatePolicy every(long batches) {
        return new GatePolicy(batches, 0, 1, Double.POSITIVE_INFINITY, 1, Hold.NEVER, 0, 0, 0, 1);
    }

    boolean holds(DriftLevel level) {
        return switch (hold) {
            case NEVER -> false;
            case DRIFT -> level == DriftLevel.DRIFT;
            case WARNING -> level != DriftLevel.NONE;
        };
    }
}
