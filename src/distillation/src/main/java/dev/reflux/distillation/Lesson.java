package dev.reflux.distillation;

/**
 * What the teacher says about one batch.
 *
 * @param batch sequence number of the batch, from 0
 * @param size examples in the batch
 * @param classes number of classes
 * @param predicted {@code [size, classes]}: the teacher's logits before it learned the example; its quality is measured
 *     on these
 * @param softLabels {@code [size, classes]}: the logits that the student learns from; the same array as
 *     {@code predicted}, or what the teacher knew after its own step on the example (hindsight)
 */
public record Lesson(long batch, int size, int classes, float[] predicted, float[] softLabels) {

    public Lesson {
        requireLength("predicted", predicted, size * classes);
        requireLength("softLabels", softLabels, size * classes);
    }

    private static void requireLength(String what, float[] logits, int expected) {
        if (logits.length != expected) {
            throw new IllegalArgumentException(
                    what + ": " + logits.length + " logits found, size and classes ask for " + expected);
        }
    }
}
