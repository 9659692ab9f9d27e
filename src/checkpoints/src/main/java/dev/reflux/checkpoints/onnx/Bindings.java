package dev.reflux.checkpoints.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.InputColumn.Category;
import dev.reflux.checkpoints.InputColumn.Numeric;
import dev.reflux.checkpoints.InputColumn.Tensor;
import dev.reflux.checkpoints.InputColumn.Text;
import dev.reflux.checkpoints.onnx.RawBatch.Codes;
import dev.reflux.checkpoints.onnx.RawBatch.Words;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Direct buffers for one caller's inputs and output, and the native tensors over them. They are kept from call to call
 * and made anew only when the number of rows changes; strings cannot be and are made for each call.
 */
final class Bindings implements AutoCloseable {

    private final OrtEnvironment environment;
    private final List<InputColumn> columns;
    private final int classes;
    private final boolean takesTokens;
    private final int numericColumns;
    private final List<OnnxTensor> kept = new ArrayList<>();
    private final Map<String, OnnxTensor> fed = new HashMap<>();
    private final List<FloatBuffer> numerics = new ArrayList<>();
    private final List<LongBuffer> codes = new ArrayList<>();
    private final List<FloatBuffer> tensors = new ArrayList<>();
    private FloatBuffer outputBuffer = FloatBuffer.allocate(0);
    private Map<String, OnnxTensor> probabilities = Map.of();
    private Map<String, OnnxTensor> logits = Map.of();
    private int rows;

    /** @param takesTokens whether the graph takes hash buckets in place of texts */
    Bindings(OrtEnvironment environment, List<InputColumn> columns, int classes, boolean takesTokens) {
        this.takesTokens = takesTokens;
        this.environment = environment;
        this.columns = columns;
        this.classes = classes;
        this.numericColumns =
                (int) columns.stream().filter(Numeric.class::isInstance).count();
    }

    /** Writes {@code [rows, classes]} values of the output into {@code into}. */
    void run(OrtSession session, RawBatch batch, String output, float[] into) throws OrtException {
        requireShape(batch);
        resize(batch.rows());
        fill(batch);
        List<StringTensors> strings = new ArrayList<>();
        List<OnnxTensor> tokens = new ArrayList<>();
        try {
            feedStrings(batch, strings);
            feedTokens(batch, tokens);
            Map<String, OnnxTensor> target = output.equals(OnnxModelBuilder.LOGITS) ? logits : probabilities;
            session.run(fed, target).close();
            outputBuffer.get(0, into, 0, into.length);
        } finally {
            tokens.forEach(OnnxTensor::close);
            for (StringTensors tensor : strings) {
                tensor.close();
            }
        }
    }

    @Override
    public void close() {
        kept.forEach(OnnxTensor::close);
        kept.clear();
        fed.clear();
        numerics.clear();
        codes.clear();
        tensors.clear();
        rows = 0;
    }

    private void resize(int newRows) throws OrtException {
        if (rows == newRows) {
            return;
        }
        close();
        for (InputColumn column : columns) {
            if (column instanceof Numeric) {
                FloatBuffer buffer = floats(newRows);
                numerics.add(buffer);
                feed(column.name(), OnnxTensor.createTensor(environment, buffer, new long[] {newRows, 1}));
            } else if (column instanceof Category category && category.takesCodes()) {
                LongBuffer buffer = direct(newRows, Long.BYTES).asLongBuffer();
                codes.add(buffer);
                feed(column.name(), OnnxTensor.createTensor(environment, buffer, new long[] {newRows, 1}));
            } else if (column instanceof Tensor tensor) {
                long[] shape = new long[tensor.shape().size() + 1];
                shape[0] = newRows;
                for (int i = 1; i < shape.length; i++) {
                    shape[i] = tensor.shape().get(i - 1);
                }
                FloatBuffer buffer = floats(Math.multiplyExact(newRows, tensor.volume()));
                tensors.add(buffer);
                feed(column.name(), OnnxTensor.createTensor(environment, buffer, shape));
            }
        }
        outputBuffer = floats(Math.multiplyExact(newRows, classes));
        OnnxTensor output = OnnxTensor.createTensor(environment, outputBuffer, new long[] {newRows, classes});
        kept.add(output);
        probabilities = Map.of(OnnxModelBuilder.PROBABILITIES, output);
        logits = Map.of(OnnxModelBuilder.LOGITS, output);
        rows = newRows;
    }

