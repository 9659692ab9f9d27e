package dev.reflux.distillation.engine;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.InputSelection;
import dev.reflux.distillation.network.EncodingSpec;
import dev.reflux.distillation.network.EncodingSpec.Pooling;
import dev.reflux.distillation.network.InputShape;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Raw examples to dense rows: {@code [numeric, standardised | tensors, standardised | category embeddings | pooled token
 * embeddings of each text, or their sequence]}, of the columns that are selected. Owns the running statistics and the
 * embeddings.
 *
 * <p>The rows of the last call are kept: the same range of the same examples is encoded again only as far as statistics
 * or embeddings have changed.
 */
final class InputEncoder {

    private static final int VERSION = 1;
    private static final int TEXT_WIDTH = 32;
    private static final int WIDEST_CATEGORY = 16;

    private final InputSelection selection;
    private final EncodingSpec encoding;
    /** Whether the embeddings' rates follow from their input, too. */
    private final boolean scaled;

    private final InputLayout layout;
    private final int[] numericColumns;
    private final int[] categoryColumns;
    private final int[] textColumns;
    private final int[] tensorStarts;
    private final int[] volumes;
    /** Columns, or tensor values, of an example: those that are not read included. */
    private final int numericStride;

    private final int categoryStride;
    private final int textStride;
    private final int tensorStride;
    private final InputShape shape;
    private final Normalizer normalizer;
    private final EmbeddingTable[] tables;
    private final int embeddingAt;
    private final int width;

    private float[] rows = {};
    private int[] tokens = {};
    private @Nullable Examples encoded;
    private int encodedFrom;
    private int encodedTo;
    private boolean denseStale;
    private boolean embeddingsStale;

    /** Builds tables and empty statistics. */
    InputEncoder(InputSelection selection, EncodingSpec encoding, OptimizerSpec optimizer, Rng rng) {
        this.selection = selection;
        this.encoding = encoding;
        this.scaled = optimizer instanceof OptimizerSpec.Scaled;
        this.layout = selection.selected();
        this.numericColumns = indices(selection.numeric());
        this.categoryColumns = indices(selection.categories());
        this.textColumns = indices(selection.texts());
        this.tensorStarts = tensorStarts(selection);
        this.numericStride = selection.layout().numeric();
        this.categoryStride = selection.layout().categorySizes().size();
        this.textStride = selection.layout().textBuckets().size();
        this.tensorStride = selection.layout().tensorVolume();
        this.volumes = new int[layout.tensorShapes().size()];
        Arrays.setAll(volumes, layout::tensorVolume);
        this.normalizer = new Normalizer(layout.numeric() + volumes.length);
        this.tables = new EmbeddingTable[categoryColumns.length + textColumns.length];
        int[] widths = embeddingWidths(layout, encoding);
        for (int i = 0; i < tables.length; i++) {
            boolean category = i < categoryColumns.length;
            int rows = category
                    ? layout.categorySizes().get(i) + 1
                    : layout.textBuckets().get(i - categoryColumns.length);
            tables[i] = new EmbeddingTable(rows, widths[i], category ? 1 : encoding.textDeviation(), optimizer, rng);
        }
        this.shape = shape(selection, encoding);
        this.embeddingAt = layout.numeric() + layout.tensorVolume();
        this.width = shape.width();
    }

