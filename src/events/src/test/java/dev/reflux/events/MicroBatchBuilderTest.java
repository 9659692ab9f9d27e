package dev.reflux.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class MicroBatchBuilderTest {

    private static final BatchLayout LAYOUT =
            new BatchLayout(2, List.of(9), List.of(50, 60), List.of(List.of(2, 2)), 3);

    /** Wherever the batch is cut by a save and a restore into another builder, the result is the same to the bit. */
    @Test
    void restore_savedAtAnyRow_goesOnBitForBit() {
        int rows = 70;
        MicroBatchBuilder undisturbed = new MicroBatchBuilder(LAYOUT, rows, new LabelMask(0.5, 3));
        for (int row = 0; row < rows; row++) {
            append(undisturbed, row);
        }
        ByteBuffer expected = undisturbed.build(5).packed();
        for (int cut = 0; cut <= rows; cut++) {
            MicroBatchBuilder before = new MicroBatchBuilder(LAYOUT, rows, new LabelMask(0.5, 3));
            for (int row = 0; row < cut; row++) {
                append(before, row);
            }
            MicroBatchBuilder after = new MicroBatchBuilder(LAYOUT, rows, new LabelMask(0.5, 3));
            append(after, 12345);
            after.restore(before.save());
            assertThat(after.size()).isEqualTo(cut);
            assertThat(after.save()).isEqualTo(before.save());
            for (int row = cut; row < rows; row++) {
                append(after, row);
            }
            assertThat(after.build(5).packed()).as("cut at " + cut).isEqualTo(expected);
        }
    }

    @Test
    void restore_moreRowsThanTheCapacity_keepsAll() {
        MicroBatchBuilder large = new MicroBatchBuilder(LAYOUT, 64);
        for (int row = 0; row < 40; row++) {
            append(large, row);
        }
        MicroBatchBuilder small = new MicroBatchBuilder(LAYOUT, 8);
        small.restore(large.save());
        assertThat(small.size()).isEqualTo(40);
        assertThat(small.isFull()).isTrue();
        assertThat(small.build(1).packed()).isEqualTo(large.build(1).packed());
        assertThat(small.isFull()).isFalse();
    }

    @Test
    void restore_otherBytes_isRefusedAndLeavesTheRows() {
        MicroBatchBuilder builder = new MicroBatchBuilder(LAYOUT, 8);
        append(builder, 1);
        byte[] saved = builder.save();
        byte[] newer = saved.clone();
        newer[4] = 9;
        assertThatThrownBy(() -> builder.restore(newer))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("version 9 found, this build reads up to 2");
        assertThatThrownBy(() -> builder.restore(new byte[3])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.restore(new byte[200])).isInstanceOf(IllegalArgumentException.class);
        MicroBatchBuilder other = new MicroBatchBuilder(new BatchLayout(1, List.of(), List.of(), List.of()), 8);
        assertThatThrownBy(() -> other.restore(saved))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("other features");
        assertThat(builder.save()).isEqualTo(saved);
    }

    @Test
    void commitRow_maskedLabel_goesIntoTruthOnly() {
        LabelMask mask = new LabelMask(0.3, 11);
        MicroBatchBuilder builder = new MicroBatchBuilder(LAYOUT, 500, mask);
        for (int row = 0; row < 500; row++) {
            append(builder, row);
        }
        MicroBatch rows = builder.build(0);
        int hidden = 0;
        for (int row = 0; row < 500; row++) {
            int truth = row % 7 - 1;
            boolean visible = mask.visible(row % 3, row);
            assertThat(rows.truth().get(row)).isEqualTo(truth);
            assertThat(rows.labels().get(row)).isEqualTo(visible ? truth : -1);
            hidden += visible ? 0 : 1;
        }
        assertThat(hidden).isBetween(300, 400);
    }

    @Test
    void beginRow_rowNotCommitted_leavesNothing() {
        MicroBatchBuilder builder = new MicroBatchBuilder(LAYOUT, 4);
        builder.beginRow();
        builder.setNumeric(0, 1);
        builder.setCategory(0, 3);
        builder.addToken(0, 4);
        builder.addToken(1, 5);
        builder.setTensor(3, 6);
        builder.setTeacher(2, 1);
        builder.setLabel(1);
        builder.beginRow();
        builder.commitRow(0, 1, 2);
        MicroBatchBuilder empty = new MicroBatchBuilder(LAYOUT, 4);
        empty.beginRow();
        empty.commitRow(0, 1, 2);
        assertThat(builder.build(0).packed()).isEqualTo(empty.build(0).packed());
    }

    @Test
    void build_afterBuild_startsAnew() {
        MicroBatchBuilder builder = new MicroBatchBuilder(LAYOUT, 40);
        for (int row = 0; row < 40; row++) {
            append(builder, row);
        }
        builder.build(0);
        assertThat(builder.isEmpty()).isTrue();
        append(builder, 3);
        MicroBatchBuilder fresh = new MicroBatchBuilder(LAYOUT, 40);
        append(fresh, 3);
        assertThat(builder.build(1).packed()).isEqualTo(fresh.build(1).packed());
    }

    @Test
    void builder_wrongUse_isNamed() {
        MicroBatchBuilder builder = new MicroBatchBuilder(LAYOUT, 1);
        assertThatThrownBy(() -> builder.build(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no row");
        assertThatThrownBy(() -> builder.commitRow(0, 0, 0)).isInstanceOf(IllegalStateException.class);
        append(builder, 0);
        assertThatThrownBy(builder::beginRow)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("full");
        assertThatThrownBy(() -> new MicroBatchBuilder(LAYOUT, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("batch size: 0");
        BatchLayout huge = new BatchLayout(0, List.of(), List.of(), List.of(List.of(1 << 20)));
        assertThatThrownBy(() -> new MicroBatchBuilder(huge, 1 << 20))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("smaller batch size");
    }

    @Test
    void discardRow_begunRow_cannotBeCommitted() {
        MicroBatchBuilder builder = new MicroBatchBuilder(LAYOUT, 1);
        builder.beginRow();
        builder.discardRow();
        assertThatThrownBy(() -> builder.commitRow(0, 0, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void setters_columnOutsideTheLayout_areRefused() {
        MicroBatchBuilder builder = new MicroBatchBuilder(LAYOUT, 4);
        builder.beginRow();
        assertThatThrownBy(() -> builder.setNumeric(2, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> builder.setCategory(1, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> builder.setTensor(4, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> builder.setTeacher(3, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> builder.addToken(2, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void packed_order_isLittleEndian() {
        MicroBatchBuilder builder = new MicroBatchBuilder(LAYOUT, 4);
        append(builder, 0);
        assertThat(builder.build(0).packed().order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
    }

    private static void append(MicroBatchBuilder builder, int row) {
        builder.beginRow();
        long bits = SplitMix64.mix(row);
        builder.setNumeric(row % 2, Float.intBitsToFloat((int) bits));
        builder.setCategory(0, row % 9);
        for (int token = 0; token < row % 5; token++) {
            builder.addToken(0, token);
        }
        for (int token = 0; token < row * 7 % 90; token++) {
            builder.addToken(1, token % 60);
        }
        for (int i = 0; i < 4 && row % 3 > 0; i++) {
            builder.setTensor(i, row + i);
        }
        for (int code = 0; code < 3 && row % 4 > 0; code++) {
            builder.setTeacher(code, code == row % 3 ? 0.5f : 0.25f);
        }
        builder.setLabel(row % 7 - 1);
        builder.commitRow(row % 3, row, bits);
    }
}
