package dev.reflux.events;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * Collects rows until there are enough for a {@link MicroBatch}. A row is begun, filled in any order and committed; a
 * row that is begun again without being committed leaves nothing behind. What is not set is missing. Not for several
 * threads at once.
 */
public final class MicroBatchBuilder {

    /** Version of what {@link #save} writes. */
    private static final int VERSION = 2;

    /** The bytes {@code RFMP} in file order. */
    private static final int MAGIC = 'R' | 'F' << 8 | 'M' << 16 | 'P' << 24;

    private static final int PREFIX_BYTES = 8;
    private static final int FIRST_ROWS = 16;

    private final BatchLayout layout;
    private final int capacity;
    private final LabelMask mask;
    private final int numericColumns;
    private final int categoryColumns;
    private final int textColumns;
    private final int tensorVolume;
    private final int teacherClasses;

    private float[] numeric;
    private float[] tensors;
    private float[] teacher;
    private int[] categories;
    private int[] tokenOffsets;
    private int[] tokens = new int[0];
    private int[] labels;
    private int[] truth;
    private int[] partitions;
    private long[] offsets;
    private long[] eventTimes;
    private int size;

    private final int[][] rowTokens;
    private final int[] rowTokenCounts;
    private int rowLabel;
    private boolean inRow;

    /** A builder for batches of up to {@code capacity} rows whose labels are all visible. */
    public MicroBatchBuilder(BatchLayout layout, int capacity) {
        this(layout, capacity, LabelMask.none());
    }

    /**
     * A builder that hides labels from learning.
     *
     * @param mask which labels go into {@link MicroBatch#truth} only
     */
    public MicroBatchBuilder(BatchLayout layout, int capacity, LabelMask mask) {
        if (capacity < 1) {
            throw new IllegalArgumentException("batch size: " + capacity + " found, must be at least 1");
        }
        // refuses sizes that no buffer could hold, before the first event
        PackedFormat.of(layout, capacity, 0);
        this.layout = layout;
        this.capacity = capacity;
        this.mask = mask;
        numericColumns = layout.numeric();
        categoryColumns = layout.categories();
        textColumns = layout.texts();
        tensorVolume = layout.tensorVolume();
        teacherClasses = layout.teacherClasses();
        rowTokens = new int[textColumns][64];
        rowTokenCounts = new int[textColumns];
        int rows = Math.min(capacity, FIRST_ROWS);
        numeric = new float[rows * numericColumns];
        tensors = new float[rows * tensorVolume];
        teacher = new float[rows * teacherClasses];
        categories = new int[rows * categoryColumns];
        tokenOffsets = new int[rows * textColumns + 1];
        labels = new int[rows];
        truth = new int[rows];
        partitions = new int[rows];
        offsets = new long[rows];
        eventTimes = new long[rows];
    }

    public BatchLayout layout() {
        return layout;
    }

    public int capacity() {
        return capacity;
    }

