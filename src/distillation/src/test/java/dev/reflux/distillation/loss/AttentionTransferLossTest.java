package dev.reflux.distillation.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.network.FeatureLayer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AttentionTransferLossTest {

    private static final LossType TYPE = AttentionTransferLoss.TYPE;

    private static FeatureLayer map(Integer... shape) {
        return new FeatureLayer("conv-1", List.of(shape));
    }

    @Test
    void knownMaps_giveTheirDistanceByHand() {
        // (1, 2) squares to (1, 4); two channels of one position each to (1, 1).
        LossBatch batch =
                LossBatch.ofFeatures(1, map(1, 1, 2), new float[] {1, 2}, map(2, 1, 2), new float[] {1, 0, 0, 1});
        assertThat(LossCheck.value(TYPE, batch)).isCloseTo(2 - 10 / Math.sqrt(34), within(1e-12));
    }

    @Test
    void largerMap_isAveragedOverBlocksDownToTheSmaller() {
        // Columns of the teacher: 1 + 4 and 4 + 0, as the student's squares are.
        float[] student = {(float) Math.sqrt(5), 2};
        float[] teacher = {1, 2, 2, 0};
        LossBatch batch = LossBatch.ofFeatures(1, map(1, 1, 2), student, map(1, 2, 2), teacher);
        assertThat(LossCheck.value(TYPE, batch)).isCloseTo(0, within(1e-12));
        assertThat(LossCheck.value(TYPE, batch.swapped())).isCloseTo(0, within(1e-12));

        // Wider at the student, higher at the teacher.
        LossBatch crossed = LossBatch.ofFeatures(
                1, map(1, 1, 4), new float[] {1, 1, 2, 2}, map(1, 2, 2), new float[] {0, 2, (float) Math.sqrt(2), 2});
        assertThat(LossCheck.value(TYPE, crossed)).isCloseTo(0, within(1e-12));
    }

    @Test
    void blocks_lieWhereTheirPositionsLie() {
        float[] teacher = new float[6 * 4];
        teacher[4 * 4 + 1] = 3; // row 4 of 6, column 1 of 4: block (2, 0) of a 3 x 2 map
        float[] student = new float[3 * 2];
        student[2 * 2] = 5;
        LossBatch batch = LossBatch.ofFeatures(1, map(1, 3, 2), student, map(1, 6, 4), teacher);
        assertThat(LossCheck.value(TYPE, batch)).isCloseTo(0, within(1e-12));
    }

    @Test
    void scaleOfEachLayer_signsAndOrderOfChannels_changeNothing() {
        LossBatch batch = LossBatch.random(4, 1);
        double loss = LossCheck.value(TYPE, batch);
        LossBatch changed = LossBatch.random(4, 1);
        int positions = 4;
        for (int row = 0; row < 4; row++) {
            for (int i = 0; i < 3 * positions; i++) {
                changed.features[row * 12 + i] = -8 * batch.features[row * 12 + (i + positions) % 12];
            }
        }
        assertThat(LossCheck.value(TYPE, changed)).isCloseTo(loss, within(1e-12));
        assertThat(loss).isBetween(0.1, 2.0);
        assertThat(LossCheck.value(TYPE, batch.swapped())).isCloseTo(loss, within(1e-12));
    }

    @Test
    void signalsOfOneDimension_haveAttentionToo() {
        LossBatch batch = LossBatch.random(4, 2, map(3, 6), map(2, 3));
        LossCheck.assertGradient(LossCheck.create(TYPE, Map.of(), batch), TYPE, Map.of(), batch);
        LossBatch larger = LossBatch.random(4, 2, map(2, 4, 6), map(2, 2, 3));
        LossCheck.assertGradient(LossCheck.create(TYPE, Map.of(), larger), TYPE, Map.of(), larger);
    }

    @Test
    void positionsOfASequence_areItsTokens() {
        float[] tokens = {1, 2, 0, 0, 3, 1}; // three tokens of width 2: squares 5, 0, 10
        float[] transposed = {1, 0, 3, 2, 0, 1};
        FeatureLayer sequence = FeatureLayer.sequence("hidden-1", 3, 2);
        LossBatch same = LossBatch.ofFeatures(1, sequence, tokens, map(2, 3), transposed);
        assertThat(LossCheck.value(TYPE, same)).isCloseTo(0, within(1e-12));
        LossBatch other = LossBatch.ofFeatures(1, sequence, tokens, map(1, 3), new float[] {1, 0, 0});
        assertThat(LossCheck.value(TYPE, other)).isCloseTo(2 - 2 / Math.sqrt(5), within(1e-7));

        LossBatch batch = LossBatch.random(4, 3, sequence, FeatureLayer.sequence("hidden-2", 6, 5));
        LossCheck.assertGradient(LossCheck.create(TYPE, Map.of(), batch), TYPE, Map.of(), batch);
    }

    @Test
    void mapOfZeros_addsNothing() {
        LossBatch batch = LossBatch.ofFeatures(1, map(1, 1, 2), new float[] {0, 0}, map(1, 1, 2), new float[] {1, 2});
        Outputs gradient = batch.zeros();
        assertThat(LossCheck.create(TYPE, Map.of(), batch).addGradient(batch.input(), 1, gradient))
                .isZero();
        assertThat(LossCheck.value(TYPE, batch.swapped())).isZero();
        assertThat(gradient.features(0)).containsOnly(0);
    }

    @Test
    void layersThatDoNotFit_areRefusedWithTheRule() {
        LossBatch flat = LossBatch.random(1, 1, FeatureLayer.flat("hidden-1", 8), map(2, 2, 2));
        assertThatThrownBy(() -> LossCheck.create(TYPE, Map.of(), flat))
                .hasMessage("losses.attention-transfer.student: 'hidden-1' [8] found, attention needs a feature map"
                        + " [channels, height, width] or a sequence [tokens, width]; name a layer of a convolution or of"
                        + " a transformer, or use the loss hint, which takes any layer");
        assertThatThrownBy(() -> LossCheck.create(TYPE, Map.of("teacher", "logits"), LossBatch.random(1, 1)))
                .hasMessageStartingWith("losses.attention-transfer.teacher: 'logits' [4] found");
        assertThatThrownBy(() -> LossCheck.create(TYPE, Map.of(), LossBatch.random(1, 1, map(3, 6), map(2, 2, 3))))
                .hasMessage("losses.attention-transfer.teacher: 'conv-1' [2, 2, 3] found beside the student's 'conv-1'"
                        + " [3, 6], both must have positions along the same number of sides; name another layer");
        assertThatThrownBy(() -> LossCheck.create(TYPE, Map.of(), LossBatch.random(1, 1, map(3, 4, 4), map(2, 8, 6))))
                .hasMessage("losses.attention-transfer.student: 'conv-1' [3, 4, 4] found beside the teacher's 'conv-1'"
                        + " [2, 8, 6], the larger of two sides must be a multiple of the smaller; name layers of such"
                        + " sizes");
    }
}
