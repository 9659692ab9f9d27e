package dev.reflux.jobs.rows;

import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.InputColumn.Category;
import dev.reflux.checkpoints.InputColumn.Numeric;
import dev.reflux.checkpoints.InputColumn.Tensor;
import dev.reflux.checkpoints.InputColumn.Text;
import dev.reflux.checkpoints.onnx.RawBatch;
import dev.reflux.events.CategoryFeature;
import dev.reflux.events.EventSchema;
import dev.reflux.events.Feature;
import dev.reflux.events.MicroBatch;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decoded events with their texts. */
public final class RawRows {

    private static final long PAD = -1;

    private final EventSchema schema;
    private final MicroBatch batch;
    private final String[][] texts;
    private final @Nullable String[] ids;

    RawRows(EventSchema schema, MicroBatch batch, String[][] texts, @Nullable String[] ids) {
        this.schema = schema;
        this.batch = batch;
        this.texts = texts;
        this.ids = ids;
    }

    /** Rows of a batch whose texts are gone: good for {@link #withTokens}. */
    public static RawRows of(EventSchema schema, MicroBatch batch) {
        return new RawRows(schema, batch, new String[0][], new @Nullable String[batch.size()]);
    }

    /** Numbers, codes, labels, positions and times of the events. */
    public MicroBatch batch() {
        return batch;
    }

    /** The event's own identity; null when it has none. */
    public @Nullable String id(int row) {
        return ids[row];
    }

    /**
     * The columns that a student takes.
     *
     * @throws IllegalArgumentException when the events have no such feature
     */
    public RawBatch forInputs(List<InputColumn> inputs) {
        List<String[]> words = new ArrayList<>();
        for (InputColumn input : inputs) {
            if (input instanceof Text) {
                words.add(texts[column(schema.texts(), input)]);
            }
        }
        return columns(inputs, words, List.of());
    }

    /**
     * The columns that a student takes whose graph has hash buckets in place of texts.
     *
     * @throws IllegalArgumentException when the events have no such feature
     */
    public RawBatch withTokens(List<InputColumn> inputs) {
        List<RawBatch.Tokens> tokens = new ArrayList<>();
        for (InputColumn input : inputs) {
            if (input instanceof Text) {
                tokens.add(tokens(column(schema.texts(), input)));
            }
        }
        return columns(inputs, List.of(), tokens);
    }

    private RawBatch columns(List<InputColumn> inputs, List<String[]> words, List<RawBatch.Tokens> tokens) {
        int size = batch.size();
        int width = (int) inputs.stream().filter(Numeric.class::isInstance).count();
        float[] numerics = new float[size * width];
        List<RawBatch.Values> categories = new ArrayList<>();
        List<float[]> tensors = new ArrayList<>();
        int number = 0;
        for (InputColumn input : inputs) {
            if (input instanceof Numeric) {
                int column = column(schema.numerics(), input);
                int columns = batch.layout().numeric();
                for (int row = 0; row < size; row++) {
                    numerics[row * width + number] = batch.numeric().get(row * columns + column);
                }
                number++;
            } else if (input instanceof Category category) {
                categories.add(category(category, column(schema.categories(), input)));
            } else if (input instanceof Tensor tensor) {
                tensors.add(tensor(tensor, column(schema.tensors(), input)));
            }
        }
        return new RawBatch(size, numerics, categories, words, tensors, tokens);
    }

    private RawBatch.Tokens tokens(int column) {
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

    private RawBatch.Values category(Category input, int column) {
        CategoryFeature feature = schema.categories().get(column);
        if (feature.coded() != input.takesCodes()) {
            throw notThere(input, input.takesCodes() ? "with a size" : "with values");
        }
        int columns = batch.layout().categories();
        long[] codes = new long[batch.size()];
        String[] values = new String[codes.length];
        for (int row = 0; row < codes.length; row++) {
            int code = batch.categories().get(row * columns + column);
            codes[row] = code;
            values[row] = feature.coded() || code < 0 ? "" : feature.values().get(code);
        }
        return feature.coded() ? new RawBatch.Codes(codes) : new RawBatch.Words(values);
    }

    private float[] tensor(Tensor input, int column) {
        if (!schema.tensors().get(column).shape().equals(input.shape())) {
            throw notThere(input, "of shape " + input.shape());
        }
        int start = schema.tensors().subList(0, column).stream()
                .mapToInt(feature -> feature.volume())
                .sum();
        int all = batch.layout().tensorVolume();
        float[] values = new float[batch.size() * input.volume()];
        for (int row = 0; row < batch.size(); row++) {
            batch.tensors().get(row * all + start, values, row * input.volume(), input.volume());
        }
        return values;
    }

    private static int column(List<? extends Feature> features, InputColumn input) {
        for (int column = 0; column < features.size(); column++) {
            if (features.get(column).name().equals(input.name())) {
                return column;
            }
        }
        throw notThere(input, "of its kind");
    }

    private static IllegalArgumentException notThere(InputColumn input, String which) {
        return new IllegalArgumentException("the published student takes " + input
                + ", and the pipeline file has no such feature " + which
                + "; score with the pipeline file that the student was trained with");
    }
}
