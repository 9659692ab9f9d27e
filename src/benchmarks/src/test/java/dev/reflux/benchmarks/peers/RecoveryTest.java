package dev.reflux.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

final class RecoveryTest {

    private static final int AT = 3_000;

    @Test
    void of_wrongForAWhile_countsUntilTheWindowIsWithinOnePoint() {
        // 80 % before; 100 wrong after the change, then all right: 500 events with 105 wrong are 79 %
        Recovery recovery = Recovery.of(hits(6_000, i -> i < AT ? i % 5 != 0 : i >= AT + 105), AT);

        assertThat(recovery.before()).isEqualTo(0.8);
        assertThat(recovery.events()).hasValue(500);
    }

    @Test
    void of_oneMoreWrong_waitsUntilItHasLeftTheWindow() {
        Recovery recovery = Recovery.of(hits(6_000, i -> i < AT ? i % 5 != 0 : i >= AT + 106), AT);

        assertThat(recovery.events()).hasValue(501);
    }

    @Test
    void of_neverRightAgain_isEmpty() {
        Recovery recovery = Recovery.of(hits(6_000, i -> i < AT), AT);

        assertThat(recovery.before()).isEqualTo(1);
        assertThat(recovery.events()).isEmpty();
        assertThat(recovery.after()).isZero();
    }

    @Test
    void of_changeBeforeTheReferenceIsFull_takesWhatThereIs() {
        Recovery recovery = Recovery.of(hits(1_000, i -> i < 100 ? i % 2 == 0 : i % 4 == 0), 100);

        assertThat(recovery.before()).isEqualTo(0.5);
        assertThat(recovery.after()).isEqualTo(0.25);
    }

    private static Hits hits(int size, IntPredicate right) {
        Hits hits = new Hits();
        for (int i = 0; i < size; i++) {
            hits.add(right.test(i));
        }
        return hits;
    }
}
