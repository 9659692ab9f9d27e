package dev.reflux.checkpoints.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.reflux.checkpoints.Manifest;
import dev.reflux.checkpoints.Manifest.Decision;
import dev.reflux.checkpoints.Manifest.Verification;
import dev.reflux.checkpoints.gate.GatePolicy.Hold;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointGateTest {

    private static final GatePolicy POLICY = new GatePolicy(3, 1000, 0.01, Hold.DURING_DRIFT, 2);
    private static final Verification GOOD = new Verification(1e-6, 64);

    @Test
    void countBatch_everyThird_isDue() {
        CheckpointGate gate = new CheckpointGate(POLICY);

        assertThat(gate.countBatch()).isFalse();
        assertThat(gate.countBatch()).isFalse();
        assertThat(gate.countBatch()).isTrue();
        gate.decide(candidate(1, 0.8), () -> GOOD);
        assertThat(gate.countBatch()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // last published at 0.80
                "2000|0.80|NONE   |0|PUBLISHED|window accuracy 0.8000, 0.8000 of the last published student (step 10)",
                "2000|0.95|NONE   |0|PUBLISHED|window accuracy 0.9500",
                "2000|0.79|NONE   |0|PUBLISHED|window accuracy 0.7900",
                "2000|0.78|NONE   |0|HELD|window accuracy 0.7800 is 0.0200 below 0.8000 of the last published student (step 10), 0.0100 allowed",
                "2000|NaN |NONE   |0|PUBLISHED|window accuracy NaN",
                "999 |0.80|NONE   |0|HELD|999 events seen, 1000 needed",
                "1000|0.80|NONE   |0|PUBLISHED|window accuracy",
                "2000|0.80|WARNING|0|PUBLISHED|window accuracy",
                "2000|0.80|DRIFT  |0|HELD|drift level is drift",
                "2000|0.80|NONE   |0.0001|PUBLISHED|window accuracy",
                "2000|0.80|NONE   |0.00011|HELD|differs from the live student by 0.000110 on 64 rows",
                "2000|0.80|NONE   |NaN|HELD|differs from the live student by NaN",
            })
    void decide_candidate_isJudged(
            long events, double accuracy, DriftLevel drift, double difference, Decision decision, String reason) {
        CheckpointGate gate = new CheckpointGate(POLICY);
        gate.decide(candidate(10, 0.80), () -> GOOD);

        Manifest.Gate result =
                gate.decide(new Candidate(20, events, accuracy, drift), () -> new Verification(difference, 64));

        assertThat(result.decision()).isEqualTo(decision);
        assertThat(result.reasons()).singleElement().asString().contains(reason);
        assertThat(gate.lastPublishedStep()).hasValue(decision == Decision.PUBLISHED ? 20 : 10);
    }

    @Test
    void decide_severalTroubles_namesEachAndSparesTheExport() {
        CheckpointGate gate = new CheckpointGate(POLICY);
        gate.decide(candidate(10, 0.80), () -> GOOD);

        Manifest.Gate result = gate.decide(new Candidate(11, 5, 0.1, DriftLevel.DRIFT), () -> {
            throw new AssertionError("exported though held");
        });

        assertThat(result.decision()).isEqualTo(Decision.HELD);
        assertThat(result.reasons()).hasSize(3);
    }

    @Test
    void decide_firstStudent_hasNoParent() {
        CheckpointGate gate = new CheckpointGate(POLICY);
        assertThat(gate.lastPublishedStep()).isEmpty();

        assertThat(gate.decide(candidate(1, 0.1), () -> GOOD))
                .isEqualTo(new Manifest.Gate(Decision.PUBLISHED, List.of("first student")));
    }

    @Test
    void decide_noRowsVerified_isHeld() {
        assertThat(new CheckpointGate(POLICY).decide(candidate(1, 0.1), () -> new Verification(0, 0)))
                .satisfies(gate -> assertThat(gate.decision()).isEqualTo(Decision.HELD))
                .satisfies(gate -> assertThat(gate.reasons().get(0)).contains("no rows to compare"));
    }

    @Test
    void decide_warning_holdsWhenPolicySaysSo() {
        CheckpointGate gate = new CheckpointGate(new GatePolicy(1, 0, 1, Hold.DURING_WARNING_AND_DRIFT, 0));

        assertThat(gate.decide(new Candidate(1, 1, 0.5, DriftLevel.WARNING), () -> GOOD)
                        .reasons())
                .containsExactly("drift level is warning");
    }

    @Test
    void decide_lastingRegression_isForcedAfterTheHolds() {
        CheckpointGate gate = new CheckpointGate(POLICY);
        gate.decide(candidate(10, 0.80), () -> GOOD);

        assertThat(gate.decide(candidate(11, 0.5), () -> GOOD).decision()).isEqualTo(Decision.HELD);
        assertThat(gate.decide(new Candidate(12, 2000, 0.5, DriftLevel.DRIFT), () -> GOOD)
                        .decision())
                .isEqualTo(Decision.HELD);
        assertThat(gate.decide(candidate(13, 0.5), () -> GOOD).decision()).isEqualTo(Decision.HELD);
        Manifest.Gate forced = gate.decide(candidate(14, 0.5), () -> GOOD);

        assertThat(forced.decision()).isEqualTo(Decision.PUBLISHED);
        assertThat(forced.reasons()).singleElement().asString().endsWith("published all the same after 2 holds");
        assertThat(gate.decide(candidate(15, 0.495), () -> GOOD).decision()).isEqualTo(Decision.PUBLISHED);
    }

    @Test
    void decide_unmeasuredAccuracy_keepsTheBaseline() {
        CheckpointGate gate = new CheckpointGate(POLICY);
        gate.decide(candidate(10, 0.80), () -> GOOD);
        gate.decide(candidate(11, Double.NaN), () -> GOOD);

        assertThat(gate.decide(candidate(12, 0.5), () -> GOOD).decision()).isEqualTo(Decision.HELD);
    }

    @Test
    void restore_atAnyPoint_decidesAsBefore() {
        Random random = new Random(7);
        CheckpointGate undisturbed = new CheckpointGate(POLICY);
        CheckpointGate restored = new CheckpointGate(POLICY);
        for (int step = 0; step < 500; step++) {
            restored = CheckpointGate.restore(POLICY, restored.state());
            boolean due = undisturbed.countBatch();
            assertThat(restored.countBatch()).isEqualTo(due);
            if (due) {
                Candidate candidate =
                        new Candidate(step, step * 20L, random.nextDouble(), DriftLevel.values()[random.nextInt(3)]);
                assertThat(restored.decide(candidate, () -> GOOD)).isEqualTo(undisturbed.decide(candidate, () -> GOOD));
            }
            assertThat(restored.state()).isEqualTo(undisturbed.state());
        }
    }

    @Test
    void restore_badState_isRefused() {
        byte[] state = new CheckpointGate(POLICY).state();
        byte[] newer = state.clone();
        newer[3] = 9;

        assertThatIllegalArgumentException()
                .isThrownBy(() -> CheckpointGate.restore(POLICY, newer))
                .withMessageContaining("version 9 found, this build reads up to 1");
        for (byte[] bad : new byte[][] {{}, new byte[7], new byte[200], Arrays.copyOf(state, 20)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CheckpointGate.restore(POLICY, bad))
                    .withMessageContaining(bad.length + " bytes");
        }
    }

    @Test
    void policy_badValue_isNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GatePolicy(0, 0, 0, Hold.NEVER, 0))
                .withMessageContaining("everyBatches is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GatePolicy(1, 0, Double.NaN, Hold.NEVER, 0))
                .withMessageContaining("maxRegression is NaN");
    }

    private static Candidate candidate(long step, double accuracy) {
        return new Candidate(step, 2000, accuracy, DriftLevel.NONE);
    }
}
