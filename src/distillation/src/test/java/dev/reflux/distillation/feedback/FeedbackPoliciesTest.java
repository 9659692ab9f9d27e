package dev.reflux.distillation.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class FeedbackPoliciesTest {

    private static final float NONE = Float.NaN;

    @Test
    void mutual_gradient_isTeacherMinusMeanOfStudents() {
        FeedbackPolicy mutual = FeedbackPolicies.create("mutual", 0.5, 2);
        float ln3 = (float) Math.log(3);
        // Teacher (1/2, 1/2); students (1/4, 3/4) and (1/2, 1/2), on average (3/8, 5/8).
        List<Feedback> feedback = List.of(heard(new float[] {0, ln3}), heard(new float[] {0, 0}));
        float[] gradient = new float[2];
        mutual.addGradient(0, 1, new float[] {1, 1}, feedback, null, gradient);
        assertThat(gradient).containsExactly(new float[] {0.5f * 0.125f, -0.5f * 0.125f}, within(1e-6f));
    }

    @Test
    void mutual_gradient_isThatOfTheDivergenceByNumericalDifferences() {
        FeedbackPolicy mutual = FeedbackPolicies.create("mutual", 0.7, 3);
        float[] teacher = {0.3f, -1, 0.8f, 2, 0, -0.5f};
        float[] student = {1, 0.5f, -0.4f, 0.1f, 0.2f, 0.3f};
        float[] gradient = new float[6];
        mutual.addGradient(0, 2, teacher, List.of(heard(student)), null, gradient);
        float h = 1e-2f;
        for (int i = 0; i < teacher.length; i++) {
            float[] above = teacher.clone();
            above[i] += h;
            float[] below = teacher.clone();
            below[i] -= h;
            double slope = 0.7 * (divergence(student, above) - divergence(student, below)) / (2 * h) / 2;
            assertThat((double) gradient[i]).isCloseTo(slope, within(2e-5));
        }
    }

    @Test
    void errorSignal_onTheSameBatch_weighsEachLabelByTheStudentsError() {
        FeedbackPolicy policy = FeedbackPolicies.create("error-signal", 0.5, 2);
        float ln3 = (float) Math.log(3);
        // Errors 1 - p(label): 3/4, 1/4, none, mean 1/2: weights 0.5 + 0.5 * 1.5 and 0.5 + 0.5 * 0.5.
        Examples examples = Examples.ofNumeric(new float[] {0, 0, 0}, new int[] {0, 1, -1});
        float[] weights = new float[3];
        policy.weigh(examples, List.of(heard(new float[] {0, ln3, 0, ln3, 0, ln3})), weights);
        assertThat(weights).containsExactly(new float[] {1.25f, 0.75f, 1}, within(1e-6f));
    }

    @Test
    void errorSignal_onLaterBatches_weighsTheClassesThatStudentsErrOn() {
        FeedbackPolicy policy = FeedbackPolicies.create("error-signal", 1, 3);
        Examples examples = Examples.ofNumeric(new float[] {0, 0, 0, 0}, new int[] {0, 1, 2, -1});
        float[] weights = new float[4];
        policy.weigh(examples, weights);
        assertThat(weights).as("before anything was heard").containsExactly(1, 1, 1, 1);

        policy.hear(List.of(heard(new float[3], 0.6f, 0.2f, NONE)));
        policy.weigh(examples, weights);
        assertThat(weights).containsExactly(new float[] {1.5f, 0.5f, 1, 1}, within(1e-6f));
    }

    @Test
    void errorSignal_neverWeighsAnExampleAboveFour() {
        FeedbackPolicy policy = FeedbackPolicies.create("error-signal", 1, 2);
        int[] labels = new int[20];
        float[] logits = new float[40];
        for (int row = 0; row < 20; row++) {
            logits[2 * row] = row == 0 ? -20 : 20;
        }
        float[] weights = new float[20];
        policy.weigh(Examples.ofNumeric(new float[20], labels), List.of(heard(logits)), weights);
        assertThat(weights[0]).isEqualTo(4);
    }

    @Test
    void errorSignal_savedAndRead_weighsTheSame() {
        FeedbackPolicy policy = FeedbackPolicies.create("error-signal", 1, 2);
        policy.hear(List.of(heard(new float[2], 0.7f, 0.1f)));
        policy.hear(List.of(heard(new float[2], NONE, 0.3f)));
        StateWriter state = new StateWriter();
        policy.write(state);
        FeedbackPolicy restored = FeedbackPolicies.create("error-signal", 1, 2);
        restored.read(new StateReader(state.toBytes()));
        Examples examples = Examples.ofNumeric(new float[2], new int[] {0, 1});
        float[] expected = new float[2];
        float[] found = new float[2];
        policy.weigh(examples, expected);
        restored.weigh(examples, found);
        assertThat(found).containsExactly(expected);
        assertThat(found[0]).isNotEqualTo(found[1]);
    }

    @Test
    void meta_whatHelpedTheStudent_becomesMoreLikely() {
        for (double gain : new double[] {0.5, -0.5}) {
            MetaPseudoLabels meta = new MetaPseudoLabels(1, 3);
            // The usual gain is 0.1, with a little spread; then comes a batch that helped more, or harmed.
            for (int i = 0; i < 40; i++) {
                meta.hear(List.of(gained(0.1 + (i % 2 == 0 ? 0.01 : -0.01))));
            }
            meta.hear(List.of(gained(0.1 + gain)));
            assertThat(meta.advantage()).isEqualTo(Math.signum(gain) * 3);
            float[] gradient = new float[3];
            meta.addGradient(0, 1, new float[] {0, 0, 0}, List.of(), new int[] {1}, gradient);
            // A step against the gradient moves the logit of the taught class up when it helped, down when it harmed.
            assertThat(Math.signum(-gradient[1])).isEqualTo((float) Math.signum(gain));
            assertThat(gradient[0] + gradient[1] + gradient[2]).isCloseTo(0, within(1e-6f));
        }
    }

    @Test
    void meta_gradient_isThatOfTheWeightedLogLossOfTheTaughtClass() {
        MetaPseudoLabels meta = new MetaPseudoLabels(0.5, 2);
        meta.hear(List.of(gained(0)));
        meta.hear(List.of(gained(1)));
        // One earlier gain of 0: its deviation is nothing, so the advantage is cut at 3.
        assertThat(meta.advantage()).isEqualTo(3);
        float[] gradient = new float[4];
        meta.addGradient(0, 2, new float[] {0, (float) Math.log(3), 0, 0}, List.of(), new int[] {0, 1}, gradient);
        float scale = 0.5f * 3 / 2;
        assertThat(gradient)
                .containsExactly(
                        new float[] {scale * -0.75f, scale * 0.75f, scale * 0.5f, scale * -0.5f}, within(1e-6f));
    }

    @Test
    void meta_withoutALabelInTheBatch_teachesNothing() {
        MetaPseudoLabels meta = new MetaPseudoLabels(1, 2);
        meta.hear(List.of(gained(0.1)));
        meta.hear(List.of(gained(0.3)));
        assertThat(meta.addsGradient()).isTrue();
        meta.hear(List.of(gained(Double.NaN)));
        assertThat(meta.addsGradient()).isFalse();
    }

    private static Feedback gained(double gain) {
        return new Feedback(0, "small", new float[] {0, 0}, 1, 1 - gain, new float[] {0, 0}, 0);
    }

    @Test
    void create_withAnUnknownName_listsTheKnownOnes() {
        assertThatThrownBy(() -> FeedbackPolicies.create("mutal", 1, 2))
                .hasMessage("feedback policy 'mutal' is not known; known are [error-signal, meta, mutual, none]");
    }

    private static Feedback heard(float[] logits, float... classError) {
        return new Feedback(0, "student", logits, Double.NaN, Double.NaN, classError, 0);
    }

    /** Sum over the rows of KL(student || teacher), three classes. */
    private static double divergence(float[] student, float[] teacher) {
        double sum = 0;
        for (int row = 0; row < 2; row++) {
            double[] p = softmax(student, row);
            double[] q = softmax(teacher, row);
            for (int c = 0; c < 3; c++) {
                sum += p[c] * Math.log(p[c] / q[c]);
            }
        }
        return sum;
    }

    private static double[] softmax(float[] logits, int row) {
        double[] e = new double[3];
        double sum = 0;
        for (int c = 0; c < 3; c++) {
            e[c] = Math.exp(logits[row * 3 + c]);
            sum += e[c];
        }
        for (int c = 0; c < 3; c++) {
            e[c] /= sum;
        }
        return e;
    }
}
