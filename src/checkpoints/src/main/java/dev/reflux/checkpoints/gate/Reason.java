package dev.reflux.checkpoints.gate;

import java.util.Locale;

/**
 * One reason of a decision.
 *
 * @param code what kind, to count by
 * @param text with the figures, for people
 */
public record Reason(Code code, String text) {

    /** Kinds of reasons; the upper ones let a student pass, the lower ones hold it. */
    public enum Code {
        /** Nothing was published before it. */
        FIRST,
        /** As good as the published student when that was published, within what is allowed. */
        AS_GOOD,
        /** Worse than the published student was then, but better than it is now, on the same events. */
        BETTER_NOW,
        /** Worse than the published student was then, but so often held that the stream must have got harder. */
        FORCED,
        /** Worse than the published student was then, but that was before a drift, which it has had time to learn. */
        AFTER_DRIFT,
        /** An older student was published again by hand. */
        ROLLBACK,
        TOO_FEW_EVENTS,
        DRIFT_LEVEL,
        ACCURACY_FELL,
        LOG_LOSS_ROSE,
        CALIBRATION_ERROR_ROSE,
        /** Worse than the published student is now, on the same events. */
        WORSE_NOW,
        /** The exported model does not give what the live student gives. */
        NOT_VERIFIED,
        /** With fewer bits the model is worse than is allowed. */
        PRECISION_LOSS;

        /** Lower case with hyphens, as records and metrics have it. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
