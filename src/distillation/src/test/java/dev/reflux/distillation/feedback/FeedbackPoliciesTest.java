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
        mutual.addGradient(0, 1, new float[] {1, 1}, feedback, gradient);
        assertThat(gradient).containsExactly(new float[] {0.5f * 0.125f, -0.5f * 0.125f}, within(1e-6f));
    }

    @Test
    void mutual_gradient_isThatOfTheDivergenceByNumericalDifferences() {
        FeedbackPolicy mutual = FeedbackPolicies.create("mutual", 0.7, 3);
        float[] teacher = {0.3f, -1, 0.8f, 2, 0, -0.5f};
        float[] student = {1, 0.5f, -0.4f, 0.1f, 0.2f, 0.3f};
        float[] gradient = new float[6];
        mutual.addGradient(0, 2, teacher, List.of(heard(student)), gradient);
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
    void create_withAnUnknownName_listsTheKnownOnes() {
        assertThatThrownBy(() -> FeedbackPolicies.create("mutal", 1, 2))
                .hasMessage("feedback policy 'mutal' is not known; known are [error-signal, mutual, none]");
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
