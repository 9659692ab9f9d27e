package dev.reflux.distillation;

import java.util.List;
import java.util.Map;

/**
 * What the teacher says about one batch. Where it says nothing about an example (an event without the probabilities that
 * an external teacher should have given, or without any feature that the teacher reads), the row of {@code predicted} and {@code softLabels} is NaN.
 *
 * @param batch sequence number of the batch, from 0
 * @param size examples in the batch
 * @param classes number of classes
 * @param predicted {@code [size, classes]}: the teacher's logits before it learned the example; its quality is measured
 *     on these
 * @param softLabels {@code [size, classes]}: the logits that the student learns from; the same array as
 *     {@code predicted}, or what the teacher knew after its own step on the example (hindsight)
 * @param features {@code [size, width]} of each of the teacher's layers that a student's loss asks for, by its name; known
 *     at the same moment as {@code softLabels}
 * @param members {@code [size, classes]} of each member of a committee whose students weigh the members themselves; else
 *     empty
 * @param shift {@code [size, numeric columns + tensor values]}: raw units by which each example is to be moved to become
 *     hard for the teacher; empty where the teacher makes no adversarial examples
 */
public record Lesson(
        long batch,
        int size,
        int classes,
        float[] predicted,
        float[] softLabels,
        Map<String, float[]> features,
        List<float[]> members,
        float[] shift) {

    public Lesson {
        requireLength("predicted", predicted, size * classes);
        requireLength("softLabels", softLabels, size * classes);
        features = Map.copyOf(features);
        members = List.copyOf(members);
        members.forEach(logits -> requireLength("member", logits, size * classes));
    }

    /** Logits alone. */
    public Lesson(long batch, int size, int classes, float[] predicted, float[] softLabels) {
        this(batch, size, classes, predicted, softLabels, Map.of(), List.of(), new float[0]);
    }

    /** The same lesson with other soft labels. */
    public Lesson withSoftLabels(float[] others) {
        return new Lesson(batch, size, classes, predicted, others, features, members, shift);
    }

    /** Whether the teacher says anything about an example. */
    public boolean teaches(int row) {
        return Logits.speak(softLabels, row, classes);
    }

    /** The output of one of the teacher's layers. */
    public float[] features(String layer) {
        float[] found = layer.equals(Outputs.LOGITS) ? softLabels : features.get(layer);
        if (found == null) {
            throw new IllegalArgumentException("layer '" + layer + "' of the teacher found, the lesson holds "
                    + features.keySet() + "; the teacher must be told which layers its students learn from");
        }
        return found;
    }

    private static void requireLength(String what, float[] logits, int expected) {
        if (logits.length != expected) {
            throw new IllegalArgumentException(
                    what + ": " + logits.length + " logits found, size and classes ask for " + expected);
        }
    }
}
