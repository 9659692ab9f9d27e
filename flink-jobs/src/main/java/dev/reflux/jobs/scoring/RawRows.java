package dev.reflux.jobs.scoring;

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
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decoded events with their texts. */
public final class RawRows {

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
        int size = batch.size();
        int width = (int) inputs.stream().filter(Numeric.class::isInstance).count();
        float[] numerics = new float[size * width];
        List<RawBatch.Values> categories = new ArrayList<>();
        List<String[]> words = new ArrayList<>();
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
            } else if (input instanceof Text) {
                words.add(texts[column(schema.texts(), input)]);
            } else if (input instanceof Tensor tensor) {
                tensors.add(tensor(tensor, column(schema.tensors(), input)));
            }
        }
        return new RawBatch(size, numerics, categories, words, tensors);
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