    private static int[] indices(List<Integer> columns) {
        return columns.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Where the selected tensor columns begin among all tensor values of an example. */
    private static int[] tensorStarts(InputSelection selection) {
        int[] all = new int[selection.layout().tensorShapes().size()];
        for (int column = 1; column < all.length; column++) {
            all[column] = all[column - 1] + selection.layout().tensorVolume(column - 1);
        }
        return selection.tensors().stream().mapToInt(column -> all[column]).toArray();
    }

    /** Asked for, or {@code min(16, ceil(1.6 * codes^0.56))} for a category and 32 for a text. */
    private static int[] embeddingWidths(InputLayout layout, EncodingSpec encoding) {
        IntStream categories = layout.categorySizes().stream()
                .mapToInt(size -> encoding.categoryWidth() > 0
                        ? encoding.categoryWidth()
                        : Math.min(WIDEST_CATEGORY, (int) Math.ceil(1.6 * StrictMath.pow(size, 0.56))));
        IntStream texts = layout.textBuckets().stream()
                .mapToInt(buckets -> encoding.textWidth() > 0 ? encoding.textWidth() : TEXT_WIDTH);
        return IntStream.concat(categories, texts).toArray();
    }

    /** What lies where in the rows that an encoder of these makes. */
    static InputShape shape(InputSelection selection, EncodingSpec encoding) {
        InputLayout layout = selection.selected();
        int[] widths = embeddingWidths(layout, encoding);
        List<InputShape.Part> parts = new ArrayList<>();
        int at = 0;
        if (layout.numeric() > 0) {
            parts.add(new InputShape.Numbers(0, layout.numeric()));
            at = layout.numeric();
        }
        for (List<Integer> tensor : layout.tensorShapes()) {
            InputShape.Tensor part = new InputShape.Tensor(at, tensor);
            parts.add(part);
            at += part.width();
        }
        for (int i = 0; i < widths.length; i++) {
            InputShape.Part part;
            if (i < layout.categorySizes().size()) {
                part = new InputShape.Embedding(at, widths[i]);
            } else if (encoding.pooling() == Pooling.SEQUENCE) {
                part = new InputShape.Sequence(at, encoding.tokens(), widths[i]);
            } else {
                part = new InputShape.Bag(at, widths[i]);
            }
            parts.add(part);
            at += part.width();
        }
        return new InputShape(at, parts);
    }

    /** An encoder with the statistics of this one and embeddings drawn anew. */
    InputEncoder withNewEmbeddings(OptimizerSpec optimizer, Rng rng) {
        InputEncoder fresh = new InputEncoder(selection, encoding, optimizer, rng);
        StateWriter statistics = new StateWriter();
        normalizer.write(statistics);
        fresh.normalizer.read(new StateReader(statistics.toBytes()));
        return fresh;
    }

    /** What lies where in an encoded row. */
    InputShape shape() {
        return shape;
    }

    /** Floats of a row before the embeddings: standardised numbers and tensors. */
    int denseWidth() {
        return embeddingAt;
    }

    /**
     * Turns moves of one row's dense values into raw units.
     *
     * @param shift {@code [denseWidth()]} from {@code at} on, in standard deviations
     * @param raw receives, from {@code rawAt} on, the moves of all numeric columns and tensor values of the layout; 0 where
     *     a column is not read
     */
    void toRaw(float[] shift, int at, float[] raw, int rawAt) {
        float[] factors = normalizer.factors();
        for (int i = 0; i < embeddingAt; i++) {
            float factor = factors[statistic(i)];
            raw[rawAt + rawIndex(i)] = factor == 0 ? 0 : shift[at + i] / factor;
        }
    }

    /** The inverse of {@link #toRaw}, for the columns that are read. */
    void fromRaw(float[] raw, int rawAt, float[] shift, int at) {
        float[] factors = normalizer.factors();
        for (int i = 0; i < embeddingAt; i++) {
            shift[at + i] = raw[rawAt + rawIndex(i)] * factors[statistic(i)];
        }
    }

    /** Which statistic a dense value is standardised by. */
    private int statistic(int dense) {
        return dense < numericColumns.length ? dense : numericColumns.length + tensorOf(dense);
    }

    private int tensorOf(int dense) {
        int at = numericColumns.length;
        for (int column = 0; ; column++) {
            at += volumes[column];
            if (dense < at) {
                return column;
            }
        }
    }

    /** Where a dense value stands among the numeric columns and tensor values of an example. */
    private int rawIndex(int dense) {
        if (dense < numericColumns.length) {
            return numericColumns[dense];
        }
        int column = tensorOf(dense);
        int start = numericColumns.length;
        for (int before = 0; before < column; before++) {
            start += volumes[before];
        }
        return numericStride + tensorStarts[column] + dense - start;
    }

    /** The columns that are read. */
    InputLayout layout() {
        return layout;
    }

    EncodingSpec encoding() {
        return encoding;
    }

    /** Floats per encoded row. */
    int width() {
        return width;
    }

    boolean hasEmbeddings() {
        return tables.length > 0;
    }

    long parameterCount() {
        return Arrays.stream(tables).mapToLong(table -> table.values().length).sum();
    }

    Normalizer normalizer() {
        return normalizer;
    }

    /** Tables of the categories, then of the texts. */
    List<EmbeddingTable> tables() {
        return List.of(tables);
    }

    /** Updates the statistics. */
    void observe(Examples examples, int from, int to) {
        requireLayout(examples);
        for (int row = from; row < to; row++) {
            for (int column = 0; column < numericColumns.length; column++) {
                normalizer.observe(column, examples.numeric().get(row * numericStride + numericColumns[column]));
            }
            for (int column = 0; column < volumes.length; column++) {
                int at = row * tensorStride + tensorStarts[column];
                if (!Float.isNaN(examples.tensors().get(at))) {
                    normalizer.observe(numericColumns.length + column, examples.tensors(), at, volumes[column]);
                }
            }
        }
        denseStale |= embeddingAt > 0;
    }

    /** Whether the rows of this range stand encoded and nothing that they depend on has changed since. */
    boolean isCurrent(Examples examples, int from, int to) {
        return isEncoded(examples, from, to) && !denseStale && !embeddingsStale;
    }

    private boolean isEncoded(Examples examples, int from, int to) {
        return encoded == examples && encodedFrom == from && encodedTo == to;
    }

    /** Dense rows of the range, {@code [to - from, width]}; the array is this encoder's and lives to the next call. */
    float[] encode(Examples examples, int from, int to) {
        boolean known = isEncoded(examples, from, to);
        if (!known) {
            requireLayout(examples);
            int size = (to - from) * width;
            if (rows.length < size) {
                rows = new float[size];
            }
            encoded = null;
        }
        if (!known || denseStale) {
            for (int row = from; row < to; row++) {
                encodeDense(examples, row, (row - from) * width);
            }
            denseStale = false;
        }
        if (!known || embeddingsStale) {
            for (int row = from; row < to; row++) {
                encodeCodes(examples, row, (row - from) * width + embeddingAt);
            }
            embeddingsStale = false;
        }
        encoded = examples;
        encodedFrom = from;
        encodedTo = to;
        return rows;
    }

    private void encodeDense(Examples examples, int row, int to) {
        if (numericColumns.length == numericStride) {
            examples.numeric().get(row * numericStride, rows, to, numericStride);
        } else {
            for (int column = 0; column < numericColumns.length; column++) {
                rows[to + column] = examples.numeric().get(row * numericStride + numericColumns[column]);
            }
        }
        normalizer.normalise(rows, to, numericColumns.length);
        int at = to + numericColumns.length;
        for (int column = 0; column < volumes.length; column++) {
            examples.tensors().get(row * tensorStride + tensorStarts[column], rows, at, volumes[column]);
            if (Float.isNaN(rows[at])) {
                Arrays.fill(rows, at, at + volumes[column], 0);
            } else {
                normalizer.normaliseColumn(numericColumns.length + column, rows, at, volumes[column]);
            }
            at += volumes[column];
        }
    }

    private void encodeCodes(Examples examples, int row, int to) {
        if (tables.length == 0) {
            return;
        }
        Arrays.fill(rows, to, to + width - embeddingAt, 0);
        int at = to;
        for (int i = 0; i < tables.length; i++) {
            EmbeddingTable table = tables[i];
            if (i < categoryColumns.length) {
                table.addRow(categoryRow(examples, row, i, table), 1, rows, at);
                at += table.width();
                continue;
            }
            int count = readTokens(examples, row, i);
            float share = share(count);
            int stride = isSequence() ? table.width() : 0;
            for (int token = 0; token < count; token++) {
                table.addRow(tokens[token], share, rows, at + token * stride);
            }
            if (isSequence()) {
                int maskAt = at + encoding.tokens() * table.width();
                Arrays.fill(rows, maskAt, maskAt + count, 1);
            }
            at += textWidth(table);
        }
    }

    private boolean isSequence() {
        return encoding.pooling() == Pooling.SEQUENCE;
    }

    /** Floats of a row that a text takes. */
    private int textWidth(EmbeddingTable table) {
        return isSequence() ? encoding.tokens() * (table.width() + 1) : table.width();
    }

    /** Brings the tokens of a text that count into {@link #tokens}, in order; returns their number. */
    private int readTokens(Examples examples, int row, int table) {
        int text = row * textStride + textColumns[table - categoryColumns.length];
        int from = examples.tokenOffsets().get(text);
        int found = examples.tokenOffsets().get(text + 1) - from;
        int count = isSequence() ? Math.min(found, encoding.tokens()) : found;
        if (tokens.length < count) {
            tokens = new int[count];
        }
        for (int i = 0; i < count; i++) {
            tokens[i] = tokenRow(examples, from + i, tables[table]);
        }
        return encoding.pooling() == Pooling.ROOT ? tables[table].distinct(tokens, count) : count;
    }

    /** Factor of each of so many token embeddings. */
    private float share(int count) {
        float scale = encoding.textScale();
        return switch (encoding.pooling()) {
            case MEAN -> scale / count;
            case ROOT -> scale / (float) Math.sqrt(count);
            case SEQUENCE -> scale;
        };
    }

    /** Gradients of the embeddings from that of the encoded rows; returns their squared norm. */
    double backward(Examples examples, int from, int to, float[] gradient) {
        for (int row = from; row < to; row++) {
            int at = (row - from) * width + embeddingAt;
            for (int i = 0; i < tables.length; i++) {
                EmbeddingTable table = tables[i];
                if (i < categoryColumns.length) {
                    table.addGradient(categoryRow(examples, row, i, table), rate(1), gradient, at);
                    at += table.width();
                    continue;
                }
                int count = readTokens(examples, row, i);
                float share = share(count) * rate((double) share(count) * share(count) * (isSequence() ? 1 : count));
                int stride = isSequence() ? table.width() : 0;
                for (int token = 0; token < count; token++) {
                    table.addGradient(tokens[token], share, gradient, at + token * stride);
                }
                at += textWidth(table);
            }
        }
        double squares = 0;
        for (EmbeddingTable table : tables) {
            squares += table.gradientSquares();
        }
        return squares;
    }

    /** Factor on the rate of a table, whose input are codes of which an example has so many, each of this size, squared. */
    private float rate(double squares) {
        return scaled ? (float) FlatOptimizer.scaledRate(squares) : 1;
    }

    /** Moves the embeddings that have a gradient. */
    void step(double learningRate, float scale) {
        for (EmbeddingTable table : tables) {
            table.step(learningRate, scale);
        }
        embeddingsStale |= tables.length > 0;
    }

    void dropGradient() {
        for (EmbeddingTable table : tables) {
            table.dropGradient();
        }
    }

    private int categoryRow(Examples examples, int row, int column, EmbeddingTable table) {
        int code = examples.categories().get(row * categoryStride + categoryColumns[column]);
        int size = table.rows() - 1;
        if (code == -1) {
            return size;
        }
        if (code < 0 || code >= size) {
            throw new IllegalArgumentException("category column " + column + ": code " + code
                    + " found, codes are 0 to " + (size - 1) + ", and -1 for missing or unknown");
        }
        return code;
    }

    private static int tokenRow(Examples examples, int token, EmbeddingTable table) {
        int bucket = examples.tokens().get(token);
        if (bucket < 0 || bucket >= table.rows()) {
            throw new IllegalArgumentException("token: bucket " + bucket + " found, the column has buckets 0 to "
                    + (table.rows() - 1) + "; hash tokens to the buckets of the layout");
        }
        return bucket;
    }

    private void requireLayout(Examples examples) {
        InputLayout expected = selection.layout();
        if (examples.layout() != expected && !examples.layout().equals(expected)) {
            throw new IllegalArgumentException(
                    "examples with layout " + examples.layout() + " found, the model was built for " + expected);
        }
    }

    private String describe() {
        StringBuilder text = new StringBuilder("numeric ").append(layout.numeric());
        for (int i = 0; i < tables.length; i++) {
            text.append(i < categoryColumns.length ? ", category " : ", text ")
                    .append(tables[i].rows())
                    .append('x')
                    .append(tables[i].width());
        }
        layout.tensorShapes().forEach(tensor -> text.append(", tensor ").append(tensor));
        switch (encoding.pooling()) {
            case MEAN -> {}
            case ROOT -> text.append(", root");
            case SEQUENCE -> text.append(", sequence ").append(encoding.tokens());
        }
        if (encoding.textScale() != 1) {
            text.append(", scale ").append(encoding.textScale());
        }
        if (!selection.isAll()) {
            text.append(", columns ")
                    .append(selection.numeric())
                    .append(selection.categories())
                    .append(selection.texts())
                    .append(selection.tensors());
        }
        return text.toString();
    }

    void write(StateWriter out) {
        out.section("encoder", VERSION, body -> {
            body.putString(describe());
            normalizer.write(body);
            for (EmbeddingTable table : tables) {
                table.write(body);
            }
        });
    }

    void read(StateReader in) {
        StateReader body = in.section("encoder", VERSION);
        String found = body.getString();
        if (!found.equals(describe())) {
            throw new StateException("inputs: the state was learned on '" + found + "', the pipeline has '" + describe()
                    + "'; restore the features and embedding widths, or start from new state");
        }
        normalizer.read(body);
        for (EmbeddingTable table : tables) {
            table.read(body);
        }
        encoded = null;
    }
}
