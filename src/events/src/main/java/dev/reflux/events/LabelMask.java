package dev.reflux.events;

/**
 * Hides labels from learning, to measure what distillation is worth when labels are few. Whether a label is visible
 * depends on its place in the topic alone, so that every run and every restart hides the same ones.
 *
 * @param share of the labels that stay visible, 0 to 1
 * @param seed other seeds hide other labels
 */
public record LabelMask(double share, long seed) {

    public LabelMask {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "share of visible labels: " + share + " found, must be from 0 (hide all) to 1 (hide none)");
        }
    }

    /** Hides nothing. */
    public static LabelMask none() {
        return new LabelMask(1, 0);
    }

    /** Whether learning may see the label of the event at this place. */
    public boolean visible(int partition, long offset) {
        return SplitMix64.uniform(SplitMix64.mix(SplitMix64.mix(seed, partition), offset)) < share;
    }
}
