package dev.reflux.distillation.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.network.FeatureLayer;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RelationLossesTest {

    private static final LossType DISTANCE = RkdDistanceLoss.TYPE;
    private static final LossType ANGLE = RkdAngleLoss.TYPE;
    private static final LossType SIMILARITY = SimilarityPreservingLoss.TYPE;
    private static final FeatureLayer THREE = FeatureLayer.flat("hidden-1", 3);
    private static final FeatureLayer FIVE = FeatureLayer.flat("hidden-2", 5);

    static List<LossType> all() {
        return List.of(DISTANCE, ANGLE, SIMILARITY);
    }

    static List<LossType> relational() {
        return List.of(DISTANCE, ANGLE);
    }

    @Test
    void distances_onALine_giveTheLossByHand() {
        // Student 1, 3, 2 in units of 2; teacher 1, 2, 1 in units of 4/3: off by -1/4, 0 and 1/4.
        LossBatch batch = LossBatch.ofFeatures(3, new float[] {0, 1, 3}, new float[] {0, 1, 2});
        assertThat(LossCheck.value(DISTANCE, batch)).isCloseTo(2 * 0.5 / 16 / 3, within(1e-9));
    }

    @Test
    void distances_thatAreFarOff_countLinearly() {
        // Teacher 1, 1, 1 and so on in units of 1; student's first row far from three that coincide: 2, 2, 2, 0, 0, 0.
        LossBatch batch = LossBatch.ofFeatures(
                4, new float[] {9, 0, 0, 0}, new float[] {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1});
        assertThat(LossCheck.value(DISTANCE, batch)).isCloseTo(6 * 0.5 / 6, within(1e-7));

        LossBatch farther = LossBatch.ofFeatures(3, new float[] {0, 0, 9}, new float[] {9, 0, 0});
        // Student 0, 1.5, 1.5; teacher 1.5, 1.5, 0: off by 1.5, 0, 1.5, each of which counts 1.
        assertThat(LossCheck.value(DISTANCE, farther)).isCloseTo(2.0 / 3, within(1e-9));
    }

    @Test
    void angles_ofTriangles_giveTheLossByHand() {
        // Cosines 0, r, r of a right isosceles triangle with r = cos 45; 1/2 each of an equilateral one.
        float height = (float) Math.sqrt(0.75);
        LossBatch batch =
                LossBatch.ofFeatures(3, new float[] {0, 0, 1, 0, 0, 1}, new float[] {0, 0, 1, 0, 0.5f, height});
        double off = Math.sqrt(0.5) - 0.5;
        assertThat(LossCheck.value(ANGLE, batch)).isCloseTo(0.5 * (0.25 + 2 * off * off) / 3, within(1e-7));
    }

    @Test
    void similarities_ofTwoRows_giveTheLossByHand() {
        // Student's products (1, 0), (0, 1); the teacher's rows are equal: (r, r) twice with r = sqrt(1/2).
        LossBatch batch = LossBatch.ofFeatures(2, new float[] {1, 0, 0, 1}, new float[] {2, 0, 2, 0});
        double r = Math.sqrt(0.5);
        assertThat(LossCheck.value(SIMILARITY, batch)).isCloseTo(2 * ((1 - r) * (1 - r) + r * r) / 4, within(1e-12));
    }

    /** Turned by an angle in the first two dimensions and a quarter turn in the last two, scaled and moved. */
    private static void transform(float[] values, int width, double scale, double shift) {
        double cos = Math.cos(0.7);
        double sin = Math.sin(0.7);
        for (int at = 0; at < values.length; at += width) {
            double x = values[at];
            double y = cos * values[at + 1] - sin * values[at + 2];
            double z = sin * values[at + 1] + cos * values[at + 2];
            values[at] = (float) (scale * -y + shift);
            values[at + 1] = (float) (scale * x + shift);
            values[at + 2] = (float) (scale * z + shift);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void rotatedAndScaledImage_givesTheSameAndZeroForTheTeachersOwn(LossType type) {
        double shift = type == SIMILARITY ? 0 : 4;
        LossBatch batch = LossBatch.random(6, 1, THREE, FIVE);
        double loss = LossCheck.value(type, batch);
        transform(batch.features, 3, 3, shift);
        assertThat(LossCheck.value(type, batch)).isCloseTo(loss, within(1e-6));
        assertThat(loss).isGreaterThan(1e-3);

        LossBatch same = LossBatch.random(6, 1, THREE, FeatureLayer.flat("hidden-2", 3));
        System.arraycopy(same.teacherFeatures, 0, same.features, 0, same.features.length);
        Outputs none = same.zeros();
        assertThat(LossCheck.create(type, Map.of(), same).addGradient(same.input(), 1, none))
                .isZero();
        assertThat(none.features(0)).containsOnly(0);
        transform(same.features, 3, 0.5, shift);
        assertThat(LossCheck.value(type, same)).isCloseTo(0, within(1e-9));
    }

    @ParameterizedTest
    @MethodSource("all")
    void studentAndTeacherSwapped_giveTheSame(LossType type) {
        LossBatch batch = LossBatch.random(6, 2, THREE, FIVE);
        assertThat(LossCheck.value(type, batch.swapped())).isCloseTo(LossCheck.value(type, batch), within(1e-12));
    }

    @ParameterizedTest
    @MethodSource("all")
    void flatLayersAndLogits_haveTheirNumericalGradients(LossType type) {
        LossBatch batch = LossBatch.random(7, 3, THREE, FIVE);
        for (Map<String, Object> options : List.<Map<String, Object>>of(
                Map.of(), Map.of("student", "logits"), Map.of("student", "logits", "teacher", "logits"))) {
            LossCheck.assertGradient(LossCheck.create(type, options, batch), type, options, batch);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void rowsThatCoincide_giveFiniteNumbers(LossType type) {
        LossBatch batch = LossBatch.random(5, 4, THREE, FIVE);
        System.arraycopy(batch.features, 0, batch.features, 3, 3);
        System.arraycopy(batch.teacherFeatures, 5, batch.teacherFeatures, 10, 5);
        Outputs gradient = batch.zeros();
        assertThat(LossCheck.create(type, Map.of(), batch).addGradient(batch.input(), 1, gradient))
                .isPositive()
                .isFinite();
        assertFinite(gradient);

        LossBatch collapsed = LossBatch.ofFeatures(3, new float[6], new float[] {1, 0, 0, 1, 2, 2});
        Outputs none = collapsed.zeros();
        assertThat(LossCheck.create(type, Map.of(), collapsed).addGradient(collapsed.input(), 1, none))
                .isZero();
        assertThat(none.features(0)).containsOnly(0);
        assertThat(LossCheck.value(type, collapsed.swapped())).isZero();
    }

    private static void assertFinite(Outputs gradient) {
        for (float value : gradient.features(0)) {
            assertThat(value).isFinite();
        }
    }

    @ParameterizedTest
    @MethodSource("relational")
    void twoRows_sayNothing(LossType type) {
        LossBatch batch = LossBatch.random(2, 1, THREE, FIVE);
        assertThat(type.leastRows()).isEqualTo(3);
        assertThat(LossCheck.value(type, batch)).isZero();
    }

    @ParameterizedTest
    @MethodSource("all")
    void stepOfManyRows_isComparedInEqualRuns(LossType type) {
        LossBatch batch = LossBatch.random(1100, 5, THREE, FIVE);
        Outputs gradient = batch.zeros();
        double loss = LossCheck.create(type, Map.of(), batch).addGradient(batch.input(), 1, gradient);
        Loss parts = LossCheck.create(type, Map.of(), batch);
        double mean = 0;
        int[] bounds = {0, 366, 733, 1100};
        for (int i = 0; i < 3; i++) {
            LossBatch part =
                    batch.only(IntStream.range(bounds[i], bounds[i + 1]).toArray());
            Outputs partGradient = part.zeros();
            mean += parts.addGradient(part.input(), 1.0 / 3, partGradient) / 3;
            for (int j = 0; j < part.features.length; j++) {
                assertThat(gradient.features(0)[bounds[i] * 3 + j])
                        .isCloseTo(partGradient.features(0)[j], within(1e-9f));
            }
        }
        assertThat(loss).isCloseTo(mean, within(1e-12));
    }

    @Test
    void angles_moreThanAreAllowed_areDrawnFairlyAndAgainAfterARestart() {
        LossBatch batch = LossBatch.random(8, 6, THREE, FIVE);
        Map<String, Object> few = Map.of("triples", 50);
        Loss sampling = LossCheck.create(ANGLE, few, batch);
        double all = LossCheck.value(ANGLE, batch);
        double first = LossCheck.copy(sampling, ANGLE, few, batch).addGradient(batch.input(), 1, batch.zeros());
        LossCheck.assertGradient(sampling, ANGLE, few, batch);
        assertThat(first).isNotEqualTo(all).isEqualTo(sampling.addGradient(batch.input(), 1, batch.zeros()));

        Outputs exact = batch.zeros();
        LossCheck.create(ANGLE, Map.of(), batch).addGradient(batch.input(), 1, exact);
        Outputs mean = batch.zeros();
        double sum = 0;
        for (int i = 0; i < 4000; i++) {
            sum += sampling.addGradient(batch.input(), 1.0 / 4000, mean) / 4000;
        }
        assertThat(sum).isCloseTo(all, within(0.01 * all));
        for (int i = 0; i < batch.features.length; i++) {
            assertThat(mean.features(0)[i]).isCloseTo(exact.features(0)[i], within(0.01f));
        }
    }
}
