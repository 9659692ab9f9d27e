package dev.reflux.events;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/**
 * Where a packed micro-batch keeps what: version 2 of the format, little endian. A header of {@value #HEADER_BYTES}
 * bytes, then the sections in the order of the components, each starting at a multiple of 8. The components other
 * than the counts are positions in bytes. Version 1 is the same without a teacher, its field in the header 0.
 */
record PackedFormat(
        int rows,
        int tokens,
        int numericAt,
        int tensorsAt,
        int teacherAt,
        int categoriesAt,
        int tokenOffsetsAt,
        int tokensAt,
        int labelsAt,
        int truthAt,
        int partitionsAt,
        int offsetsAt,
        int eventTimesAt,
        int bytes) {

    static final int VERSION = 2;
    static final int HEADER_BYTES = 64;

    /** The bytes {@code RFMB} in file order. */
    private static final int MAGIC = 'R' | 'F' << 8 | 'M' << 16 | 'B' << 24;

    private static final int AT_MAGIC = 0;
    private static final int AT_VERSION = 4;
    private static final int AT_BYTES = 8;
    private static final int AT_ROWS = 12;
    private static final int AT_ID = 16;
    private static final int AT_TOKENS = 24;
    private static final int AT_NUMERIC = 28;
    private static final int AT_CATEGORIES = 32;
    private static final int AT_TEXTS = 36;
    private static final int AT_TENSOR_VOLUME = 40;
    private static final int AT_FINGERPRINT = 44;
    private static final int AT_TEACHER = 48;

    /** Sections for so many rows and tokens. */
    static PackedFormat of(BatchLayout layout, int rows, int tokens) {
        Sections sections = new Sections();
        return new PackedFormat(
                rows,
                tokens,
                sections.next(rows, layout.numeric(), Float.BYTES),
                sections.next(rows, layout.tensorVolume(), Float.BYTES),
                sections.next(rows, layout.teacherClasses(), Float.BYTES),
                sections.next(rows, layout.categories(), Integer.BYTES),
                sections.next((long) rows * layout.texts() + 1, 1, Integer.BYTES),
                sections.next(tokens, 1, Integer.BYTES),
                sections.next(rows, 1, Integer.BYTES),
                sections.next(rows, 1, Integer.BYTES),
                sections.next(rows, 1, Integer.BYTES),
                sections.next(rows, 1, Long.BYTES),
                sections.next(rows, 1, Long.BYTES),
                sections.end());
    }

    void writeHeader(ByteBuffer packed, BatchLayout layout, long id) {
        packed.putInt(AT_MAGIC, MAGIC);
        packed.putInt(AT_VERSION, VERSION);
        packed.putInt(AT_BYTES, bytes);
        packed.putInt(AT_ROWS, rows);
        packed.putLong(AT_ID, id);
        packed.putInt(AT_TOKENS, tokens);
        packed.putInt(AT_NUMERIC, layout.numeric());
        packed.putInt(AT_CATEGORIES, layout.categories());
        packed.putInt(AT_TEXTS, layout.texts());
        packed.putInt(AT_TENSOR_VOLUME, layout.tensorVolume());
        packed.putInt(AT_FINGERPRINT, layout.fingerprint());
        packed.putInt(AT_TEACHER, layout.teacherClasses());
    }

    /**
     * Checks that {@code packed} (little endian, from 0 to its limit) holds rows of this layout and finds its sections.
     *
     * @throws IllegalArgumentException when it does not, is cut off, or was written by a newer build
     */
    static PackedFormat read(BatchLayout layout, ByteBuffer packed) {
        if (packed.limit() < HEADER_BYTES) {
            throw new IllegalArgumentException("packed micro-batch: " + packed.limit()
                    + " bytes found, the header alone has " + HEADER_BYTES + ": it was cut off");
        }
        if (packed.getInt(AT_MAGIC) != MAGIC) {
            throw new IllegalArgumentException("packed micro-batch: starts with "
                    + Integer.toHexString(Integer.reverseBytes(packed.getInt(AT_MAGIC)))
                    + ", not with 'RFMB': these bytes are something else");
        }
        int version = packed.getInt(AT_VERSION);
        if (version < 1 || version > VERSION) {
            throw new IllegalArgumentException(
                    "packed micro-batch: version " + version + " found, this build reads up to " + VERSION);
        }
        requireColumns("numeric columns", packed.getInt(AT_NUMERIC), layout.numeric());
        requireColumns("category columns", packed.getInt(AT_CATEGORIES), layout.categories());
        requireColumns("text columns", packed.getInt(AT_TEXTS), layout.texts());
        requireColumns("tensor numbers per event", packed.getInt(AT_TENSOR_VOLUME), layout.tensorVolume());
        if (packed.getInt(AT_FINGERPRINT) != layout.fingerprint()) {
            throw new IllegalArgumentException("packed micro-batch: its category sizes, text buckets or tensor shapes"
                    + " are not those of the schema: it was written for other features");
        }
        requireColumns("teacher's probabilities per event", packed.getInt(AT_TEACHER), layout.teacherClasses());
        int rows = packed.getInt(AT_ROWS);
        int tokens = packed.getInt(AT_TOKENS);
        if (rows < 0 || tokens < 0) {
            throw new IllegalArgumentException(
                    "packed micro-batch: " + rows + " rows and " + tokens + " tokens found, the header is damaged");
        }
        PackedFormat format = of(layout, rows, tokens);
        if (packed.getInt(AT_BYTES) != format.bytes || packed.limit() != format.bytes) {
            throw new IllegalArgumentException(
                    "packed micro-batch: " + packed.limit() + " bytes found, the header says " + packed.getInt(AT_BYTES)
                            + " and its counts ask for " + format.bytes);
        }
        format.requireTokenOffsets(packed, layout);
        return format;
    }

    static long id(ByteBuffer packed) {
        return packed.getLong(AT_ID);
    }

    static FloatBuffer floats(ByteBuffer packed, int at, int count) {
        return section(packed, at, count, Float.BYTES).asFloatBuffer();
    }

    static IntBuffer ints(ByteBuffer packed, int at, int count) {
        return section(packed, at, count, Integer.BYTES).asIntBuffer();
    }

    static LongBuffer longs(ByteBuffer packed, int at, int count) {
        return section(packed, at, count, Long.BYTES).asLongBuffer();
    }

    private static ByteBuffer section(ByteBuffer packed, int at, int count, int width) {
        return packed.slice(at, count * width).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void requireColumns(String what, int found, int expected) {
        if (found != expected) {
            throw new IllegalArgumentException("packed micro-batch: " + found + " " + what + " found, the schema has "
                    + expected + ": it was written for other features or without this teacher");
        }
    }

    private void requireTokenOffsets(ByteBuffer packed, BatchLayout layout) {
        int last = rows * layout.texts();
        int previous = packed.getInt(tokenOffsetsAt);
        boolean rising = previous == 0;
        for (int i = 1; i <= last && rising; i++) {
            int next = packed.getInt(tokenOffsetsAt + i * Integer.BYTES);
            rising = next >= previous;
            previous = next;
        }
        if (!rising || previous != tokens) {
            throw new IllegalArgumentException("packed micro-batch: its token offsets do not rise from 0 to " + tokens
                    + ", the bytes are damaged");
        }
    }

    /** Lays sections one behind the other. */
    private static final class Sections {

        private long end = HEADER_BYTES;

        int next(long rows, int columns, int width) {
            long start = end;
            end = (start + Math.multiplyExact(Math.multiplyExact(rows, (long) columns), width) + 7) & ~7L;
            if (end > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("packed micro-batch: " + end + " bytes needed, a batch holds up to "
                        + Integer.MAX_VALUE + ": choose a smaller batch size");
            }
            return (int) start;
        }

        int end() {
            return (int) end;
        }
    }
}
