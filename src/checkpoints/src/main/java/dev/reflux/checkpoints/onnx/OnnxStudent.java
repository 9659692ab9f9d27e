package dev.reflux.checkpoints.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.reflux.checkpoints.CheckpointException;
import dev.reflux.checkpoints.CheckpointException.Problem;
import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.InputColumn.Category;
import dev.reflux.checkpoints.InputColumn.Numeric;
import dev.reflux.checkpoints.InputColumn.Tensor;
import dev.reflux.checkpoints.InputColumn.Text;
import dev.reflux.checkpoints.ManifestJson;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A published student in ONNX Runtime, one thread of computation per call. Any number of threads may score at once;
 * {@link #close} waits for them.
 */
public final class OnnxStudent implements AutoCloseable {

    /** Most values of one row, as many as a feature of a pipeline file may have; it bounds what a call allocates. */
    private static final long MAX_ROW_VALUES = 1 << 24;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final Map<String, String> metadata;
    private final List<InputColumn> inputs;
    private final List<String> classes;
    private final boolean takesTokens;
    private final ConcurrentLinkedQueue<Bindings> idle = new ConcurrentLinkedQueue<>();
    private final ReadWriteLock lifecycle = new ReentrantReadWriteLock();
    private boolean closed;

    /**
     * @throws CheckpointException {@code BAD_MODEL} when ONNX Runtime does not take it, or its metadata does not
     *     describe its inputs and outputs
     */
    public OnnxStudent(byte[] model) {
        OrtSession opened;
        try (OrtSession.SessionOptions options = options()) {
            opened = environment.createSession(model, options);
        } catch (OrtException e) {
            throw bad("ONNX Runtime " + environment.getVersion() + " does not take the model: " + e.getMessage(), e);
        }
        try {
            metadata = Map.copyOf(opened.getMetadata().getCustomMetadata());
            classes = List.copyOf(ManifestJson.readNames(property(OnnxModelBuilder.CLASSES_KEY)));
            inputs = List.copyOf(ManifestJson.readInputs(property(OnnxModelBuilder.INPUTS_KEY)));
            takesTokens = takesTokens(inputs, opened.getInputInfo());
            requireGraph(opened.getInputInfo(), opened.getOutputInfo());
            session = opened;
        } catch (OrtException | RuntimeException e) {
            release(opened);
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
        return run(batch, OnnxModelBuilder.PROBABILITIES);
    }

    /** As {@link #score}, before the softmax. */
    public float[] logits(RawBatch batch) {
        return run(batch, OnnxModelBuilder.LOGITS);
    }

    /** Releases the native memory; a second call does nothing. */
    @Override
    public void close() {
        lifecycle.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                idle.forEach(Bindings::close);
                idle.clear();
                release(session);
            }
        } finally {
            lifecycle.writeLock().unlock();
        }
    }

    /** One thread and no arena: models are small, many, and live long beside others; memory goes back after each call. */
    static OrtSession.SessionOptions options() throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        try {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.setCPUArenaAllocator(false);
            options.setMemoryPatternOptimization(false);
            // what goes wrong comes back as an exception; the runtime would also write it to stderr
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            return options;
        } catch (OrtException e) {
            options.close();
            throw e;
        }
    }

    private float[] run(RawBatch batch, String output) {
        lifecycle.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("this student is closed; score with the one that took its place");
            }
            float[] values = new float[batch.rows() * classes.size()];
            if (batch.rows() == 0) {
                return values;
            }
            Bindings bindings = idle.poll();
            if (bindings == null) {
                bindings = new Bindings(environment, inputs, classes.size(), takesTokens);
            }
            boolean sound = false;
            try {
                bindings.run(session, batch, output, values);
                sound = true;
            } finally {
                if (sound) {
                    idle.add(bindings);
                } else {
                    bindings.close();
                }
            }
            return values;
        } catch (OrtException e) {
            throw new IllegalStateException(
                    "ONNX Runtime could not score " + batch.rows() + " rows: " + e.getMessage(), e);
        } finally {
            lifecycle.readLock().unlock();
        }
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

    private void requireGraph(Map<String, NodeInfo> graphInputs, Map<String, NodeInfo> graphOutputs) {
        Map<String, OnnxJavaType> expected = new LinkedHashMap<>();
        for (InputColumn input : inputs) {
            expected.put(input.name(), input instanceof Text && takesTokens ? OnnxJavaType.INT64 : type(input));
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
        expected.forEach((name, type) -> requireType(name, graphInputs.get(name), type));
        for (String output : List.of(OnnxModelBuilder.PROBABILITIES, OnnxModelBuilder.LOGITS)) {
            NodeInfo found = graphOutputs.get(output);
            long[] shape = requireType(output, found, OnnxJavaType.FLOAT).getShape();
            if (shape.length != 2 || shape[1] != classes.size()) {
                throw new IllegalArgumentException("its output '" + output + "' has the shape " + Arrays.toString(shape)
                        + ", its metadata names " + classes.size() + " classes");
            }
        }
    }

    private static TensorInfo requireType(String name, @Nullable NodeInfo found, OnnxJavaType type) {
        if (found == null || !(found.getInfo() instanceof TensorInfo tensor) || tensor.type != type) {
            throw new IllegalArgumentException(
                    "its graph has for '" + name + "' " + found + ", not a tensor of " + type);
        }
        return tensor;
    }

    private static OnnxJavaType type(InputColumn input) {
        if (input instanceof Numeric || input instanceof Tensor) {
            return OnnxJavaType.FLOAT;
        }
        return input instanceof Category category && category.takesCodes() ? OnnxJavaType.INT64 : OnnxJavaType.STRING;
    }

    private static void release(OrtSession session) {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime could not release a session: " + e.getMessage(), e);
        }
    }

    private static CheckpointException bad(String message, Exception cause) {
        return new CheckpointException(Problem.BAD_MODEL, message, cause);
    }
}
