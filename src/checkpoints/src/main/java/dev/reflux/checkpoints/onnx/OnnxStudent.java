package dev.reflux.checkpoints.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.reflux.checkpoints.CheckpointException;
import dev.reflux.checkpoints.CheckpointException.Problem;
import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.InputColumn.Tensor;
import dev.reflux.checkpoints.InputColumn.Text;
import dev.reflux.checkpoints.ManifestJson;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A published student in ONNX Runtime, one thread of computation per call. Any number of threads may score at once;
 * {@link #close} waits for them.
 */
public final class OnnxStudent implements AutoCloseable {

    /** Most values of one row, as many as a feature of a pipeline file may have; it bounds what a call allocates. */
    private static final long MAX_ROW_VALUES = 1 << 24;

    private final Map<String, String> metadata;
    private final List<InputColumn> inputs;
    private final List<String> classes;
    private final Scorer scorer;

    /**
     * @throws CheckpointException {@code BAD_MODEL} when ONNX Runtime does not take it, or its metadata does not
     *     describe its inputs and outputs
     */
    public OnnxStudent(byte[] model) {
        OrtSession opened;
        try {
            opened = Scorer.open(model);
        } catch (IllegalArgumentException e) {
            throw bad(String.valueOf(e.getMessage()), e);
        }
        try {
            metadata = Map.copyOf(opened.getMetadata().getCustomMetadata());
            classes = List.copyOf(ManifestJson.readNames(property(OnnxModelBuilder.CLASSES_KEY)));
            inputs = List.copyOf(ManifestJson.readInputs(property(OnnxModelBuilder.INPUTS_KEY)));
            boolean takesTokens = takesTokens(inputs, opened.getInputInfo());
            requireGraph(opened.getInputInfo(), opened.getOutputInfo(), takesTokens);
            scorer = new Scorer(opened, inputs, classes.size(), takesTokens);
        } catch (OrtException | RuntimeException e) {
            Scorer.release(opened);
            throw bad("the model does not describe itself as a student: " + e.getMessage(), e);
        }
    }

    /** The raw features it takes, in the order of {@link RawBatch}. */
    public List<InputColumn> inputs() {
        return inputs;
    }

    /** Names of the columns of the probabilities. */
    public List<String> classes() {
        return classes;
    }

    /** Properties of the model, such as pipeline, student and step. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * @return probabilities {@code [rows, classes]} row-major
     * @throws IllegalArgumentException when the batch's columns are not those of {@link #inputs}
     * @throws IllegalStateException when the student is closed
     */
    public float[] score(RawBatch batch) {
        return scorer.run(batch, OnnxModelBuilder.PROBABILITIES);
    }

    /** As {@link #score}, before the softmax. */
    public float[] logits(RawBatch batch) {
        return scorer.run(batch, OnnxModelBuilder.LOGITS);
    }

    /** Releases the native memory; a second call does nothing. */
    @Override
    public void close() {
        scorer.close();
    }

    /** A graph of {@link OnnxModelBuilder.TextInput#BUCKETS}: no published one, but one to measure with. */
    private static boolean takesTokens(List<InputColumn> inputs, Map<String, NodeInfo> graphInputs) {
        return inputs.stream()
                .filter(Text.class::isInstance)
                .map(input -> graphInputs.get(input.name()))
                .anyMatch(found -> found != null
                        && found.getInfo() instanceof TensorInfo tensor
                        && tensor.type == OnnxJavaType.INT64);
    }

    private String property(String key) {
        String value = metadata.get(key);
        if (value == null) {
            throw new IllegalArgumentException("the metadata property '" + key + "' is missing");
        }
        return value;
    }

    private void requireGraph(
            Map<String, NodeInfo> graphInputs, Map<String, NodeInfo> graphOutputs, boolean takesTokens) {
        Map<String, OnnxJavaType> expected = new LinkedHashMap<>();
        for (InputColumn input : inputs) {
            expected.put(input.name(), input instanceof Text && takesTokens ? OnnxJavaType.INT64 : Scorer.type(input));
        }
        if (expected.size() != inputs.size() || !expected.keySet().equals(graphInputs.keySet())) {
            throw new IllegalArgumentException("its graph takes " + graphInputs.keySet() + ", its metadata names "
                    + inputs.stream().map(InputColumn::name).toList());
        }
        long values = 0;
        for (InputColumn input : inputs) {
            values += input instanceof Tensor tensor ? tensor.volume() : 1;
        }
        if (values + classes.size() > MAX_ROW_VALUES) {
            throw new IllegalArgumentException("a row of it has " + values + " values and " + classes.size()
                    + " classes, " + MAX_ROW_VALUES + " are allowed");
        }
        expected.forEach((name, type) -> Scorer.requireType(name, graphInputs.get(name), type));
        for (String output : List.of(OnnxModelBuilder.PROBABILITIES, OnnxModelBuilder.LOGITS)) {
            NodeInfo found = graphOutputs.get(output);
            long[] shape = Scorer.requireType(output, found, OnnxJavaType.FLOAT).getShape();
            if (shape.length != 2 || shape[1] != classes.size()) {
                throw new IllegalArgumentException("its output '" + output + "' has the shape " + Arrays.toString(shape)
                        + ", its metadata names " + classes.size() + " classes");
            }
        }
    }

    private static CheckpointException bad(String message, Exception cause) {
        return new CheckpointException(Problem.BAD_MODEL, message, cause);
    }
}
