package dev.reflux.checkpoints.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.InputColumn.Category;
import dev.reflux.checkpoints.InputColumn.Numeric;
import dev.reflux.checkpoints.InputColumn.Tensor;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A session of ONNX Runtime, one thread of computation per call. Any number of threads may run it at once; {@link #close}
 * waits for them. Owns the session.
 */
final class Scorer implements AutoCloseable {

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final List<InputColumn> inputs;
    private final int classes;
    private final boolean takesTokens;
    private final ConcurrentLinkedQueue<Bindings> idle = new ConcurrentLinkedQueue<>();
    private final ReadWriteLock lifecycle = new ReentrantReadWriteLock();
    private boolean closed;

    /** @param inputs what the session's graph takes, of the types and shapes that columns have */
    Scorer(OrtSession session, List<InputColumn> inputs, int classes) {
        this(session, inputs, classes, false);
    }

    /** @param takesTokens whether the graph takes hash buckets in place of texts */
    Scorer(OrtSession session, List<InputColumn> inputs, int classes, boolean takesTokens) {
        this.session = session;
        this.inputs = inputs;
        this.classes = classes;
        this.takesTokens = takesTokens;
    }

    /**
     * Opens a model.
     *
     * @throws IllegalArgumentException when ONNX Runtime does not take it
     */
    static OrtSession open(byte[] model) {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = options()) {
            return environment.createSession(model, options);
        } catch (OrtException e) {
            throw new IllegalArgumentException(
                    "ONNX Runtime " + environment.getVersion() + " does not take the model: " + e.getMessage(), e);
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

    static void release(OrtSession session) {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime could not release a session: " + e.getMessage(), e);
        }
    }

    /** The type of the graph's input for a column. */
    static OnnxJavaType type(InputColumn input) {
        if (input instanceof Numeric || input instanceof Tensor) {
            return OnnxJavaType.FLOAT;
        }
        return input instanceof Category category && category.takesCodes() ? OnnxJavaType.INT64 : OnnxJavaType.STRING;
    }

    /** @throws IllegalArgumentException when an input or output is not there or is no tensor of the type */
    static TensorInfo requireType(String name, @Nullable NodeInfo found, OnnxJavaType type) {
        if (found == null || !(found.getInfo() instanceof TensorInfo tensor) || tensor.type != type) {
            throw new IllegalArgumentException(
                    "its graph has for '" + name + "' " + found + ", not a tensor of " + type);
        }
        return tensor;
    }

    /** Values {@code [rows, classes]} of an output, row-major. */
    float[] run(RawBatch batch, String output) {
        lifecycle.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("this model is closed; score with the one that took its place");
            }
            float[] values = new float[batch.rows() * classes];
            if (batch.rows() == 0) {
                return values;
            }
            Bindings bindings = idle.poll();
            if (bindings == null) {
                bindings = new Bindings(environment, inputs, classes, takesTokens);
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
}
