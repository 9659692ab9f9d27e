package dev.reflux.distillation.committee;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.nio.IntBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class CombinationsTest {

    private static final int CLASSES = 2;
    private static final float NONE = Float.NaN;

    /** Logits of rows with these probabilities of class 0; NaN for a row without a word. */
    private static Outputs says(double... probabilities) {
        float[] logits = new float[probabilities.length * CLASSES];
        for (int row = 0; row < probabilities.length; row++) {
            logits[row * CLASSES] = (float) Math.log(probabilities[row]);
            logits[row * CLASSES + 1] = (float) Math.log(1 - probabilities[row]);
        }
        return Outputs.ofLogits(logits, CLASSES);
    }

    private static float[] logits(Outputs outputs) {
        return outputs.logits();
    }

    private static Examples labels(int... labels) {
        Examples examples = Examples.ofNumeric(new float[labels.length], new int[labels.length]);
        IntBuffer visible = IntBuffer.wrap(labels);
        return new Examples(
                examples.layout(),
                labels.length,
                examples.numeric(),
                examples.categories(),
                examples.tokenOffsets(),
                examples.tokens(),
                examples.tensors(),
                visible,
                visible);
    }

    private static void assertProbability(float[] combined, int row, double expected) {
        assertThat(Math.exp(combined[row * CLASSES])).as("row %d", row).isCloseTo(expected, within(1e-6));
        assertThat(Math.exp(combined[row * CLASSES + 1])).as("row %d", row).isCloseTo(1 - expected, within(1e-6));
    }

    @Test
    void mean_isOfTheProbabilities_ofThoseWhoSaySomething() {
        Combination mean = Combination.of(Combination.Kind.MEAN, 3, CLASSES);
        List<Outputs> members = List.of(says(0.9, 0.9, NONE), says(0.6, NONE, NONE), says(0.3, 0.1, NONE));
        float[] combined = new float[3 * CLASSES];

        float[] taught = new float[3 * CLASSES];

        mean.combine(labels(0, 1, 0), 1, members, members, combined, taught);

        assertProbability(combined, 0, 0.6);
        assertProbability(combined, 1, 0.5);
        assertThat(combined[4]).isNaN();
        assertThat(combined[5]).isNaN();
        assertThat(taught).isEqualTo(combined);
    }

    @Test
    void confidence_weighsByTheLossOnTheLabel_byHand() {
        Combination confidence = Combination.of(Combination.Kind.CONFIDENCE, 2, CLASSES);
        // losses -ln 0.8 and -ln 0.2: exp gives 1/0.8 and 1/0.2, so the first weighs 1 - 1.25/6.25 = 0.8
        List<Outputs> members = List.of(says(0.8), says(0.2));
        float[] combined = new float[CLASSES];

        confidence.combine(labels(0), 1, members, members, new float[combined.length], combined);

        assertProbability(combined, 0, 0.8 * 0.8 + 0.2 * 0.2);
        // what was learned of them is now used for what has no label
        confidence.combine(
                labels(Examples.UNLABELLED),
                1,
                List.of(says(0.5), says(0.1)),
                List.of(says(0.5), says(0.1)),
                combined,
                new float[CLASSES]);
        assertProbability(combined, 0, 0.8 * 0.5 + 0.2 * 0.1);
    }

    @Test
    void confidence_ofThoseWhoSayNothing_isNotCounted() {
        Combination confidence = Combination.of(Combination.Kind.CONFIDENCE, 3, CLASSES);
        List<Outputs> members = List.of(says(0.8, NONE, NONE), says(0.2, 0.4, NONE), says(NONE, NONE, NONE));
        float[] combined = new float[3 * CLASSES];

        confidence.combine(labels(0, 0, 1), 1, members, members, new float[combined.length], combined);

        assertProbability(combined, 0, 0.8 * 0.8 + 0.2 * 0.2);
        assertProbability(combined, 1, 0.4);
        assertThat(combined[4]).isNaN();
        StateWriter state = new StateWriter();
        confidence.write(state);
        Combination read = Combination.of(Combination.Kind.CONFIDENCE, 3, CLASSES);
        read.read(new StateReader(state.toBytes()));
        float[] expected = new float[CLASSES];
        float[] found = new float[CLASSES];
        List<Outputs> all = List.of(says(0.9), says(0.5), says(0.1));
        confidence.combine(labels(Examples.UNLABELLED), 1, all, all, expected, new float[CLASSES]);
        read.combine(labels(Examples.UNLABELLED), 1, all, all, found, new float[CLASSES]);
        assertThat(found).isEqualTo(expected);
        // the first has a loss of -ln 0.8, the second the mean of -ln 0.2 and -ln 0.4, the third none yet
        double[] weights =
                ConfidenceCombination.weights(new double[] {-Math.log(0.8), -(Math.log(0.2) + Math.log(0.4)) / 2, 0});
        assertProbability(expected, 0, weights[0] * 0.9 + weights[1] * 0.5 + weights[2] * 0.1);
    }

    @Test
    void stacked_isALogarithmicPool_whoseWeightsFollowTheLabels_byHand() {
        StackedCombination stacked = new StackedCombination(2, CLASSES);
        // sqrt(0.9 * 0.6) against sqrt(0.1 * 0.4)
        List<Outputs> members = List.of(says(0.9, NONE, 0.9), says(0.6, NONE, NONE));
        float[] before = new float[3 * CLASSES];
        float[] after = new float[3 * CLASSES];

        stacked.combine(labels(0, 1, Examples.UNLABELLED), 1, members, members, before, after);

        assertProbability(before, 0, 0.786061);
        assertThat(before[2]).isNaN();
        assertThat(after).isEqualTo(before);
        assertThat(stacked.weights()).containsExactly(new double[] {0.505111, 0.500943}, within(1e-6));
        // a member alone, to the power of the weight that the label of an earlier step has given it
        double ofNine = Math.pow(0.9, 0.505111);
        assertProbability(before, 2, ofNine / (ofNine + Math.pow(0.1, 0.505111)));

        StateWriter state = new StateWriter();
        stacked.write(state);
        StackedCombination read = new StackedCombination(2, CLASSES);
        read.read(new StateReader(state.toBytes()));
        assertThat(read.weights()).isEqualTo(stacked.weights());
        assertThatThrownBy(() -> new StackedCombination(3, CLASSES).read(new StateReader(state.toBytes())))
                .hasMessageContaining("the state is of 2 members and averages, the pipeline has 3");
    }

    @Test
    void stacked_learnsToHearWhoIsRight() {
        StackedCombination stacked = new StackedCombination(2, CLASSES);
        int[] truth = new int[400];
        double[] right = new double[truth.length];
        double[] noise = new double[truth.length];
        for (int row = 0; row < truth.length; row++) {
            truth[row] = row * 7 % 3 % 2;
            right[row] = truth[row] == 0 ? 0.8 : 0.2;
            noise[row] = row % 2 == 0 ? 0.9 : 0.1;
        }
        List<Outputs> members = List.of(says(right), says(noise));

        stacked.combine(
                labels(truth),
                1,
                members,
                members,
                new float[truth.length * CLASSES],
                new float[truth.length * CLASSES]);

        assertThat(stacked.weights()[0]).isGreaterThan(1);
        assertThat(stacked.weights()[1]).isLessThan(0.25);
    }

    @Test
    void gradientWeights_minimiseTheSquareOfTheMixedGradient() {
        GradientWeights weights = new GradientWeights(2, CLASSES, 1);
        float[] student = logits(says(0.5));
        // gradients of 0.1 and -0.4: they cancel at weights 0.8 and 0.2
        List<float[]> members = List.of(logits(says(0.4)), logits(says(0.9)));
        float[] combined = new float[CLASSES];

        assertThat(weights.weights(0, 1, student, members)).containsExactly(new double[] {0.8, 0.2}, within(1e-6));
        weights.combine(0, 1, student, members, combined);
        assertProbability(combined, 0, 0.5);

        // bounded by (1 + 0.2) / 2, it is 0.6 of the first at most
        assertThat(new GradientWeights(2, CLASSES, 0.2).weights(0, 1, student, members))
                .containsExactly(new double[] {0.6, 0.4}, within(1e-6));
    }

    @Test
    void gradientWeights_comeFromTheRowsOfWhichAllSaySomething() {
        GradientWeights weights = new GradientWeights(2, CLASSES, 1);
        float[] student = logits(says(0.5, 0.5, 0.5, 0.5));
        List<float[]> members = List.of(logits(says(0.4, NONE, 0.1, NONE)), logits(says(0.9, 0.7, NONE, NONE)));
        float[] combined = new float[4 * CLASSES];

        assertThat(weights.weights(0, 4, student, members)).containsExactly(new double[] {0.8, 0.2}, within(1e-6));
        weights.combine(0, 4, student, members, combined);
        assertProbability(combined, 0, 0.5);
        assertProbability(combined, 1, 0.7);
        assertProbability(combined, 2, 0.1);
        assertThat(combined[6]).isNaN();
        assertThat(weights.weights(1, 4, student, members))
                .as("no row with a word of each")
                .containsExactly(0.5, 0.5);
    }
}
