package dev.reflux.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MicroBatchTest {

    private static final BatchLayout LAYOUT =
            new BatchLayout(3, List.of(5, 2), List.of(100, 7), List.of(List.of(2), List.of(1, 3)), 4);
    private static final BatchLayout WITHOUT_TEACHER =
            new BatchLayout(3, List.of(5, 2), List.of(100, 7), List.of(List.of(2), List.of(1, 3)));

    /** A NaN with a payload: only a copy of the bits keeps it. */
    private static final int ODD_NAN = 0x7fc12345;

    @Test
    void packed_knownRows_areTheGoldenFile() throws IOException {
        assertThat(bytes(knownRows().build(77).packed())).isEqualTo(golden("micro-batch-2.bin"));
    }

    @Test
    void save_knownRows_areTheGoldenFile() throws IOException {
        assertThat(knownRows().save()).isEqualTo(golden("partial-batch-2.bin"));
    }

    @Test
    void wrap_goldenFile_givesTheKnownRows() throws IOException {
        MicroBatch rows = MicroBatch.wrap(LAYOUT, ByteBuffer.wrap(golden("micro-batch-2.bin")));
        assertThat(rows.layout()).isEqualTo(LAYOUT);
        assertKnownFeatures(rows);
        assertThat(rows.teacher().limit()).isEqualTo(8);
        assertThat(IntStream.range(0, 8).mapToObj(rows.teacher()::get))
                .containsExactly(0.1f, 0.2f, 0.3f, 0.4f, Float.NaN, Float.NaN, Float.NaN, Float.NaN);
    }

    @Test
    void wrap_goldenFileOfVersion1_givesTheKnownRowsWithoutATeacher() throws IOException {
        byte[] golden = golden("micro-batch-1.bin");
        MicroBatch rows = MicroBatch.wrap(WITHOUT_TEACHER, ByteBuffer.wrap(golden));
        assertThat(rows.layout()).isEqualTo(WITHOUT_TEACHER);
        assertKnownFeatures(rows);
        assertThat(rows.teacher().limit()).isZero();
        assertThatThrownBy(() -> MicroBatch.wrap(LAYOUT, ByteBuffer.wrap(golden)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 teacher's probabilities per event found, the schema has 4");
    }

    private static void assertKnownFeatures(MicroBatch rows) {
        assertThat(rows.id()).isEqualTo(77);
        assertThat(rows.size()).isEqualTo(2);
        assertThat(IntStream.range(0, 6).mapToObj(rows.numeric()::get))
                .containsExactly(1.5f, Float.NaN, -2f, 0.25f, Float.NaN, 1e-40f);
        assertThat(Float.floatToRawIntBits(rows.numeric().get(4))).isEqualTo(ODD_NAN);
        assertThat(IntStream.range(0, 4).map(rows.categories()::get)).containsExactly(4, -1, -1, 1);
        assertThat(IntStream.range(0, 5).map(rows.tokenOffsets()::get)).containsExactly(0, 0, 2, 3, 3);
        assertThat(IntStream.range(0, 3).map(rows.tokens()::get)).containsExactly(6, 5, 99);
        assertThat(IntStream.range(0, 10).mapToObj(rows.tensors()::get))
                .containsExactly(Float.NaN, Float.NaN, 10f, 11f, 12f, 20f, 21f, Float.NaN, Float.NaN, Float.NaN);
        assertThat(IntStream.range(0, 2).map(rows.labels()::get)).containsExactly(3, -1);
        assertThat(IntStream.range(0, 2).map(rows.truth()::get)).containsExactly(3, -1);
        assertThat(IntStream.range(0, 2).map(rows.partitions()::get)).containsExactly(1, 0);
        assertThat(IntStream.range(0, 2).mapToLong(rows.offsets()::get)).containsExactly(1L << 40, 5L);
        assertThat(IntStream.range(0, 2).mapToLong(rows.eventTimes()::get)).containsExactly(-1L, 1_700_000_000_000L);
        assertThat(rows.numeric().limit()).isEqualTo(6);
        assertThat(rows.tokens().limit()).isEqualTo(3);
        assertThat(rows.tensors().limit()).isEqualTo(10);
    }

    @Test
    void restore_goldenFile_givesTheKnownRows() throws IOException {
        MicroBatchBuilder restored = new MicroBatchBuilder(LAYOUT, 8);
        restored.restore(golden("partial-batch-2.bin"));
        assertThat(bytes(restored.build(77).packed())).isEqualTo(golden("micro-batch-2.bin"));
    }

    @Test
    void restore_goldenFileOfVersion1_goesOnInTheFormatOfToday() throws IOException {
        MicroBatchBuilder restored = new MicroBatchBuilder(WITHOUT_TEACHER, 8);
        restored.restore(golden("partial-batch-1.bin"));
        ByteBuffer expected = ByteBuffer.wrap(golden("micro-batch-1.bin")).put(4, (byte) 2);
        assertThat(bytes(restored.build(77).packed())).isEqualTo(bytes(expected));
    }

    @Test
    void restore_newerVersion_isRefused() {
        byte[] saved = knownRows().save();
        saved[4] = 3;
        assertThatThrownBy(() -> new MicroBatchBuilder(LAYOUT, 8).restore(saved))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("version 3 found, this build reads up to 2");
    }

    @Test
    void wrap_slicedOrBigEndianBuffer_readsFromItsPosition() {
        MicroBatch rows = knownRows().build(1);
        ByteBuffer shifted =
                ByteBuffer.allocateDirect(rows.packed().limit() + 24).order(ByteOrder.BIG_ENDIAN);
        shifted.position(16).put(rows.packed()).flip().position(16);
        MicroBatch wrapped = MicroBatch.wrap(LAYOUT, shifted);
        assertThat(wrapped.packed()).isEqualTo(rows.packed());
        assertThat(wrapped.offsets().get(0)).isEqualTo(1L << 40);
        assertThat(wrapped.packed().isDirect()).isTrue();
    }

    @Test
    void build_buffer_isDirectAndOfTheRightSize() {
        BatchLayout wide = new BatchLayout(54, List.of(), List.of(), List.of());
        MicroBatchBuilder builder = new MicroBatchBuilder(wide, 100);
        builder.beginRow();
        builder.commitRow(0, 0, 0);
        ByteBuffer packed = builder.build(0).packed();
        assertThat(packed.isDirect()).isTrue();
        // header 64, 54 floats, one token offset, label, truth and partition each padded to 8, two longs
        assertThat(packed.capacity()).isEqualTo(64 + 216 + 8 + 8 + 8 + 8 + 16);
    }

    @Test
    void wrap_newerVersion_isRefused() {
        ByteBuffer packed = copyOf(knownRows().build(1)).putInt(4, 3);
        assertThatThrownBy(() -> MicroBatch.wrap(LAYOUT, packed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("version 3 found, this build reads up to 2");
    }

    @Test
    void wrap_otherLayout_isRefused() {
        ByteBuffer packed = copyOf(knownRows().build(1));
        for (BatchLayout other : List.of(
                new BatchLayout(4, List.of(5, 2), List.of(100, 7), List.of(List.of(2), List.of(1, 3)), 4),
                new BatchLayout(3, List.of(5), List.of(100, 7), List.of(List.of(2), List.of(1, 3)), 4),
                new BatchLayout(3, List.of(5, 2), List.of(100), List.of(List.of(2), List.of(1, 3)), 4),
                new BatchLayout(3, List.of(5, 2), List.of(100, 7), List.of(List.of(2)), 4),
                new BatchLayout(3, List.of(5, 3), List.of(100, 7), List.of(List.of(2), List.of(1, 3)), 4),
                new BatchLayout(3, List.of(5, 2), List.of(100, 7), List.of(List.of(2), List.of(3, 1)), 4),
                new BatchLayout(3, List.of(5, 2), List.of(100, 7), List.of(List.of(2), List.of(1, 3)), 3),
                WITHOUT_TEACHER)) {
            assertThatThrownBy(() -> MicroBatch.wrap(other, packed))
                    .as(other.toString())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("other features");
        }
    }

    @Test
    void wrap_cutOffOrExtended_isRefused() {
        ByteBuffer packed = copyOf(knownRows().build(1));
        for (int length = 0; length < packed.limit(); length++) {
            ByteBuffer cut = packed.duplicate().limit(length);
            assertThatThrownBy(() -> MicroBatch.wrap(LAYOUT, cut)).isInstanceOf(IllegalArgumentException.class);
        }
        ByteBuffer longer =
                ByteBuffer.allocate(packed.limit() + 8).put(packed.duplicate()).clear();
        assertThatThrownBy(() -> MicroBatch.wrap(LAYOUT, longer)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void wrap_damagedHeaderOrTokenOffsets_isRefusedOrStaysInBounds() {
        ByteBuffer packed = copyOf(knownRows().build(1));
        Random random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            ByteBuffer damaged = ByteBuffer.allocate(packed.limit()).order(ByteOrder.LITTLE_ENDIAN);
            damaged.put(packed.duplicate()).clear();
            int at = random.nextInt(packed.limit() - 3);
            damaged.putInt(at, random.nextInt());
            try {
                MicroBatch rows = MicroBatch.wrap(LAYOUT, damaged);
                assertThat(rows.size()).isEqualTo(2);
                for (int text = 0; text < 4; text++) {
                    assertThat(rows.tokenOffsets().get(text))
                            .isBetween(0, rows.tokens().limit());
                }
            } catch (IllegalArgumentException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1000);
    }

    @Test
    void wrap_noRows_isRefused() {
        byte[] saved = new MicroBatchBuilder(LAYOUT, 2).save();
        ByteBuffer packed = ByteBuffer.wrap(saved, 8, saved.length - 8);
        assertThatThrownBy(() -> MicroBatch.wrap(LAYOUT, packed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 rows");
    }

    @Test
    void builtBatch_builderGoesOn_staysAsItIs() {
        MicroBatchBuilder builder = knownRows();
        MicroBatch first = builder.build(1);
        byte[] before = bytes(first.packed());
        for (int i = 0; i < 8; i++) {
            builder.beginRow();
            builder.setNumeric(0, 1000 + i);
            builder.addToken(0, 3);
            builder.commitRow(9, 9, 9);
        }
        builder.build(2);
        assertThat(bytes(first.packed())).isEqualTo(before);
    }

    static MicroBatchBuilder knownRows() {
        MicroBatchBuilder builder = new MicroBatchBuilder(LAYOUT, 8);
        builder.beginRow();
        builder.setNumeric(0, 1.5f);
        builder.setNumeric(2, -2f);
        builder.setCategory(0, 4);
        builder.addToken(1, 6);
        builder.addToken(1, 5);
        builder.setTensor(2, 10);
        builder.setTensor(3, 11);
        builder.setTensor(4, 12);
        builder.setTeacher(0, 0.1f);
        builder.setTeacher(1, 0.2f);
        builder.setTeacher(2, 0.3f);
        builder.setTeacher(3, 0.4f);
        builder.setLabel(3);
        builder.commitRow(1, 1L << 40, -1);
        builder.beginRow();
        builder.setNumeric(0, 0.25f);
        builder.setNumeric(1, Float.intBitsToFloat(ODD_NAN));
        builder.setNumeric(2, 1e-40f);
        builder.setCategory(1, 1);
        builder.addToken(0, 99);
        builder.setTensor(0, 20);
        builder.setTensor(1, 21);
        builder.commitRow(0, 5, 1_700_000_000_000L);
        return builder;
    }

    private static ByteBuffer copyOf(MicroBatch rows) {
        ByteBuffer copy = ByteBuffer.allocate(rows.packed().limit()).order(ByteOrder.LITTLE_ENDIAN);
        return copy.put(rows.packed()).flip();
    }

    private static byte[] bytes(ByteBuffer packed) {
        byte[] bytes = new byte[packed.remaining()];
        packed.get(bytes);
        return bytes;
    }

    private static byte[] golden(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(MicroBatchTest.class.getResourceAsStream("/golden/" + name))) {
            return in.readAllBytes();
        }
    }
}
