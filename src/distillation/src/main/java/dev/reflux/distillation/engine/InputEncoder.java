package dev.reflux.distillation.engine;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Raw examples to dense rows: {@code [numeric, standardised | tensors, standardised | category embeddings | mean token
 * embedding of each text]}. Owns the running statistics and the embeddings.
 *
 * <p>The rows of the last call are kept: the same range of the same examples is encoded again only as far as statistics
 * or embeddings have changed.
 */
final class InputEncoder {

    private static final int VERSION = 1;
    private static final int TEXT_WIDTH = 32;
    private static final int WIDEST_CATEGORY = 16;

    private final InputLayout layout;
    private final int categories;
    private final int texts;
    private final int[] volumes;
    private final Normalizer normalizer;
    private final EmbeddingTable[] tables;
    private final int embeddingAt;
    private final int width;

    private float[] rows = {};
    private @Nullable Examples encoded;
    private int encodedFrom;
    private int encodedTo;
    private boolean denseStale;
    private boolean embeddingsStale;

    /**
     * Builds tables and empty statistics.
     *
     * @param embedding width of each embedding; 0 chooses {@code min(16, ceil(1.6 * codes^0.56))} for a category and 32
     *     for a text
     */
    InputEncoder(InputLayout layout, int embedding, OptimizerSpec optimizer, Rng rng) {
        this.layout = layout;
        this.categories = layout.categorySizes().size();
        this.texts = layout.textBuckets().size();
        this.volumes = new int[layout.tensorShapes().size()];
        Arrays.setAll(volumes, layout::tensorVolume);
        this.normalizer = new Normalizer(layout.numeric() + volumes.length);
        List<EmbeddingTable> built = new ArrayList<>();
        for (int size : layout.categorySizes()) {
            int columns = embedding > 0 ? embedding : categoryWidth(size);
            built.add(new EmbeddingTable(size + 1, columns, optimizer, rng));
        }
        for (int buckets : layout.textBuckets()) {
            built.add(new EmbeddingTable(buckets, embedding > 0 ? embedding : TEXT_WIDTH, optimizer, rng));
        }
        this.tables = built.toArray(EmbeddingTable[]::new);
        this.embeddingAt = layout.numeric() + layout.tensorVolume();
        this.width =
                embeddingAt + built.stream().mapToInt(EmbeddingTable::width).sum();
    }

    /** An encoder with the statistics of this one and embeddings drawn anew. */
    InputEncoder withNewEmbeddings(int embedding, OptimizerSpec optimizer, Rng rng) {
        InputEncoder fresh = new InputEncoder(layout, embedding, optimizer, rng);
        StateWriter statistics = new StateWriter();
        normalizer.write(statistics);
        fresh.normalizer.read(new StateReader(statistics.toBytes()));
        return fresh;
    }

    private static int categoryWidth(int size) {
        return Math.min(WIDEST_CATEGORY, (int) Math.ceil(1.6 * StrictMath.pow(size, 0.56)));
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
        int numeric = layout.numeric();
        int volume = embeddingAt - numeric;
        for (int row = from; row < to; row++) {
            for (int column = 0; column < numeric; column++) {
                normalizer.observe(column, examples.numeric().get(row * numeric + column));
            }
            int at = row * volume;
            for (int column = 0; column < volumes.length; column++) {
                if (!Float.isNaN(examples.tensors().get(at))) {
                    normalizer.observe(numeric + column, examples.tensors(), at, volumes[column]);
                }
                at += volumes[column];
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
        int numeric = layout.numeric();
        examples.numeric().get(row * numeric, rows, to, numeric);
        normalizer.normalise(rows, to, numeric);
        if (volumes.length == 0) {
            return;
        }
        int volume = embeddingAt - numeric;
        int at = to + numeric;
        examples.tensors().get(row * volume, rows, at, volume);
        for (int column = 0; column < volumes.length; column++) {
            if (Float.isNaN(rows[at])) {
                Arrays.fill(rows, at, at + volumes[column], 0);
            } else {
                normalizer.normaliseColumn(numeric + column, rows, at, volumes[column]);
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
        for (int column = 0; column < categories; column++) {
            EmbeddingTable table = tables[column];
            table.addRow(categoryRow(examples, row, column, table), 1, rows, at);
            at += table.width();
        }
        for (int column = 0; column < texts; column++) {
            EmbeddingTable table = tables[categories + column];
            int first = examples.tokenOffsets().get(row * texts + column);
            int last = examples.tokenOffsets().get(row * texts + column + 1);
            float share = 1f / (last - first);
            for (int token = first; token < last; token++) {
                table.addRow(tokenRow(examples, token, table), share, rows, at);
            }
            at += table.width();
        }
    }

    /** Gradients of the embeddings from that of the encoded rows; returns their squared norm. */
    double backward(Examples examples, int from, int to, float[] gradient) {
        for (int row = from; row < to; row++) {
            int at = (row - from) * width + embeddingAt;
            for (int column = 0; column < categories; column++) {
                EmbeddingTable table = tables[column];
                table.addGradient(categoryRow(examples, row, column, table), 1, gradient, at);
                at += table.width();
            }
            for (int column = 0; column < texts; column++) {
                EmbeddingTable table = tables[categories + column];
                int first = examples.tokenOffsets().get(row * texts + column);
                int last = examples.tokenOffsets().get(row * texts + column + 1);
                float share = 1f / (last - first);
                for (int token = first; token < last; token++) {
                    table.addGradient(tokenRow(examples, token, table), share, gradient, at);
                }
                at += table.width();
            }
        }
        double squares = 0;
        for (EmbeddingTable table : tables) {
            squares += table.gradientSquares();
        }
        return squares;
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
        int code = examples.categories().get(row * categories + column);
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
        if (examples.layout() != layout && !examples.layout().equals(layout)) {
            throw new IllegalArgumentException(
                    "examples with layout " + examples.layout() + " found, the model was built for " + layout);
        }
    }

    private String describe() {
        StringBuilder text = new StringBuilder("numeric ").append(layout.numeric());
        for (int i = 0; i < tables.length; i++) {
            text.append(i < categories ? ", category " : ", text ")
                    .append(tables[i].rows())
                    .append('x')
                    .append(tables[i].width());
        }
        layout.tensorShapes().forEach(shape -> text.append(", tensor ").append(shape));
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
