package dev.reflux.distillation.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Outputs;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DkdLossTest {

    private static final float LN3 = (float) Math.log(3);
    private static final float LN4 = (float) Math.log(4);
    /** Teacher (1/2, 3/8, 1/8), student (1/3, 1/3, 1/3). */
    private static final double TARGET_PART = 0.5 * Math.log(1.5) + 0.5 * Math.log(0.75);
    /** Of the two others: teacher (3/4, 1/4), student (1/2, 1/2). */
    private static final double OTHERS_PART = 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5);

    private static Map<String, Object> options(double temperature, double alpha, double beta) {
        return Map.of("temperature", temperature, "alpha", alpha, "beta", beta);
    }

    private static LossBatch labelled(int label, float[] student, float[] teacher) {
        LossBatch batch = LossBatch.ofLogits(student.length, student, teacher);
        batch.labels[0] = label;
        return batch;
    }

    @Test
    void knownLogits_giveBothPartsByHand() {
        LossBatch batch = labelled(0, new float[3], new float[] {LN4, LN3, 0});
        Outputs gradient = batch.zeros();
        double loss = LossCheck.create(DkdLoss.TYPE, options(1, 2, 3), batch).addGradient(batch.input(), 1, gradient);

        assertThat(loss).isCloseTo(2 * TARGET_PART + 3 * OTHERS_PART, within(1e-7));
        assertThat(gradient.logits())
                .containsExactly(
                        new float[] {
                            2 * (1f / 3 - 0.5f),
                            2 * (0.5f - 1f / 3) / 2 + 3 * (0.5f - 0.75f),
                            2 * (0.5f - 1f / 3) / 2 + 3 * (0.5f - 0.25f)
                        },
                        within(1e-6f));
    }

    @Test
    void logitsTwiceAsLargeAtTemperatureTwo_giveFourTimesTheLoss() {
        LossBatch batch = labelled(0, new float[3], new float[] {2 * LN4, 2 * LN3, 0});
        assertThat(LossCheck.value(DkdLoss.TYPE, options(2, 1, 1), batch))
                .isCloseTo(4 * (TARGET_PART + OTHERS_PART), within(1e-6));
    }

    @Test
    void rowWithoutALabel_takesTheTeachersFirstChoiceAsItsTarget() {
        float[] teacher = {LN3, LN4, 0};
        LossBatch unlabelled = labelled(-1, new float[] {1, 0, 2}, teacher);
        assertThat(LossCheck.value(DkdLoss.TYPE, unlabelled))
                .isEqualTo(LossCheck.value(DkdLoss.TYPE, labelled(1, new float[] {1, 0, 2}, teacher)))
                .isNotEqualTo(LossCheck.value(DkdLoss.TYPE, labelled(0, new float[] {1, 0, 2}, teacher)));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1, 4})
    void othersWeighedByWhatTheTargetLeaves_giveKd(double temperature) {
        float[] teacher = {1, -1, 0.5f, 2};
        LossBatch batch = labelled(2, new float[] {0.3f, 1, -2, 0}, teacher);
        double sum = 0;
        for (float logit : teacher) {
            sum += Math.exp(logit / temperature);
        }
        double others = 1 - Math.exp(teacher[2] / temperature) / sum;

        assertThat(LossCheck.value(DkdLoss.TYPE, options(temperature, 1, others), batch))
                .isCloseTo(LossCheck.value(KdLoss.TYPE, Map.of("temperature", temperature), batch), within(1e-9));
    }

    @Test
    void twoClasses_giveKdWhateverBeta() {
        LossBatch batch = labelled(1, new float[] {0.5f, 1}, new float[] {2, -1});
        double kd = LossCheck.value(KdLoss.TYPE, batch);
        assertThat(LossCheck.value(DkdLoss.TYPE, options(1, 1, 0), batch)).isCloseTo(kd, within(1e-9));
        assertThat(LossCheck.value(DkdLoss.TYPE, options(1, 1, 8), batch)).isCloseTo(kd, within(1e-9));
    }

    @Test
    void studentThatEqualsTheTeacherUpToAShift_givesZero() {
        LossBatch batch = labelled(1, new float[] {8, 5, 7.5f}, new float[] {1, -2, 0.5f});
        Outputs gradient = batch.zeros();
        assertThat(LossCheck.create(DkdLoss.TYPE, options(2, 1, 8), batch).addGradient(batch.input(), 1, gradient))
                .isCloseTo(0, within(1e-12));
        assertThat(gradient.logits()).containsExactly(new float[3], within(1e-7f));
    }

    @Test
    void teacherThatRulesOutAllOthers_givesFiniteNumbers() {
        float[] sure = {Float.NEGATIVE_INFINITY, 0, Float.NEGATIVE_INFINITY};
        for (int label = 0; label < 2; label++) {
            LossBatch batch = labelled(label, new float[] {1, 2, 100}, sure);
            Outputs gradient = batch.zeros();
            assertThat(LossCheck.create(DkdLoss.TYPE, Map.of(), batch).addGradient(batch.input(), 1, gradient))
                    .isPositive()
                    .isFinite();
            for (float value : gradient.logits()) {
                assertThat(value).isFinite();
            }
        }
    }

    @Test
    void gradient_withOptionsOfThePaper_isThatOfItsNumericalDifferences() {
        LossBatch batch = LossBatch.random(5, 3);
        Map<String, Object> options = options(4, 1, 8);
        LossCheck.assertGradient(LossCheck.create(DkdLoss.TYPE, options, batch), DkdLoss.TYPE, options, batch);
    }
}
