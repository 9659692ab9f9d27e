package dev.reflux.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.events.BatchLayout;
import dev.reflux.events.LabelMask;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.MicroBatchBuilder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChangeTest {

    private static final BatchLayout LAYOUT = new BatchLayout(4, List.of(3), List.of(4096), List.of(List.of(1, 2, 1)));
    private static final int CLASSES = 3;

    @Test
    void labels_fromAnEventOn_becomeTheNextClass() {
        MicroBatch changed = Change.LABELS.apply(batch(LabelMask.none()), CLASSES, 10, 11, LabelMask.none());

        assertThat(ints(changed.truth())).containsExactly(0, 2, 0, -1);
        assertThat(ints(changed.labels())).containsExactly(0, 2, 0, -1);
        assertThat(floats(changed.numeric()))
                .isEqualTo(floats(batch(LabelMask.none()).numeric()));
    }

    @Test
    void labels_thatAreHidden_stayHidden() {
        LabelMask half = new LabelMask(0.5, 3);
        MicroBatch batch = batch(half);

        MicroBatch changed = Change.LABELS.apply(batch, CLASSES, 0, 0, half);

        for (int row = 0; row < batch.size(); row++) {
            assertThat(changed.labels().get(row) < 0).isEqualTo(batch.labels().get(row) < 0);
        }
    }

    @Test
    void features_fromAnEventOn_changePlaces() {
        MicroBatch changed = Change.FEATURES.apply(batch(LabelMask.none()), CLASSES, 0, 3, LabelMask.none());

        assertThat(floats(changed.numeric())).startsWith(0, 1, 2, 3).endsWith(32, 33, 30, 31);
        assertThat(floats(changed.tensors())).startsWith(0, 1).endsWith(31, 30);
        assertThat(ints(changed.tokens())).containsExactly(7, 8, 9, 10 + 2049);
        assertThat(ints(changed.categories())).containsExactly(0, 1, 2, 0);
        assertThat(ints(changed.truth())).containsExactly(0, 1, 2, -1);
    }

    @Test
    void apply_batchBeforeTheChange_isTheSameBatch() {
        MicroBatch batch = batch(LabelMask.none());

        assertThat(Change.LABELS.apply(batch, CLASSES, 0, 4, LabelMask.none())).isSameAs(batch);
    }

    /** Four rows: numbers 10 * row + column, a category, one word, two pixels, labels 0, 1, 2 and none. */
    private static MicroBatch batch(LabelMask mask) {
        MicroBatchBuilder builder = new MicroBatchBuilder(LAYOUT, 4, mask);
        for (int row = 0; row < 4; row++) {
            builder.beginRow();
            for (int c = 0; c < 4; c++) {
                builder.setNumeric(c, 10 * row + c);
            }
            builder.setCategory(0, row % 3);
            builder.addToken(0, 7 + row);
            builder.setTensor(0, 10 * row);
            builder.setTensor(1, 10 * row + 1);
            builder.setLabel(row < 3 ? row : -1);
            builder.commitRow(0, row, 0);
        }
        return builder.build(0);
    }

    private static int[] ints(IntBuffer of) {
        int[] values = new int[of.limit()];
        of.duplicate().position(0).get(values);
        return values;
    }

    private static float[] floats(FloatBuffer of) {
        float[] values = new float[of.limit()];
        of.duplicate().position(0).get(values);
        return values;
    }
}