    private void fill(RawBatch batch) {
        float[] values = batch.numerics();
        for (int column = 0; column < numericColumns; column++) {
            FloatBuffer buffer = numerics.get(column);
            for (int row = 0, at = column; row < rows; row++, at += numericColumns) {
                buffer.put(row, values[at]);
            }
        }
        int code = 0;
        for (RawBatch.Values category : batch.categories()) {
            if (category instanceof Codes found) {
                codes.get(code++).put(0, found.values(), 0, rows);
            }
        }
        for (int i = 0; i < tensors.size(); i++) {
            tensors.get(i).put(0, batch.tensors().get(i), 0, tensors.get(i).capacity());
        }
    }

    private void feedStrings(RawBatch batch, List<StringTensors> strings) throws OrtException {
        int category = 0;
        int text = 0;
        for (InputColumn column : columns) {
            StringTensors tensor;
            if (column instanceof Text && takesTokens) {
                continue;
            } else if (column instanceof Text) {
                tensor = StringTensors.texts(environment, batch.texts().get(text++));
            } else if (column instanceof Category && batch.categories().get(category++) instanceof Words words) {
                tensor = StringTensors.words(environment, words.values());
            } else {
                continue;
            }
            strings.add(tensor);
            fed.put(column.name(), tensor.tensor());
        }
    }

    private void feedTokens(RawBatch batch, List<OnnxTensor> made) throws OrtException {
        if (!takesTokens) {
            return;
        }
        int text = 0;
        for (InputColumn column : columns) {
            if (column instanceof Text) {
                RawBatch.Tokens tokens = batch.tokens().get(text++);
                LongBuffer buffer = direct(tokens.buckets().length, Long.BYTES).asLongBuffer();
                buffer.put(0, tokens.buckets());
                OnnxTensor tensor = OnnxTensor.createTensor(environment, buffer, new long[] {rows, tokens.width()});
                made.add(tensor);
                fed.put(column.name(), tensor);
            }
        }
    }

    private void feed(String name, OnnxTensor tensor) {
        kept.add(tensor);
        fed.put(name, tensor);
    }

    private void requireShape(RawBatch batch) {
        requireCount("numeric values", batch.numerics().length, Math.multiplyExact(batch.rows(), numericColumns));
        int category = 0;
        int text = 0;
        int tensor = 0;
        for (InputColumn column : columns) {
            if (column instanceof Category expected) {
                requireCategory(batch, expected, category++);
            } else if (column instanceof Text) {
                requireText(batch, column, text++);
            } else if (column instanceof Tensor expected) {
                requireColumn("tensor", batch.tensors().size(), tensor);
                requireCount(
                        "values of '" + column.name() + "'",
                        batch.tensors().get(tensor++).length,
                        Math.multiplyExact(batch.rows(), expected.volume()));
            }
        }
        requireCount("category columns", batch.categories().size(), category);
        requireCount(
                "text columns",
                takesTokens ? batch.tokens().size() : batch.texts().size(),
                text);
        requireCount("tensor columns", batch.tensors().size(), tensor);
    }

    private void requireText(RawBatch batch, InputColumn column, int at) {
        if (takesTokens) {
            requireColumn("token", batch.tokens().size(), at);
            RawBatch.Tokens tokens = batch.tokens().get(at);
            requireCount(
                    "tokens of '" + column.name() + "'",
                    tokens.buckets().length,
                    Math.multiplyExact(batch.rows(), tokens.width()));
        } else {
            requireColumn("text", batch.texts().size(), at);
            requireCount("texts of '" + column.name() + "'", batch.texts().get(at).length, batch.rows());
        }
    }

    private static void requireCategory(RawBatch batch, Category expected, int at) {
        requireColumn("category", batch.categories().size(), at);
        RawBatch.Values values = batch.categories().get(at);
        if (values instanceof Codes != expected.takesCodes()) {
            throw new IllegalArgumentException("the column '" + expected.name() + "' takes "
                    + (expected.takesCodes() ? "codes" : "strings") + ", the batch holds the other kind");
        }
        int length = values instanceof Codes found ? found.values().length : ((Words) values).values().length;
        requireCount("values of '" + expected.name() + "'", length, batch.rows());
    }

    private static void requireColumn(String kind, int found, int at) {
        if (at >= found) {
            throw new IllegalArgumentException("the batch has " + found + " " + kind
                    + " columns, the model takes more; fill each column of inputs()");
        }
    }

    private static void requireCount(String what, int found, int expected) {
        if (found != expected) {
            throw new IllegalArgumentException("the batch has " + found + " " + what + ", the model takes " + expected
                    + "; fill the columns of inputs() in their order");
        }
    }

    private static FloatBuffer floats(int count) {
        return direct(count, Float.BYTES).asFloatBuffer();
    }

    private static ByteBuffer direct(int count, int bytes) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(count, bytes)).order(ByteOrder.nativeOrder());
    }
}
