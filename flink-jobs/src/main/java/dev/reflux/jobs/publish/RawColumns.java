package dev.reflux.jobs.publish;

import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.onnx.RawBatch;
import dev.reflux.events.CategoryFeature;
import dev.reflux.events.EventSchema;
import dev.reflux.events.Feature;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.TensorFeature;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The columns that an ONNX model takes, out of rows that were decoded by a schema. */
public final class RawColumns {

    private static final int UNKNOWN = -1;
    private static final long PAD = -1;

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
                        + "; take the pipeline file that it was trained with: the features must be the same");
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
        List<String[]> taken = texts.stream().map(words::get).toList();
        return rows(from, to, numeric, codes, blocks, taken, List.of());
    }

    /**
     * All rows of a batch.
     *
     * @param words {@code [size]} per text column of the schema
     */
    public RawBatch of(MicroBatch batch, List<String[]> words) {
        return rows(0, batch.size(), batch.numeric(), batch.categories(), batch.tensors(), words);
    }

    /** The rows of a batch for a graph that takes hash buckets in place of texts, which a batch has no more. */
    public RawBatch withTokens(MicroBatch batch) {
        List<RawBatch.Tokens> tokens =
                texts.stream().map(column -> tokens(column, batch)).toList();
        return rows(0, batch.size(), batch.numeric(), batch.categories(), batch.tensors(), List.of(), tokens);
    }

    private RawBatch rows(
            int from,
            int to,
            FloatBuffer numeric,
            IntBuffer codes,
            FloatBuffer blocks,
            List<String[]> words,
            List<RawBatch.Tokens> tokens) {
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
                words,
                tensors.stream()
                        .map(column -> tensor(column, from, rows, blocks))
                        .toList(),
                tokens);
    }

    private static RawBatch.Tokens tokens(int column, MicroBatch batch) {
        int columns = batch.layout().texts();
        IntBuffer offsets = batch.tokenOffsets();
        int width = 1;
        for (int row = 0; row < batch.size(); row++) {
            int at = row * columns + column;
            width = Math.max(width, offsets.get(at + 1) - offsets.get(at));
        }
        long[] buckets = new long[batch.size() * width];
        Arrays.fill(buckets, PAD);
        for (int row = 0; row < batch.size(); row++) {
            int first = offsets.get(row * columns + column);
            int last = offsets.get(row * columns + column + 1);
            for (int token = first; token < last; token++) {
                buckets[row * width + token - first] = batch.tokens().get(token);
            }
        }
        return new RawBatch.Tokens(width, buckets);
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
