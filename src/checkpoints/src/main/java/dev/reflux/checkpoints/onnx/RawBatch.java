package dev.reflux.checkpoints.onnx;

import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.InputColumn.Category;
import dev.reflux.checkpoints.InputColumn.Numeric;
import dev.reflux.checkpoints.InputColumn.Tensor;
import dev.reflux.checkpoints.InputColumn.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Raw feature values of {@code rows} examples, column by column and each kind in the order of the student's inputs.
 * Arrays are not copied.
 *
 * @param numerics {@code [rows, numericColumns]} row-major, NaN where missing
 * @param categories one per category column
 * @param texts {@code [rows]} per text column; empty where missing
 * @param tensors {@code [rows, volume]} row-major per tensor column; NaN first where missing
 * @param tokens in place of texts, for a graph that takes those
 */
public record RawBatch(
        int rows,
        float[] numerics,
        List<Values> categories,
        List<String[]> texts,
        List<float[]> tensors,
        List<Tokens> tokens) {

    /** Code of a missing category in {@link Codes}; any code outside of {@code 0..size-1} does. */
    public static final long MISSING = -1;

    /** Values of a category column. */
    public sealed interface Values {}

    /** Of a column that takes codes; out of range where missing or unknown. */
    public record Codes(long[] values) implements Values {}

    /** Of a column that has a vocabulary; empty where missing. */
    public record Words(String[] values) implements Values {}

    /**
     * Hash buckets of a text column.
     *
     * @param width most tokens of a row, at least 1
     * @param buckets {@code [rows, width]} row-major; -1 pads
     */
    public record Tokens(int width, long[] buckets) {}

    /** A batch with texts as they are. */
    public RawBatch(int rows, float[] numerics, List<Values> categories, List<String[]> texts, List<float[]> tensors) {
        this(rows, numerics, categories, texts, tensors, List.of());
    }

    public RawBatch {
        tokens = List.copyOf(tokens);
        categories = List.copyOf(categories);
        texts = List.copyOf(texts);
        tensors = List.copyOf(tensors);
        if (rows < 0) {
            throw new IllegalArgumentException("rows is " + rows + "; a batch has none or more");
        }
        if (rows == 0 ? numerics.length != 0 : numerics.length % rows != 0) {
            throw new IllegalArgumentException("numerics has " + numerics.length + " values, no multiple of the " + rows
                    + " rows; it must be [rows, numericColumns]");
        }
    }

    /**
     * A batch from rows of named values. Numbers for numeric columns; integers or strings for categories, as the column
     * takes; strings for texts; {@code float[]} or a list of numbers for tensors. A name that is absent or null is a
     * missing value; names that are no columns are ignored.
     *
     * @throws IllegalArgumentException naming row and column when a value has another type
     */
    public static RawBatch of(List<InputColumn> columns, List<? extends Map<String, ?>> rows) {
        int n = rows.size();
        int width = (int) columns.stream().filter(Numeric.class::isInstance).count();
        float[] numerics = new float[n * width];
        List<Values> categories = new ArrayList<>();
        List<String[]> texts = new ArrayList<>();
        List<float[]> tensors = new ArrayList<>();
        int number = 0;
        for (InputColumn column : columns) {
            if (column instanceof Numeric) {
                for (int row = 0; row < n; row++) {
                    numerics[row * width + number] =
                            number(column, row, rows.get(row).get(column.name()));
                }
                number++;
            } else if (column instanceof Category category) {
                categories.add(category.takesCodes() ? codes(column, rows) : new Words(words(column, rows)));
            } else if (column instanceof Text) {
                texts.add(words(column, rows));
            } else if (column instanceof Tensor tensor) {
                tensors.add(tensor(tensor, rows));
            }
        }
        return new RawBatch(n, numerics, categories, texts, tensors);
    }

    private static float number(InputColumn column, int row, @Nullable Object value) {
        if (value == null) {
            return Float.NaN;
        }
        if (value instanceof Number number) {
            return number.floatValue();
        }
        throw wrongType(column, row, value, "a number");
    }

    private static Codes codes(InputColumn column, List<? extends Map<String, ?>> rows) {
        long[] codes = new long[rows.size()];
        for (int row = 0; row < codes.length; row++) {
            Object value = rows.get(row).get(column.name());
            if (value == null) {
                codes[row] = MISSING;
            } else if (value instanceof Number number && number.doubleValue() == number.longValue()) {
                codes[row] = number.longValue();
            } else {
                throw wrongType(column, row, value, "an integer code");
            }
        }
        return new Codes(codes);
    }

    private static String[] words(InputColumn column, List<? extends Map<String, ?>> rows) {
        String[] words = new String[rows.size()];
        for (int row = 0; row < words.length; row++) {
            Object value = rows.get(row).get(column.name());
            if (value != null && !(value instanceof String)) {
                throw wrongType(column, row, value, "a string");
            }
            words[row] = value == null ? "" : (String) value;
        }
        return words;
    }

    private static float[] tensor(Tensor column, List<? extends Map<String, ?>> rows) {
        int volume = column.volume();
        float[] values = new float[Math.multiplyExact(rows.size(), volume)];
        for (int row = 0; row < rows.size(); row++) {
            Object value = rows.get(row).get(column.name());
            int from = row * volume;
            if (value == null) {
                Arrays.fill(values, from, from + volume, Float.NaN);
            } else if (value instanceof float[] array && array.length == volume) {
                System.arraycopy(array, 0, values, from, volume);
            } else if (value instanceof List<?> list && list.size() == volume) {
                for (int i = 0; i < volume; i++) {
                    values[from + i] = number(column, row, list.get(i));
                }
            } else {
                throw wrongType(column, row, value, "float[" + volume + "] or a list of " + volume + " numbers");
            }
        }
        return values;
    }

    private static IllegalArgumentException wrongType(InputColumn column, int row, Object value, String expected) {
        String found = value instanceof float[] array ? "float[" + array.length + "]" : String.valueOf(value);
        String excerpt = found.length() <= 60 ? found : found.substring(0, 60) + "...";
        return new IllegalArgumentException("row " + row + ": the value of '" + column.name() + "' is " + excerpt + " ("
                + value.getClass().getSimpleName() + "); it must be " + expected + ", or absent when missing");
    }
}
