package dev.reflux.events;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/**
 * Rows of decoded events in one packed buffer, in stream order. The views are shared: read them by absolute index and
 * never write, move or mark them. The bytes never change once the batch is built, so native code may read them too.
 *
 * @see MicroBatchBuilder
 */
public final class MicroBatch {

    private final BatchLayout layout;
    private final ByteBuffer packed;
    private final long id;
    private final int size;
    private final FloatBuffer numeric;
    private final FloatBuffer tensors;
    private final FloatBuffer teacher;
    private final IntBuffer categories;
    private final IntBuffer tokenOffsets;
    private final IntBuffer tokens;
    private final IntBuffer labels;
    private final IntBuffer truth;
    private final IntBuffer partitions;
    private final LongBuffer offsets;
    private final LongBuffer eventTimes;

    MicroBatch(BatchLayout layout, ByteBuffer packed, PackedFormat format) {
        this.layout = layout;
        this.packed = packed;
        id = PackedFormat.id(packed);
        size = format.rows();
        numeric = PackedFormat.floats(packed, format.numericAt(), size * layout.numeric());
        tensors = PackedFormat.floats(packed, format.tensorsAt(), size * layout.tensorVolume());
        teacher = PackedFormat.floats(packed, format.teacherAt(), size * layout.teacherClasses());
        categories = PackedFormat.ints(packed, format.categoriesAt(), size * layout.categories());
        tokenOffsets = PackedFormat.ints(packed, format.tokenOffsetsAt(), size * layout.texts() + 1);
        tokens = PackedFormat.ints(packed, format.tokensAt(), format.tokens());
        labels = PackedFormat.ints(packed, format.labelsAt(), size);
        truth = PackedFormat.ints(packed, format.truthAt(), size);
        partitions = PackedFormat.ints(packed, format.partitionsAt(), size);
        offsets = PackedFormat.longs(packed, format.offsetsAt(), size);
        eventTimes = PackedFormat.longs(packed, format.eventTimesAt(), size);
    }

    /**
     * Reads a batch from the bytes between {@code packed}'s position and limit, without copying: nobody may write them
     * afterwards. Give a direct buffer where native code is to read the batch without a copy.
     *
     * @throws IllegalArgumentException when the bytes are no batch of this layout, damaged, or written by a newer build
     */
    public static MicroBatch wrap(BatchLayout layout, ByteBuffer packed) {
        ByteBuffer own = packed.slice().order(ByteOrder.LITTLE_ENDIAN);
        PackedFormat format = PackedFormat.read(layout, own);
        if (format.rows() == 0) {
            throw new IllegalArgumentException("packed micro-batch: 0 rows found, a batch holds at least one");
        }
        return new MicroBatch(layout, own, format);
    }

    /** The whole batch as {@link #wrap} reads it, from position 0 to the limit; a new view on the same bytes. */
    public ByteBuffer packed() {
        return packed.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Position in the sequence of batches, as given to {@link MicroBatchBuilder#build}. */
    public long id() {
        return id;
    }

    /** Number of rows, at least 1. */
    public int size() {
        return size;
    }

    public BatchLayout layout() {
        return layout;
    }

    /** Raw numbers, {@code [size, layout.numeric]}; NaN is a missing value. */
    public FloatBuffer numeric() {
        return numeric;
    }

    /** Raw numbers, {@code [size, layout.tensorVolume()]}; a missing tensor is NaN throughout. */
    public FloatBuffer tensors() {
        return tensors;
    }

    /**
     * Probabilities of an external teacher, {@code [size, layout.teacherClasses()]}, which sum to 1 within
     * {@link TeacherField#SUM_TOLERANCE}; NaN throughout where it says nothing about an event.
     */
    public FloatBuffer teacher() {
        return teacher;
    }

    /** Codes, {@code [size, layout.categories()]}; -1 is missing or unknown. */
    public IntBuffer categories() {
        return categories;
    }

    /**
     * Where texts start, {@code [size * layout.texts() + 1]}: text column {@code j} of row {@code i} has the tokens from
     * {@code tokenOffsets[i * texts + j]} (inclusive) to {@code tokenOffsets[i * texts + j + 1]} (exclusive).
     */
    public IntBuffer tokenOffsets() {
        return tokenOffsets;
    }

    /** Hash buckets of all texts' tokens. */
    public IntBuffer tokens() {
        return tokens;
    }

    /** Classes that learning may see, {@code [size]}; -1 where the event has none or it is hidden. */
    public IntBuffer labels() {
        return labels;
    }

    /** Classes that quality is measured on, {@code [size]}; -1 where the event has none. */
    public IntBuffer truth() {
        return truth;
    }

    /** Topic partition of each row, {@code [size]}. */
    public IntBuffer partitions() {
        return partitions;
    }

    /** Offset of each row in its partition, {@code [size]}. */
    public LongBuffer offsets() {
        return offsets;
    }

    /** Time of each row in epoch milliseconds, {@code [size]}: the event's own, else its record's. */
    public LongBuffer eventTimes() {
        return eventTimes;
    }

    @Override
    public String toString() {
        return "MicroBatch[id=" + id + ", size=" + size + ", bytes=" + packed.limit() + "]";
    }
}
