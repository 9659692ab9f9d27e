package dev.reflux.distillation.candidates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import org.junit.jupiter.api.Test;

class ChoiceTest {

    private static final float[] SAYS_0 = {1, 0};
    private static final float[] SAYS_1 = {0, 1};

    private static void label(Choice choice, int label, float[]... answers) {
        choice.label();
        for (int k = 0; k < answers.length; k++) {
            choice.answer(k, answers[k], 0, label);
        }
    }

    @Test
    void served_isTheFirst_untilItHasErredMoreOften() {
        Choice choice = new Choice(3, 2);
        assertThat(choice.served()).isZero();

        label(choice, 1, SAYS_0, SAYS_1, SAYS_1);
        // the others began one error behind, which has faded a little
        assertThat(choice.served()).isEqualTo(1);
        label(choice, 1, SAYS_1, SAYS_0, SAYS_1);
        assertThat(choice.served()).isEqualTo(2);
        label(choice, 1, SAYS_1, SAYS_1, SAYS_0);
        label(choice, 1, SAYS_1, SAYS_1, SAYS_0);
        assertThat(choice.served()).isZero();
    }

    @Test
    void served_followsTheRecent() {
        Choice choice = new Choice(2, 2);
        for (int i = 0; i < 3_000; i++) {
            label(choice, 0, SAYS_0, SAYS_1);
        }
        assertThat(choice.served()).isZero();
        int labels = 0;
        while (choice.served() == 0) {
            label(choice, 1, SAYS_0, SAYS_1);
            labels++;
        }
        // 0.998^n = 1/2 after 346: then the new errors of the one weigh as much as the old ones of the other
        assertThat(labels).isBetween(340, 350);
    }

    @Test
    void state_goesOn_andOfAnotherNumberIsRefused() {
        Choice choice = new Choice(2, 2);
        label(choice, 1, SAYS_0, SAYS_1);
        StateWriter state = new StateWriter();
        choice.write(state);
        Choice read = new Choice(2, 2);
        read.read(new StateReader(state.toBytes()));
        assertThat(read.served()).isEqualTo(choice.served()).isEqualTo(1);
        assertThatThrownBy(() -> new Choice(3, 2).read(new StateReader(state.toBytes())))
                .isInstanceOf(StateException.class)
                .hasMessageContaining("the state is of 2 candidates, the pipeline has 3");
    }
}
