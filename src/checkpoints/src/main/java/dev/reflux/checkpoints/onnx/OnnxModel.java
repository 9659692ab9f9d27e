package dev.reflux.checkpoints.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.InputColumn.Tensor;
import dev.reflux.checkpoints.ManifestJson;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Any model that keeps the contract of a published student as far as it is needed to run it: its inputs are raw features,
 * each named as the feature, of its type and shape, with any number of rows; one output is {@code logits} or
 * {@code probabilities}, float {@code [batch, classes]}. It need not describe itself, and may leave features out. A
 * published student is such a model. Any number of threads may use it at once.
 */
public final class OnnxModel implements AutoCloseable {

    private static final long FREE = -1;

    private final List<InputColumn> inputs;
    private final boolean givesLogits;
    private final Scorer scorer;

    /**
     * @param features what there is to feed it with
     * @param classes names, in the order of the output's columns; a student that was published must have the same
     * @throws IllegalArgumentException when ONNX Runtime does not take it, it asks for other inputs, or gives no such output
     */
    public OnnxModel(byte[] model, List<InputColumn> features, List<String> classes) {
        OrtSession session = Scorer.open(model);
        try {
            requireClasses(session.getMetadata().getCustomMetadata(), classes);
            inputs = inputs(session.getInputInfo(), features);
            givesLogits = givesLogits(session.getOutputInfo(), classes.size());
            scorer = new Scorer(session, inputs, classes.size());
        } catch (OrtException e) {
            Scorer.release(session);
            throw new IllegalArgumentException("the model does not say what it takes: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            Scorer.release(session);
            throw e;
        }
    }

    /** The features that it takes, in the order of {@link RawBatch}. */
    public List<InputColumn> inputs() {
        return inputs;
    }

    /** Whether {@link #run} gives logits; else it gives probabilities. */
    public boolean givesLogits() {
        return givesLogits;
    }

    /** Logits, or probabilities where the model has no logits: {@code [rows, classes]} row-major. */
    public float[] run(RawBatch batch) {
        return scorer.run(batch, givesLogits ? OnnxModelBuilder.LOGITS : OnnxModelBuilder.PROBABILITIES);
    }

    /** Releases the native memory; a second call does nothing. */
    @Override
    public void close() {
        scorer.close();
    }

    private static void requireClasses(Map<String, String> metadata, List<String> classes) {
        String named = metadata.get(OnnxModelBuilder.CLASSES_KEY);
        if (named == null || !metadata.containsKey(OnnxModelBuilder.INPUTS_KEY)) {
            return;
        }
        List<String> known = ManifestJson.readNames(named);
        if (!known.equals(classes)) {
            throw new IllegalArgumentException("the model knows the classes " + known + ", expected are " + classes
                    + "; they must be the same, in order");
        }
    }

    private static List<InputColumn> inputs(Map<String, NodeInfo> taken, List<InputColumn> features) {
        List<String> names = features.stream().map(InputColumn::name).toList();
        for (String name : taken.keySet()) {
            if (!names.contains(name)) {
                throw new IllegalArgumentException("the model takes '" + name + "', the features are " + names
                        + "; name each of its inputs as the feature that it takes");
            }
        }
        List<InputColumn> inputs = features.stream()
                .filter(feature -> taken.containsKey(feature.name()))
                .toList();
        inputs.forEach(input -> requireInput(input, taken.get(input.name())));
        return inputs;
    }

    private static void requireInput(InputColumn input, NodeInfo found) {
        long[] shape =
                Scorer.requireType(input.name(), found, Scorer.type(input)).getShape();
        long[] expected = {FREE, 1};
        if (input instanceof Tensor tensor) {
            expected = new long[1 + tensor.shape().size()];
            Arrays.setAll(expected, i -> i == 0 ? FREE : tensor.shape().get(i - 1));
        }
        if (!fits(shape, expected)) {
            throw new IllegalArgumentException("its graph takes '" + input.name() + "' of shape "
                    + Arrays.toString(shape) + ", the feature has " + Arrays.toString(expected)
                    + ", where -1 is any number of rows");
        }
    }

    private static boolean givesLogits(Map<String, NodeInfo> outputs, int classes) {
        boolean logits = outputs.containsKey(OnnxModelBuilder.LOGITS);
        String output = logits ? OnnxModelBuilder.LOGITS : OnnxModelBuilder.PROBABILITIES;
        if (!outputs.containsKey(output)) {
            throw new IllegalArgumentException(
                    "the model gives " + outputs.keySet() + "; name its output logits, or probabilities");
        }
        long[] shape = Scorer.requireType(output, outputs.get(output), OnnxJavaType.FLOAT)
                .getShape();
        if (!fits(shape, new long[] {FREE, classes})) {
            throw new IllegalArgumentException("its output '" + output + "' has the shape " + Arrays.toString(shape)
                    + ", expected is [-1, " + classes + "], one column for each of " + classes + " classes");
        }
        return logits;
    }

    /** Sides that the graph leaves open fit any. */
    private static boolean fits(long[] shape, long[] expected) {
        boolean fits = shape.length == expected.length;
        for (int i = 0; fits && i < shape.length; i++) {
            fits = shape[i] == FREE || shape[i] == expected[i];
        }
        return fits;
    }
}
