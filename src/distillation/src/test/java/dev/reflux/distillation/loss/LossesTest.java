package dev.reflux.distillation.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Outputs;
import java.nio.IntBuffer;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossesTest {

    private static final float LN2 = (float) Math.log(2);
    private static final float LN3 = (float) Math.log(3);

    @Test
    void labelLoss_ofKnownLogits_isTheMeanNegativeLogLikelihoodOfTheLabelledRows() {
        // softmax(0, ln 3) = (1/4, 3/4); the second row has no label and does not count.
        float[] logits = {0, LN3, 5, -5};
        float[] gradient = new float[4];
        double loss = new LabelLoss(2)
                .addGradient(input(logits, 2, new int[] {0, -1}, null), 1, Outputs.ofLogits(gradient, 2));
        assertThat(loss).isCloseTo(Math.log(4), within(1e-6));
        assertThat(gradient).containsExactly(new float[] {-0.75f, 0.75f, 0, 0}, within(1e-6f));
    }

    @Test
    void labelLoss_withoutAnyLabel_isZeroAndLeavesTheGradient() {
        float[] gradient = {1, 2};
        double loss = new LabelLoss(2)
                .addGradient(input(new float[] {1, 2}, 2, new int[] {-1}, null), 1, Outputs.ofLogits(gradient, 2));
        assertThat(loss).isZero();
        assertThat(gradient).containsExactly(1, 2);
    }

    @Test
    void kdLoss_ofKnownLogits_isTheDivergenceTimesTheSquaredTemperature() {
        // At T = 1: teacher (1/3, 2/3), student (1/2, 1/2).
        double expected = (1.0 / 3) * Math.log(2.0 / 3) + (2.0 / 3) * Math.log(4.0 / 3);
        float[] gradient = new float[2];
        double loss = new KdLoss(1, 2)
                .addGradient(
                        input(new float[] {0, 0}, 2, new int[] {-1}, new float[] {0, LN2}),
                        1,
                        Outputs.ofLogits(gradient, 2));
        assertThat(loss).isCloseTo(expected, within(1e-7));
        assertThat(gradient).containsExactly(new float[] {0.5f - 1f / 3, 0.5f - 2f / 3}, within(1e-6f));

        // Logits twice as large at T = 2 soften to the same probabilities: 4 times the loss, twice the gradient.
        float[] atTwo = new float[2];
        double lossAtTwo = new KdLoss(2, 2)
                .addGradient(
                        input(new float[] {0, 0}, 2, new int[] {-1}, new float[] {0, 2 * LN2}),
                        1,
                        Outputs.ofLogits(atTwo, 2));
        assertThat(lossAtTwo).isCloseTo(4 * expected, within(1e-6));
        assertThat(atTwo).containsExactly(new float[] {2 * gradient[0], 2 * gradient[1]}, within(1e-6f));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1, 4})
    void kdLoss_whenStudentEqualsTeacher_isZeroWithoutGradient(double temperature) {
        float[] logits = {1, -2, 0.5f, 3, 3, -1};
        float[] gradient = new float[6];
        double loss = new KdLoss(temperature, 3)
                .addGradient(input(logits, 3, new int[] {0, -1}, logits), 1, Outputs.ofLogits(gradient, 3));
        assertThat(loss).isCloseTo(0, within(1e-9));
        assertThat(gradient).containsExactly(new float[6], within(1e-7f));
    }

    @Test
    void kdLoss_whenLogitsAreShifted_staysTheSame() {
        float[] teacher = {1, -2, 0.5f};
        double loss = new KdLoss(2, 3)
                .addGradient(
                        input(new float[] {0, 1, 2}, 3, new int[] {-1}, teacher), 1, Outputs.ofLogits(new float[3], 3));
        double shifted = new KdLoss(2, 3)
                .addGradient(
                        input(new float[] {7, 8, 9}, 3, new int[] {-1}, teacher), 1, Outputs.ofLogits(new float[3], 3));
        assertThat(shifted).isCloseTo(loss, within(1e-9));
    }

    @Test
    void kdLoss_withoutATeacher_namesTheLoss() {
        assertThatThrownBy(() -> new KdLoss(1, 2)
                        .addGradient(input(new float[2], 2, new int[] {0}, null), 1, Outputs.ofLogits(new float[2], 2)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("loss 'kd' needs a teacher's lesson");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.7, 1, 3})
    void gradient_ofTheWeightedSum_isThatOfItsNumericalDifferences(double temperature) {
        int classes = 4;
        int rows = 5;
        SplittableRandom random = new SplittableRandom(7);
        float[] logits = random(random, rows * classes);
        float[] teacher = random(random, rows * classes);
        int[] labels = {2, -1, 0, 3, -1};
        float[] weights = {1, 1, 2.5f, 0.5f, 1};
        Losses losses = new Losses(
                List.of(
                        new LossSpec("label", 0.4, Map.of()),
                        new LossSpec("kd", 0.6, Map.of("temperature", temperature))),
                LossShapes.ofLogits(classes));
        float[] gradient = new float[rows * classes];
        losses.addGradient(input(logits, classes, labels, teacher, weights), Outputs.ofLogits(gradient, classes));

        float h = 1e-2f;
        for (int i = 0; i < logits.length; i++) {
            double above = valueWith(losses, logits, i, h, classes, labels, teacher, weights);
            double below = valueWith(losses, logits, i, -h, classes, labels, teacher, weights);
            assertThat((double) gradient[i]).isCloseTo((above - below) / (2 * h), within(2e-5));
        }
    }

    @Test
    void group_ofRows_touchesOnlyItsOwnRows() {
        float[] logits = {1, 2, 3, 4, 5, 6};
        float[] gradient = new float[6];
        LossInput middle = new LossInput(
                1,
                2,
                Outputs.ofLogits(logits, 2),
                IntBuffer.wrap(new int[] {0, 0, 0}),
                new Lesson(0, 3, 2, new float[6], new float[6]),
                null);
        new Losses(List.of(new LossSpec("label", 1, Map.of()), new LossSpec("kd", 1, Map.of())), LossShapes.ofLogits(2))
                .addGradient(middle, Outputs.ofLogits(gradient, 2));
        assertThat(gradient[0]).isZero();
        assertThat(gradient[1]).isZero();
        assertThat(gradient[2]).isNotZero();
        assertThat(gradient[4]).isZero();
        assertThat(gradient[5]).isZero();
    }

    @Test
    void losses_withAnUnknownName_listTheKnownOnes() {
        assertThatThrownBy(() -> new Losses(List.of(new LossSpec("kdd", 1, Map.of())), LossShapes.ofLogits(2)))
                .hasMessage("loss 'kdd' is not known; known are " + Losses.names());
    }

    @Test
    void kdLoss_withASchedule_movesItsTemperatureAlongALineByTheEventsTaught() {
        LossBatch batch = LossBatch.random(5, 1);
        Map<String, Object> options = Map.of("temperature", 4.0, "finalTemperature", 1.0, "temperatureEvents", 15.0);
        KdLoss loss = (KdLoss) LossCheck.create(KdLoss.TYPE, options, batch);
        double[] temperatures = {4, 3, 2, 1, 1};
        for (double temperature : temperatures) {
            assertThat(loss.temperature()).isCloseTo(temperature, within(1e-12));
            assertThat(LossCheck.copy(loss, KdLoss.TYPE, options, batch).addGradient(batch.input(), 1, batch.zeros()))
                    .isCloseTo(LossCheck.value(KdLoss.TYPE, Map.of("temperature", temperature), batch), within(1e-12));
            LossCheck.assertGradient(loss, KdLoss.TYPE, options, batch);
            loss.addGradient(batch.input(), 1, batch.zeros());
        }

        LossBatch half = LossBatch.random(4, 2);
        half.silence(0);
        half.silence(3);
        KdLoss rising =
                (KdLoss) LossCheck.create(KdLoss.TYPE, Map.of("finalTemperature", 3.0, "temperatureEvents", 4.0), half);
        rising.addGradient(half.input(), 1, half.zeros());
        assertThat(rising.temperature()).isCloseTo(2, within(1e-12));
    }

    @Test
    void kdLoss_thatSharpensAndTrusts_weighsRowsWithoutALabel_byHand() {
        float[] teacher = {(float) Math.log(0.8), (float) Math.log(0.2), (float) Math.log(0.8), (float) Math.log(0.2)};
        LossBatch batch = LossBatch.ofLogits(2, new float[4], teacher);
        batch.labels[0] = 1;
        Map<String, Object> options = Map.of("teacherTemperature", 0.5, "unlabelled", 4.0, "confidence", 1.0);
        Outputs gradient = batch.zeros();

        LossCheck.create(KdLoss.TYPE, options, batch).addGradient(batch.input(), 1, gradient);

        // 0.8^2 / (0.8^2 + 0.2^2) = 0.941176 is taught, with a confidence of 0.882353; the student says 0.5
        assertThat(gradient.logits()[0]).isCloseTo(-0.441176f / 2, within(1e-6f));
        assertThat(gradient.logits()[2]).isCloseTo(-0.441176f / 2 * 4 * 0.882353f, within(1e-6f));
        LossBatch random = LossBatch.random(6, 9);
        LossCheck.assertGradient(LossCheck.create(KdLoss.TYPE, options, random), KdLoss.TYPE, options, random);
    }

    @Test
    void kdLoss_withHalfASchedule_isRefused() {
        LossBatch batch = LossBatch.random(1, 1);
        assertThatThrownBy(() -> LossCheck.create(KdLoss.TYPE, Map.of("finalTemperature", 2.0), batch))
                .hasMessage(
                        "losses.kd.temperatureEvents: 0 found beside finalTemperature 2.0; give both for a schedule,"
                                + " or neither");
        assertThatThrownBy(() -> LossCheck.create(KdLoss.TYPE, Map.of("temperatureEvents", 1000.0), batch))
                .hasMessage("losses.kd.finalTemperature: 0 found beside temperatureEvents 1000.0; give both for a"
                        + " schedule, or neither");
    }

    @Test
    void option_thatIsUnknownOrNotWhole_isRefused() {
        LossBatch batch = LossBatch.random(1, 1);
        assertThatThrownBy(() -> LossCheck.create(KdLoss.TYPE, Map.of("temperatur", 2.0), batch))
                .hasMessage("losses.kd: option 'temperatur' is not known; known are [temperature, finalTemperature,"
                        + " temperatureEvents, teacherTemperature, unlabelled, confidence]");
        assertThatThrownBy(() -> LossCheck.create(CrdLoss.TYPE, Map.of("queue", 2.5), batch))
                .hasMessage("losses.crd.queue: 2.5 found, must be a whole number");
        assertThatThrownBy(() -> LossCheck.create(KdLoss.TYPE, Map.of("temperature", 0), batch))
                .hasMessage("losses.kd.temperature: 0.0 found, must be in (0, 1000]");
        assertThatThrownBy(() -> LossCheck.create(KdLoss.TYPE, Map.of("temperature", Double.NaN), batch))
                .hasMessage("losses.kd.temperature: NaN found, must be in (0, 1000]");
    }

    @Test
    void losses_tellTheLayersThatTheyNeedAndTheRows() {
        List<LossSpec> specs = List.of(
                new LossSpec("label", 1, Map.of()),
                new LossSpec("hint", 1, Map.of("teacher", "hidden-2", "student", "hidden-1")),
                new LossSpec("rkd-angle", 1, Map.of("student", "logits")),
                new LossSpec("crd", 0, Map.of("student", "hidden-9")));
        assertThat(Losses.studentLayers(specs)).containsExactly("hidden-1", "logits");
        assertThat(Losses.teacherLayers(specs)).containsExactly("hidden-2", "last");
        assertThat(specs.stream().map(Losses::leastRows)).containsExactly(1, 1, 3, 1);
    }

    @Test
    void losses_withoutAnyWeight_areRefused() {
        assertThatThrownBy(() -> new Losses(List.of(new LossSpec("kd", 0, Map.of())), LossShapes.ofLogits(2)))
                .hasMessageContaining("nothing would be learned");
    }

    private static double valueWith(
            Losses losses,
            float[] logits,
            int i,
            float h,
            int classes,
            int[] labels,
            float[] teacher,
            float[] weights) {
        float[] moved = logits.clone();
        moved[i] += h;
        return losses.addGradient(
                input(moved, classes, labels, teacher, weights), Outputs.ofLogits(new float[moved.length], classes));
    }

    private static LossInput input(float[] logits, int classes, int[] labels, float[] teacher) {
        return input(logits, classes, labels, teacher, null);
    }

    private static LossInput input(float[] logits, int classes, int[] labels, float[] teacher, float[] weights) {
        Lesson lesson = teacher == null ? null : new Lesson(0, labels.length, classes, teacher, teacher);
        return new LossInput(
                0, labels.length, Outputs.ofLogits(logits, classes), IntBuffer.wrap(labels), lesson, weights);
    }

    private static float[] random(SplittableRandom random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextDouble() * 4 - 2);
        }
        return values;
    }
}
