package dev.reflux.distillation;

import dev.reflux.distillation.network.FeatureLayer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a network gives for a batch: its logits and, where they were asked for, the outputs of some of its layers. The
 * same shape holds the gradient of a loss with respect to them. Arrays are batch-wide and row-major, and are shared, not
 * copied.
 */
public final class Outputs {

    /** Name under which the logits can be asked for as if they were a layer. */
    public static final String LOGITS = "logits";

    private static final float[][] NONE = {};

    private final int classes;
    private final float[] logits;
    private final List<FeatureLayer> layers;
    private final float[][] features;

    /** Zeros for {@code size} rows. */
    public Outputs(int size, int classes, List<FeatureLayer> layers) {
        this.classes = classes;
        this.logits = new float[size * classes];
        this.layers = List.copyOf(layers);
        this.features = new float[layers.size()][];
        for (int i = 0; i < features.length; i++) {
            features[i] = new float[Math.multiplyExact(size, layers.get(i).width())];
        }
    }

    private Outputs(float[] logits, int classes) {
        this.classes = classes;
        this.logits = logits;
        this.layers = List.of();
        this.features = NONE;
    }

    /** Logits alone, {@code [size, classes]}. */
    public static Outputs ofLogits(float[] logits, int classes) {
        return new Outputs(logits, classes);
    }

    /** Rows that there is room for. */
    public int size() {
        return logits.length / classes;
    }

    public int classes() {
        return classes;
    }

    /** {@code [size, classes]}. */
    public float[] logits() {
        return logits;
    }

    /** The layers that are held beside the logits. */
    public List<FeatureLayer> layers() {
        return layers;
    }

    /** {@code [size, width]} of the layer at an index of {@link #layers()}. */
    public float[] features(int index) {
        return features[index];
    }

    /**
     * {@code [size, width]} of a layer, or the logits under the name {@value #LOGITS}.
     *
     * @throws IllegalArgumentException for a layer that is not held
     */
    public float[] features(String layer) {
        if (layer.equals(LOGITS)) {
            return logits;
        }
        for (int i = 0; i < features.length; i++) {
            if (layers.get(i).name().equals(layer)) {
                return features[i];
            }
        }
        throw new IllegalArgumentException("layer '" + layer + "' found, these outputs hold "
                + layers.stream().map(FeatureLayer::name).collect(Collectors.joining(", ", LOGITS + ", ", ""))
                + "; name it when the model is made");
    }

    /** Sets rows {@code from} to {@code to} of everything to zero. */
    public void clear(int from, int to) {
        Arrays.fill(logits, from * classes, to * classes, 0);
        for (int i = 0; i < features.length; i++) {
            int width = layers.get(i).width();
            Arrays.fill(features[i], from * width, to * width, 0);
        }
    }
}
