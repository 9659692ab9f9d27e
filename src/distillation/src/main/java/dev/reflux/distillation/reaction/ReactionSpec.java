package dev.reflux.distillation.reaction;

/**
 * What learners do after an alarm, each by itself and all of it optional. All of it follows from the levels in the order of the
 * batches and is part of the state, so that the same stream has the same reactions.
 *
 * @param rateFactor factor on the learning rate for a while; 1 leaves it
 * @param rateBatches for how many batches
 * @param keptMemory share of the replay memory that an alarm leaves, the newest; 1 leaves it all
 * @param alternative how an alternative to the teacher begins when a warning comes
 * @param alternativeRate factor on the alternative's learning rate while it is on trial
 * @param trialBatches batches after the last warning or alarm for which an alternative is kept that has not become the better one
 */
public record ReactionSpec(
        double rateFactor,
        int rateBatches,
        double keptMemory,
        Alternative alternative,
        double alternativeRate,
        int trialBatches) {

    /** Nothing is done. */
    public static final ReactionSpec NONE = new ReactionSpec(1, 0, 1, Alternative.NONE, 1, 1);

    /** How an alternative to the teacher begins. */
    public enum Alternative {
        /** There is none. */
        NONE,
        /** With parameters drawn anew. */
        FRESH,
        /** As a copy of the teacher, without its replay memory. */
        WARM
    }

    public ReactionSpec {
        requireFactor("rateFactor", rateFactor);
        requireFactor("alternativeRate", alternativeRate);
        if (rateBatches < 0) {
            throw new IllegalArgumentException("rateBatches: " + rateBatches + " found, must not be negative");
        }
        if (!(keptMemory >= 0 && keptMemory <= 1)) {
            throw new IllegalArgumentException("keptMemory: " + keptMemory + " found, must be in [0, 1]");
        }
        if (trialBatches < 1) {
            throw new IllegalArgumentException("trialBatches: " + trialBatches + " found, must be at least 1");
        }
    }

    private static void requireFactor(String name, double factor) {
        if (!(factor > 0) || Double.isInfinite(factor)) {
            throw new IllegalArgumentException(name + ": " + factor + " found, must be above 0 and finite");
        }
    }
}
