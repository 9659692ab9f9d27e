package dev.reflux.distillation.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Logits;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PrequentialTest {

    private static final float LN3 = (float) Math.log(3);

    @Test
    void quality_ofKnownPredictions_isAsComputedByHand() {
        Prequential prequential = new Prequential(2, 100);
        float[] zero = {LN3, 0};
        float[] one = {0, LN3};
        // Confusion: 3 right of class 0, 1 wrong of class 0, 1 right of class 1, 0 wrong.
        prequential.add(zero, 0, 0);
        prequential.add(zero, 0, 0);
        prequential.add(zero, 0, 0);
        prequential.add(one, 0, 0);
        prequential.add(one, 0, 1);
        Quality quality = prequential.total();
        double chance = 0.8 * 0.6 + 0.2 * 0.4;
        assertThat(quality.events()).isEqualTo(5);
        assertThat(quality.accuracy()).isEqualTo(0.8);
        assertThat(quality.kappa()).isCloseTo((0.8 - chance) / (1 - chance), within(1e-12));
        assertThat(quality.logLoss()).isCloseTo((4 * -Math.log(0.75) - Math.log(0.25)) / 5, within(1e-6));
        assertThat(quality.calibrationError()).isCloseTo(0.05, within(1e-6));
    }

    @Test
    void recent_looksBackOnTheWindowAlone() {
        Prequential prequential = new Prequential(2, 2);
        prequential.add(new float[] {1, 0}, 0, 1);
        prequential.add(new float[] {1, 0}, 0, 0);
        prequential.add(new float[] {1, 0}, 0, 0);
        assertThat(prequential.recent().accuracy()).isEqualTo(1);
        assertThat(prequential.total().accuracy()).isCloseTo(2.0 / 3, within(1e-12));
    }

    @Test
    void quality_beforeAnyLabel_isNotANumber() {
        Quality quality = new Prequential(3, 5).total();
        assertThat(quality.events()).isZero();
        assertThat(quality.accuracy()).isNaN();
        assertThat(quality.kappa()).isNaN();
        assertThat(quality.logLoss()).isNaN();
    }

    @Test
    void logitsThatAreNotNumbers_countAsTheWorstPredictionAndPoisonNothing() {
        Prequential prequential = new Prequential(2, 5);
        prequential.add(new float[] {Float.NaN, Float.NaN}, 0, 1);
        prequential.add(new float[] {0, 50}, 0, 1);
        assertThat(prequential.total().accuracy()).isEqualTo(0.5);
        assertThat(prequential.total().logLoss()).isCloseTo(Logits.MAX_LOG_LOSS / 2, within(1e-4));
    }

    @Test
    void savedAndRead_goesOnBitForBit() {
        SplittableRandom random = new SplittableRandom(3);
        Prequential whole = new Prequential(3, 50);
        LearningCurve wholeCurve = new LearningCurve(30);
        Prequential continued = whole;
        LearningCurve continuedCurve = wholeCurve;
        for (int i = 0; i < 333; i++) {
            if (i == 200) {
                StateWriter state = new StateWriter();
                whole.write(state);
                wholeCurve.write(state);
                continued = new Prequential(3, 50);
                continuedCurve = new LearningCurve(30);
                StateReader in = new StateReader(state.toBytes());
                continued.read(in);
                continuedCurve.read(in);
            }
            float[] logits = {(float) random.nextDouble(), (float) random.nextDouble(), (float) random.nextDouble()};
            int truth = random.nextInt(3);
            wholeCurve.add(whole.add(logits, 0, truth));
            if (continued != whole) {
                continuedCurve.add(continued.add(logits, 0, truth));
            }
        }
        assertThat(continued.total()).isEqualTo(whole.total());
        assertThat(continued.recent()).isEqualTo(whole.recent());
        assertThat(continuedCurve.points()).isEqualTo(wholeCurve.points()).hasSize(12);
    }

    @Test
    void curve_countsLabelledAndUnlabelledEventsIntoWindows() {
        LearningCurve curve = new LearningCurve(2);
        curve.add(true);
        curve.addUnlabelled();
        curve.addUnlabelled();
        curve.addUnlabelled();
        curve.add(false);
        assertThat(curve.points())
                .containsExactly(
                        new LearningCurve.Point(2, 1, 1.0),
                        new LearningCurve.Point(4, 0, Double.NaN),
                        new LearningCurve.Point(5, 1, 0.0));
    }

    @Test
    void curve_ofVersion1_isRead() {
        byte[] saved = new StateWriter()
                .section(
                        "learning-curve",
                        1,
                        section -> section.putLong(5)
                                .putLong(1)
                                .putLong(1)
                                .putInt(2)
                                .putLong(2)
                                .putDouble(0.5)
                                .putLong(4)
                                .putDouble(Double.NaN))
                .toBytes();
        LearningCurve curve = new LearningCurve(2);
        curve.read(new StateReader(saved));
        assertThat(curve.points())
                .containsExactly(
                        new LearningCurve.Point(2, 2, 0.5),
                        new LearningCurve.Point(4, 0, Double.NaN),
                        new LearningCurve.Point(5, 1, 1.0));
    }
}
