package dev.reflux.distillation.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.network.FeatureLayer;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HintLossTest {

    private static HintLoss create(Map<String, Object> options, LossBatch batch) {
        return (HintLoss) LossCheck.create(HintLoss.TYPE, options, batch);
    }

    @Test
    void knownMap_givesErrorGradientAndStepByHand() {
        LossBatch batch = LossBatch.ofFeatures(1, new float[] {1, 2}, new float[] {1, 1});
        HintLoss loss = create(Map.of("learningRate", 0.6), batch);
        double[] weights = loss.map().weights();
        System.arraycopy(new double[] {1, 0, 0, 1, 0.5, 0}, 0, weights, 0, 6);
        Outputs gradient = batch.zeros();

        // Error (1/2, 1), mean square (1/4 + 1) / 2; 0.3 / 5 of input times error for the matrix, 0.3 for the bias.
        assertThat(loss.addGradient(batch.input(), 1, gradient)).isCloseTo(0.625, within(1e-12));
        assertThat(gradient.features(0)).containsExactly(0.5f, 1);
        assertThat(weights)
                .containsExactly(new double[] {1 - 0.03, -0.06, -0.06, 1 - 0.12, 0.5 - 0.15, -0.3}, within(1e-12));
    }

    @Test
    void step_ofTheMap_isAlongItsNumericalGradient() {
        LossBatch batch = LossBatch.random(5, 1);
        HintLoss loss = create(Map.of(), batch);
        double[] before = loss.map().weights().clone();
        double squares = 0;
        for (float value : batch.features) {
            squares += (double) value * value;
        }
        int width = batch.teacherLayer.width();
        double rate = 0.1 / (2 * squares) * batch.rows * width / 2;
        double biasRate = 0.1 / 2 * width / 2;
        int bias = batch.studentLayer.width() * width;
        loss.addGradient(batch.input(), 1, batch.zeros());
        double[] found = new double[before.length];
        double[] expected = new double[before.length];
        for (int i = 0; i < before.length; i++) {
            found[i] = (before[i] - loss.map().weights()[i]) / (i < bias ? rate : biasRate);
            expected[i] = (valueAt(batch, before, i, 1e-5) - valueAt(batch, before, i, -1e-5)) / 2e-5;
        }
        assertThat(LossCheck.assertClose(found, expected)).isGreaterThan(0.1);
    }

    private static double valueAt(LossBatch batch, double[] weights, int i, double change) {
        HintLoss loss = create(Map.of(), batch);
        System.arraycopy(weights, 0, loss.map().weights(), 0, weights.length);
        loss.map().weights()[i] += change;
        return loss.addGradient(batch.input(), 1, batch.zeros());
    }

    @Test
    void teacherThatIsALinearMapOfTheStudent_endsAtZeroAtAnyScale() {
        for (float scale : new float[] {1e-2f, 1, 1e3f}) {
            LossBatch batch = LossBatch.ofFeatures(
                    4, new float[] {1, 2, -1, 0.5f, 0, 3, 2, 2}, new float[] {4, 1, 0, -1, 4, 4, 5, 1});
            for (int row = 0; row < 4; row++) {
                batch.features[2 * row] *= scale;
                batch.features[2 * row + 1] *= scale;
                batch.teacherFeatures[2 * row] = batch.features[2 * row] + 2 * batch.features[2 * row + 1] + scale;
                batch.teacherFeatures[2 * row + 1] = 3 * batch.features[2 * row] - scale;
            }
            HintLoss loss = create(Map.of("learningRate", 1.0), batch);
            double first = loss.addGradient(batch.input(), 1, batch.zeros());
            for (int step = 0; step < 20_000; step++) {
                loss.addGradient(batch.input(), 1, batch.zeros());
            }
            Outputs gradient = batch.zeros();
            double end = loss.addGradient(batch.input(), 1, gradient);
            assertThat(end).as("at scale %s, from %s", scale, first).isLessThan(1e-6 * first);
        }
    }

    @Test
    void flatLayersAndLogits_haveTheirNumericalGradients() {
        FeatureLayer narrow = FeatureLayer.flat("hidden-1", 3);
        FeatureLayer wide = FeatureLayer.flat("hidden-1", 9);
        LossBatch batch = LossBatch.random(4, 2, narrow, wide);
        for (Map<String, Object> options : java.util.List.<Map<String, Object>>of(
                Map.of(), Map.of("student", "logits"), Map.of("student", "logits", "teacher", "logits"))) {
            LossCheck.assertGradient(create(options, batch), HintLoss.TYPE, options, batch);
        }
    }

    @Test
    void map_isDrawnFromTheSeed() {
        LossBatch batch = LossBatch.random(1, 1);
        LossShapes shapes = batch.shapes();
        LossSpec spec = new LossSpec("hint", 1, Map.of());
        LossShapes others = new LossShapes(shapes.classes(), shapes.student(), shapes.teacher(), shapes.seed() + 1);
        double[] weights = create(Map.of(), batch).map().weights();

        assertThat(create(Map.of(), batch).map().weights()).isEqualTo(weights);
        assertThat(new HintLoss(new LossSettings(HintLoss.TYPE, spec, others))
                        .map()
                        .weights())
                .isNotEqualTo(weights);
        double squares = Arrays.stream(weights).map(weight -> weight * weight).sum();
        assertThat(squares / batch.teacherLayer.width()).isCloseTo(1, within(0.2));
    }

    @Test
    void stateOfOtherLayers_isRefused() {
        byte[] state = LossCheck.state(create(Map.of(), LossBatch.random(1, 1)));
        LossBatch other = LossBatch.random(1, 1, FeatureLayer.flat("hidden-1", 3), LossBatch.TEACHER);

        assertThatThrownBy(() -> create(Map.of(), other).read(new StateReader(state)))
                .isInstanceOf(StateException.class)
                .hasMessageContaining("a map of 416 weights found in the state, 3 inputs and 32 outputs need 128");
    }
}
