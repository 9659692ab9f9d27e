package dev.reflux.distillation.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Outputs;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DistLossTest {

    private static Map<String, Object> options(double temperature, double beta, double gamma) {
        return Map.of("temperature", temperature, "beta", beta, "gamma", gamma);
    }

    /** Logits at temperature 1 of these probabilities. */
    private static float[] logits(double... probabilities) {
        float[] logits = new float[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(probabilities[i]);
        }
        return logits;
    }

    @Test
    void oneRow_givesTheCorrelationAcrossItsClassesAlone() {
        // Without means (1/6, -1/12, -1/12) and (-1/12, 1/6, -1/12): correlation -1/48 / (1/24).
        LossBatch batch = LossBatch.ofLogits(3, logits(0.5, 0.25, 0.25), logits(0.25, 0.5, 0.25));
        assertThat(LossCheck.value(DistLoss.TYPE, options(1, 2, 7), batch)).isCloseTo(2 * 1.5, within(1e-6));
    }

    @Test
    void twoClasses_giveTheCorrelationAcrossTheRowsAlone() {
        // Both columns without means: (-0.2, 0, 0.2) and (0, -0.2, 0.2), correlation 1/2. Rows of two always agree.
        LossBatch batch =
                LossBatch.ofLogits(2, logits(0.2, 0.8, 0.4, 0.6, 0.6, 0.4), logits(0.4, 0.6, 0.2, 0.8, 0.6, 0.4));
        double loss = LossCheck.value(DistLoss.TYPE, options(1, 7, 2), batch);
        // The third row disagrees with the two others in sign, but not with the teacher's third row.
        assertThat(loss).isCloseTo(2 * 0.5, within(1e-6));
    }

    @Test
    void logitsTwiceAsLargeAtTemperatureTwo_giveFourTimesTheLoss() {
        LossBatch once = LossBatch.random(5, 1);
        LossBatch twice = LossBatch.random(5, 1);
        for (int i = 0; i < twice.logits.length; i++) {
            twice.logits[i] *= 2;
            twice.teacherLogits[i] *= 2;
        }
        assertThat(LossCheck.value(DistLoss.TYPE, options(2, 1, 1), twice))
                .isCloseTo(4 * LossCheck.value(DistLoss.TYPE, options(1, 1, 1), once), within(1e-9));
    }

    @Test
    void probabilitiesThatAreAPositiveAffineFunctionOfTheTeachers_giveZero() {
        double[][] teacher = {{0.7, 0.2, 0.1}, {0.1, 0.1, 0.8}, {0.3, 0.6, 0.1}};
        float[] student = new float[9];
        float[] teacherLogits = new float[9];
        for (int row = 0; row < 3; row++) {
            for (int c = 0; c < 3; c++) {
                student[row * 3 + c] = (float) Math.log(0.4 * teacher[row][c] + 0.2);
                teacherLogits[row * 3 + c] = (float) Math.log(teacher[row][c]);
            }
        }
        LossBatch batch = LossBatch.ofLogits(3, student, teacherLogits);
        Outputs gradient = batch.zeros();

        assertThat(LossCheck.create(DistLoss.TYPE, Map.of(), batch).addGradient(batch.input(), 1, gradient))
                .isCloseTo(0, within(1e-7));
        assertThat(gradient.logits()).containsExactly(new float[9], within(1e-5f));
        assertThat(LossCheck.value(KdLoss.TYPE, batch)).isGreaterThan(0.1);
    }

    @Test
    void shiftedLogits_andStudentAndTeacherSwapped_giveTheSame() {
        LossBatch batch = LossBatch.random(5, 2);
        double loss = LossCheck.value(DistLoss.TYPE, batch);
        assertThat(LossCheck.value(DistLoss.TYPE, batch.swapped())).isCloseTo(loss, within(1e-12));
        for (int i = 0; i < batch.logits.length; i++) {
            batch.logits[i] += 0.5f;
        }
        assertThat(LossCheck.value(DistLoss.TYPE, batch)).isCloseTo(loss, within(1e-6));
    }

    @Test
    void answersThatDoNotDiffer_giveNothing() {
        LossBatch flat = LossBatch.ofLogits(3, new float[6], logits(0.7, 0.2, 0.1, 0.1, 0.2, 0.7));
        Outputs gradient = flat.zeros();
        assertThat(LossCheck.create(DistLoss.TYPE, Map.of(), flat).addGradient(flat.input(), 1, gradient))
                .isZero();
        assertThat(gradient.logits()).containsOnly(0);
    }

    @Test
    void gradient_withOtherOptions_isThatOfItsNumericalDifferences() {
        LossBatch batch = LossBatch.random(5, 3);
        for (Map<String, Object> options : java.util.List.of(options(4, 1, 0), options(0.7, 0, 1), options(2, 1, 2))) {
            LossCheck.assertGradient(LossCheck.create(DistLoss.TYPE, options, batch), DistLoss.TYPE, options, batch);
        }
    }
}
