package dev.reflux.jobs.publish;

import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.onnx.RawBatch;
import dev.reflux.events.CategoryFeature;
import dev.reflux.events.EventSchema;
import dev.reflux.events.Feature;
import dev.reflux.events.TensorFeature;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;

/** The columns that an ONNX model takes, out of rows that were decoded by a schema. */
public final class RawColumns {

    private static final int UNKNOWN = -1;

    private final EventSchema schema;
    private final List<Integer> numerics = new ArrayList<>();
    private final List<Integer> categories = new ArrayList<>();
    private final List<Integer> texts = new ArrayList<>();
    private final List<Integer> tensors = new ArrayList<>();

    /**
     * Finds the features of a model's inputs.
     *
     * @param inputs in the model's order
     * @throws IllegalArgumentException when there is no such feature
     */
    public RawColumns(EventSchema schema, List<InputColumn> inputs) {
        this.schema = schema;
        List<InputColumn> columns = StudentExport.columns(schema);
        for (InputColumn input : inputs) {
            if (!columns.contains(input)) {
                throw new IllegalArgumentException("the model takes " + input + ", the events have " + columns
                        + "; the features must be the same");
            }
            if (input instanceof InputColumn.Numeric) {
                numerics.add(position(schema.numerics(), input));
            } else if (input instanceof InputColumn.Category) {
                categories.add(position(schema.categories(), input));
            } else if (input instanceof InputColumn.Text) {
                texts.add(position(schema.texts(), input));
            } else {
                tensors.add(position(schema.tensors(), input));
            }
        }
    }

    private static int position(List<? extends Feature> features, InputColumn input) {
        return features.stream().map(Feature::name).toList().indexOf(input.name());
    }

    /**
     * Rows {@code from} to {@code to} as the model takes them.
     *
     * @param numeric {@code [size, numeric columns]} of the schema, NaN where missing
     * @param codes {@code [size, category columns]} of the schema, -1 where missing or unknown
     * @param blocks {@code [size, tensor values]} of the schema, NaN where missing
     * @param words {@code [to - from]} per text column of the schema; may be empty when the model takes no text
     */
    public RawBatch rows(
            int from, int to, FloatBuffer numeric, IntBuffer codes, FloatBuffer blocks, List<String[]> words) {
        int rows = to - from;
        int stride = schema.numerics().size();
        float[] numbers = new float[rows * numerics.size()];
        for (int row = 0, at = 0; row < rows; row++) {
            for (int column : numerics) {
                numbers[at++] = numeric.get((from + row) * stride + column);
            }
        }
        return new RawBatch(
                rows,
                numbers,
                categories.stream()
                        .map(column -> category(column, from, rows, codes))
                        .toList(),
                texts.stream().map(words::get).toList(),
                tensors.stream()
                        .map(column -> tensor(column, from, rows, blocks))
                        .toList());
    }

    private RawBatch.Values category(int column, int from, int rows, IntBuffer codes) {
        CategoryFeature feature = schema.categories().get(column);
        int stride = schema.categories().size();
        long[] asCodes = new long[rows];
        String[] asWords = new String[rows];
        for (int row = 0; row < rows; row++) {
            int code = codes.get((from + row) * stride + column);
            asCodes[row] = code;
            asWords[row] =
                    feature.coded() || code == UNKNOWN ? "" : feature.values().get(code);
        }
        return feature.coded() ? new RawBatch.Codes(asCodes) : new RawBatch.Words(asWords);
    }

    private float[] tensor(int column, int from, int rows, FloatBuffer blocks) {
        List<TensorFeature> features = schema.tensors();
        int volume = features.get(column).volume();
        int start = features.subList(0, column).stream()
                .mapToInt(TensorFeature::volume)
                .sum();
        int stride = features.stream().mapToInt(TensorFeature::volume).sum();
        float[] values = new float[rows * volume];
        for (int row = 0; row < rows; row++) {
            blocks.get((from + row) * stride + start, values, row * volume, volume);
        }
        return values;
    }
}
