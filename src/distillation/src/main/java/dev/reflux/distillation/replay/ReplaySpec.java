package dev.reflux.distillation.replay;

/**
 * Which past examples a learner sees again, and how often.
 *
 * @param capacity examples that are remembered; 0 remembers and replays none
 * @param share replayed examples per new one; 0.25 replays one after every fourth
 * @param darkWeight weight of the squared distance to the logits that the learner gave when it first saw the example;
 *     used by {@link Policy#DARK_EXPERIENCE} alone
 * @param relearn what is learned of an example that comes again
 */
public record ReplaySpec(int capacity, double share, Policy policy, double darkWeight, Relearn relearn) {

    /** No replay. */
    public static final ReplaySpec NONE = new ReplaySpec(0, 0, Policy.RESERVOIR, 0);

    /** What is learned of an example that comes again. */
    public enum Relearn {
        /** All that was known of it when it came: its label, and what the teacher said. */
        ALL,
        /** Its label alone; examples without one are not remembered. */
        LABELS
    }

    /** Which examples are remembered. */
    public enum Policy {
        /** A uniform sample of all there were (Vitter 1985): against forgetting what comes back. */
        RESERVOIR,
        /** The last ones: more steps on what holds now. */
        RECENT,
        /**
         * A uniform sample, each with the learner's own logits of then, which it is held to: DER++ (Buzzega et al.,
         * NeurIPS 2020).
         */
        DARK_EXPERIENCE
    }

    /** Everything that was known is learned again. */
    public ReplaySpec(int capacity, double share, Policy policy, double darkWeight) {
        this(capacity, share, policy, darkWeight, Relearn.ALL);
    }

    public ReplaySpec {
        if (capacity < 0) {
            throw new IllegalArgumentException("replay.capacity: " + capacity + " found, must not be negative");
        }
        if (!(share >= 0) || share > 1000) {
            throw new IllegalArgumentException(
                    "replay.share: " + share + " found, must be from 0 to 1000 replayed examples per new one");
        }
        if (!(darkWeight >= 0) || Double.isInfinite(darkWeight)) {
            throw new IllegalArgumentException(
                    "replay.darkWeight: " + darkWeight + " found, must be 0 or above and finite");
        }
    }

    /** Whether anything is ever replayed. */
    public boolean isOn() {
        return capacity > 0 && share > 0;
    }
}
