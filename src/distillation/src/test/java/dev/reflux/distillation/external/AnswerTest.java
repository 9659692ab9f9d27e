package dev.reflux.distillation.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.network.FeatureLayer;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerTest {

    private static final float NAN = Float.NaN;
    private static final float INFINITY = Float.POSITIVE_INFINITY;

    @Test
    void write_probabilities_areLogitsThatSoftmaxTurnsBack() {
        float[] logits = write(Answer.PROBABILITIES, 3, 0.2f, 0.5f, 0.3f, 0, 1, 0);

        assertThat(logits[0]).isEqualTo((float) Math.log(0.2f));
        double[] probabilities = new double[3];
        Logits.softmax(logits, 0, 1, probabilities);
        assertThat(probabilities).containsExactly(new double[] {0.2, 0.5, 0.3}, within(1e-7));
        Logits.softmax(logits, 1, 1, probabilities);
        assertThat(probabilities).containsExactly(new double[] {1.2e-7, 1, 1.2e-7}, within(3e-7));
        assertThat(logits[3]).isEqualTo((float) (-23 * Math.log(2)));
        assertThat(logits[4]).isZero();
    }

    @Test
    void write_logits_areTakenAsTheyAre() {
        assertThat(write(Answer.LOGITS, 3, -2.5f, 0, 300)).containsExactly(-2.5f, 0, 300);
    }

    @Test
    void write_impossibleClass_hasTheLeastProbability() {
        float[] logits = write(Answer.LOGITS, 3, 4, Float.NEGATIVE_INFINITY, 3);

        assertThat(logits).containsExactly(4, 4 + (float) Math.log(Answer.LEAST_PROBABILITY), 3);
    }

    @Test
    void write_answerThatIsNoNumber_saysNothingOfItsRowAlone() {
        assertThat(write(Answer.LOGITS, 2, NAN, 1, 1, 2, 1, NAN, INFINITY, 1, -INFINITY, -INFINITY))
                .containsExactly(NAN, NAN, 1, 2, NAN, NAN, NAN, NAN, NAN, NAN);
        assertThat(write(Answer.PROBABILITIES, 2, NAN, NAN, 1, 1e-7f, 0.5f, INFINITY, -INFINITY, 1))
                .containsExactly(NAN, NAN, 0, (float) Math.log(Answer.LEAST_PROBABILITY), NAN, NAN, NAN, NAN);
    }

    @Test
    void write_rangeOfABatch_leavesTheOtherRows() {
        Outputs outputs = Outputs.ofLogits(new float[] {1, 2, 3, 4, 5, 6}, 2);

        Answer.LOGITS.write(new float[] {8, 9}, 1, 2, outputs);

        assertThat(outputs.logits()).containsExactly(1, 2, 8, 9, 5, 6);
    }

    @Test
    void write_noProbabilities_areRefused() {
        assertThatThrownBy(() -> write(Answer.PROBABILITIES, 2, -0.5f, 1.5f))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("-0.5 found")
                .hasMessageContaining("if these are logits");
        assertThatThrownBy(() -> write(Answer.PROBABILITIES, 2, 2, 3)).hasMessageContaining("a sum of 5.0 found");
        assertThat(write(Answer.PROBABILITIES, 2, 0.52f, 0.52f)).hasSize(2);
    }

    @Test
    void write_layersAskedFor_areRefused() {
        Outputs outputs = new Outputs(1, 2, List.of(FeatureLayer.flat("hidden-1", 4)));
        assertThatThrownBy(() -> Answer.LOGITS.write(new float[2], 0, 1, outputs))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("hidden-1");
    }

    private static float[] write(Answer answer, int classes, float... answers) {
        Outputs outputs = Outputs.ofLogits(new float[answers.length], classes);
        answer.write(answers, 0, answers.length / classes, outputs);
        return outputs.logits();
    }
}