    /** Number of committed rows. */
    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** Whether it holds as many rows as it may; then {@link #build} is due. */
    public boolean isFull() {
        return size >= capacity;
    }

    /**
     * Starts a row in which everything is missing, in place of one that was not committed.
     *
     * @throws IllegalStateException when the builder is full
     */
    public void beginRow() {
        if (isFull()) {
            throw new IllegalStateException("the batch is full with " + size + " rows: build it before the next row");
        }
        if (size == labels.length) {
            grow((int) Math.min(capacity, 2L * size));
        }
        Arrays.fill(numeric, size * numericColumns, (size + 1) * numericColumns, Float.NaN);
        Arrays.fill(tensors, size * tensorVolume, (size + 1) * tensorVolume, Float.NaN);
        Arrays.fill(teacher, size * teacherClasses, (size + 1) * teacherClasses, Float.NaN);
        Arrays.fill(categories, size * categoryColumns, (size + 1) * categoryColumns, -1);
        Arrays.fill(rowTokenCounts, 0);
        rowLabel = -1;
        inRow = true;
    }

    /** Sets a number of the row; NaN is missing. */
    public void setNumeric(int column, float value) {
        numeric[size * numericColumns + Objects.checkIndex(column, numericColumns)] = value;
    }

    /** Sets a category of the row; -1 is missing or unknown. */
    public void setCategory(int column, int code) {
        categories[size * categoryColumns + Objects.checkIndex(column, categoryColumns)] = code;
    }

    /** Adds a token's hash bucket to a text of the row. */
    public void addToken(int text, int bucket) {
        int count = rowTokenCounts[text];
        if (count == rowTokens[text].length) {
            rowTokens[text] = Arrays.copyOf(rowTokens[text], count * 2);
        }
        rowTokens[text][count] = bucket;
        rowTokenCounts[text] = count + 1;
    }

    /** Sets one number of the row's tensors, which lie one behind the other. */
    public void setTensor(int position, float value) {
        tensors[size * tensorVolume + Objects.checkIndex(position, tensorVolume)] = value;
    }

    /** Sets a class's probability that an external teacher gives for the row; either of all classes or of none. */
    public void setTeacher(int code, float probability) {
        teacher[size * teacherClasses + Objects.checkIndex(code, teacherClasses)] = probability;
    }

    /** Sets the class of the row; -1 is unlabelled. */
    public void setLabel(int label) {
        rowLabel = label;
    }

    /**
     * Adds the row that was begun. Its place decides whether learning may see its label.
     *
     * @param eventTime epoch milliseconds
     */
    public void commitRow(int partition, long offset, long eventTime) {
        if (!inRow) {
            throw new IllegalStateException("no row to commit: begin one first");
        }
        for (int text = 0; text < textColumns; text++) {
            int start = tokenOffsets[size * textColumns + text];
            int count = rowTokenCounts[text];
            if (start + count > tokens.length) {
                tokens = Arrays.copyOf(tokens, Math.max(start + count, tokens.length * 2));
            }
            System.arraycopy(rowTokens[text], 0, tokens, start, count);
            tokenOffsets[size * textColumns + text + 1] = start + count;
        }
        truth[size] = rowLabel;
        labels[size] = rowLabel >= 0 && mask.visible(partition, offset) ? rowLabel : -1;
        partitions[size] = partition;
        offsets[size] = offset;
        eventTimes[size] = eventTime;
        size++;
        inRow = false;
    }

    /** Forgets the row that was begun. */
    public void discardRow() {
        inRow = false;
    }

    /**
     * The committed rows as a batch in a buffer of its own; the builder is empty afterwards.
     *
     * @param id position in the sequence of batches
     * @throws IllegalStateException when there is no row
     */
    public MicroBatch build(long id) {
        if (size == 0) {
            throw new IllegalStateException("no row to build a batch from: a batch holds at least one");
        }
        PackedFormat format = PackedFormat.of(layout, size, tokenCount());
        ByteBuffer packed = ByteBuffer.allocateDirect(format.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        write(format, packed, id);
        size = 0;
        inRow = false;
        return new MicroBatch(layout, packed, format);
    }

    /** The committed rows as versioned bytes, for {@link #restore}; the builder keeps them. */
    public byte[] save() {
        PackedFormat format = PackedFormat.of(layout, size, tokenCount());
        ByteBuffer bytes = ByteBuffer.allocate(PREFIX_BYTES + format.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(MAGIC).putInt(VERSION);
        write(format, bytes.slice().order(ByteOrder.LITTLE_ENDIAN), 0);
        return bytes.array();
    }

    /**
     * Replaces the content by saved rows, bit for bit, with the visibility their labels had. When more rows were saved
     * than this builder's capacity, all are kept and the builder is full.
     *
     * @throws IllegalArgumentException when the bytes are no rows of this layout, damaged, or saved by a newer build
     */
    public void restore(byte[] saved) {
        ByteBuffer bytes = ByteBuffer.wrap(saved).order(ByteOrder.LITTLE_ENDIAN);
        if (saved.length < PREFIX_BYTES || bytes.getInt() != MAGIC) {
            throw new IllegalArgumentException("saved partial batch: " + saved.length
                    + " bytes that do not start with 'RFMP' found: these bytes are something else");
        }
        int version = bytes.getInt();
        if (version < 1 || version > VERSION) {
            throw new IllegalArgumentException(
                    "saved partial batch: version " + version + " found, this build reads up to " + VERSION);
        }
        ByteBuffer packed = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        read(PackedFormat.read(layout, packed), packed);
    }

    private void write(PackedFormat format, ByteBuffer packed, long id) {
        format.writeHeader(packed, layout, id);
        PackedFormat.floats(packed, format.numericAt(), size * numericColumns).put(numeric, 0, size * numericColumns);
        PackedFormat.floats(packed, format.tensorsAt(), size * tensorVolume).put(tensors, 0, size * tensorVolume);
        PackedFormat.floats(packed, format.teacherAt(), size * teacherClasses).put(teacher, 0, size * teacherClasses);
        PackedFormat.ints(packed, format.categoriesAt(), size * categoryColumns)
                .put(categories, 0, size * categoryColumns);
        PackedFormat.ints(packed, format.tokenOffsetsAt(), size * textColumns + 1)
                .put(tokenOffsets, 0, size * textColumns + 1);
        PackedFormat.ints(packed, format.tokensAt(), format.tokens()).put(tokens, 0, format.tokens());
        PackedFormat.ints(packed, format.labelsAt(), size).put(labels, 0, size);
        PackedFormat.ints(packed, format.truthAt(), size).put(truth, 0, size);
        PackedFormat.ints(packed, format.partitionsAt(), size).put(partitions, 0, size);
        PackedFormat.longs(packed, format.offsetsAt(), size).put(offsets, 0, size);
        PackedFormat.longs(packed, format.eventTimesAt(), size).put(eventTimes, 0, size);
    }

    private void read(PackedFormat format, ByteBuffer packed) {
        int rows = format.rows();
        if (rows > labels.length) {
            grow(rows);
        }
        size = rows;
        inRow = false;
        PackedFormat.floats(packed, format.numericAt(), rows * numericColumns).get(numeric, 0, rows * numericColumns);
        PackedFormat.floats(packed, format.tensorsAt(), rows * tensorVolume).get(tensors, 0, rows * tensorVolume);
        PackedFormat.floats(packed, format.teacherAt(), rows * teacherClasses).get(teacher, 0, rows * teacherClasses);
        PackedFormat.ints(packed, format.categoriesAt(), rows * categoryColumns)
                .get(categories, 0, rows * categoryColumns);
        PackedFormat.ints(packed, format.tokenOffsetsAt(), rows * textColumns + 1)
                .get(tokenOffsets, 0, rows * textColumns + 1);
        tokens = Arrays.copyOf(tokens, Math.max(tokens.length, format.tokens()));
        PackedFormat.ints(packed, format.tokensAt(), format.tokens()).get(tokens, 0, format.tokens());
        PackedFormat.ints(packed, format.labelsAt(), rows).get(labels, 0, rows);
        PackedFormat.ints(packed, format.truthAt(), rows).get(truth, 0, rows);
        PackedFormat.ints(packed, format.partitionsAt(), rows).get(partitions, 0, rows);
        PackedFormat.longs(packed, format.offsetsAt(), rows).get(offsets, 0, rows);
        PackedFormat.longs(packed, format.eventTimesAt(), rows).get(eventTimes, 0, rows);
    }

    private int tokenCount() {
        return tokenOffsets[size * textColumns];
    }

    private void grow(int rows) {
        numeric = Arrays.copyOf(numeric, rows * numericColumns);
        tensors = Arrays.copyOf(tensors, rows * tensorVolume);
        teacher = Arrays.copyOf(teacher, rows * teacherClasses);
        categories = Arrays.copyOf(categories, rows * categoryColumns);
        tokenOffsets = Arrays.copyOf(tokenOffsets, rows * textColumns + 1);
        labels = Arrays.copyOf(labels, rows);
        truth = Arrays.copyOf(truth, rows);
        partitions = Arrays.copyOf(partitions, rows);
        offsets = Arrays.copyOf(offsets, rows);
        eventTimes = Arrays.copyOf(eventTimes, rows);
    }
}
