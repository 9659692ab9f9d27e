package dev.reflux.checkpoints.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.checkpoints.Manifest;
import dev.reflux.checkpoints.Manifest.Decision;
import dev.reflux.checkpoints.Manifest.Quality;
import dev.reflux.checkpoints.Manifest.Verification;
import dev.reflux.checkpoints.gate.GatePolicy.Hold;
import dev.reflux.checkpoints.gate.Reason.Code;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointGateTest {

    private static final GatePolicy POLICY = new GatePolicy(3, 1000, 0.01, 0.05, 0.05, Hold.DRIFT, 0, 2, 0, 1);
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

        GateDecision result = gate.decide(
                new Candidate(20, events, quality(accuracy), drift), () -> new Verification(difference, 64));

        assertThat(result.decision()).isEqualTo(decision);
        assertThat(result.forManifest().reasons()).singleElement().asString().contains(reason);
        assertThat(result.publishedStep()).hasValue(10);
        assertThat(gate.lastPublishedStep()).hasValue(decision == Decision.PUBLISHED ? 20 : 10);
    }

    @Test
    void decide_severalTroubles_namesEachAndSparesTheExport() {
        CheckpointGate gate = new CheckpointGate(POLICY);
        gate.decide(candidate(10, 0.80), () -> GOOD);

        GateDecision result = gate.decide(new Candidate(11, 5, quality(0.1), DriftLevel.DRIFT), () -> {
            throw new AssertionError("exported though held");
        });

        assertThat(result.decision()).isEqualTo(Decision.HELD);
        assertThat(result.reasons())
                .extracting(Reason::code)
                .containsExactly(Code.TOO_FEW_EVENTS, Code.DRIFT_LEVEL, Code.ACCURACY_FELL);
    }

    @Test
    void decide_firstStudent_hasNoParent() {
        CheckpointGate gate = new CheckpointGate(POLICY);
        assertThat(gate.lastPublishedStep()).isEmpty();

        GateDecision first = gate.decide(candidate(1, 0.1), () -> GOOD);

        assertThat(first.forManifest()).isEqualTo(new Manifest.Gate(Decision.PUBLISHED, List.of("first student")));
        assertThat(first.publishedQuality()).isNull();
    }

    @Test
    void decide_noRowsVerified_isHeld() {
        assertThat(new CheckpointGate(POLICY).decide(candidate(1, 0.1), () -> new Verification(0, 0)))
                .satisfies(gate -> assertThat(gate.decision()).isEqualTo(Decision.HELD))
                .satisfies(gate -> assertThat(gate.reasons().get(0).text()).contains("no rows to compare"));
    }

    @Test
    void decide_warning_holdsWhenPolicySaysSo() {
        CheckpointGate gate = new CheckpointGate(new GatePolicy(1, 0, 1, 10, 1, Hold.WARNING, 0, 0, 0, 1));

        assertThat(gate.decide(new Candidate(1, 1, quality(0.5), DriftLevel.WARNING), () -> GOOD)
                        .reasons())
                .containsExactly(new Reason(Code.DRIFT_LEVEL, "drift level is warning"));
    }

    @Test
    void decide_afterDrift_waitsUntilTheStreamHasSettled() {
        CheckpointGate gate = new CheckpointGate(new GatePolicy(1, 0, 1, 10, 1, Hold.DRIFT, 500, 0, 0, 1));
        gate.observeDrift(DriftLevel.WARNING, 900);
        gate.observeDrift(DriftLevel.DRIFT, 1_000);
        gate.observeDrift(DriftLevel.NONE, 1_100);

        assertThat(gate.decide(new Candidate(1, 1_499, quality(0.5), DriftLevel.NONE), () -> GOOD)
                        .reasons())
                .containsExactly(new Reason(
                        Code.DRIFT_LEVEL, "the drift level was raised 499 events ago, 500 without are needed"));
        assertThat(gate.decide(new Candidate(2, 1_500, quality(0.5), DriftLevel.NONE), () -> GOOD)
                        .decision())
                .isEqualTo(Decision.PUBLISHED);
    }

    @Test
    void decide_someBatchesAfterADrift_isDueAndPublishesWhatHasLearned() {
        CheckpointGate gate = new CheckpointGate(new GatePolicy(100, 0, 0.01, 0.05, 0.05, Hold.NEVER, 0, 0, 2, 1));
        gate.decide(candidate(10, 0.80), () -> GOOD);
        gate.observeDrift(DriftLevel.WARNING, 100);
        assertThat(gate.countBatch()).isFalse();
        gate.observeDrift(DriftLevel.DRIFT, 200);
        assertThat(gate.countBatch()).isFalse();
        assertThat(gate.wantsComparison()).isFalse();
        assertThat(gate.countBatch()).isFalse();
        assertThat(gate.wantsComparison()).isTrue();
        assertThat(gate.countBatch()).isTrue();

        GateDecision decision = gate.decide(candidate(13, 0.6), () -> GOOD);

        assertThat(decision.decision()).isEqualTo(Decision.PUBLISHED);
        assertThat(decision.reasons()).extracting(Reason::code).containsExactly(Code.AFTER_DRIFT);
        assertThat(decision.reasons().get(0).text()).endsWith("; published all the same, 2 batches after a drift");
        assertThat(gate.countBatch()).as("once per drift").isFalse();
    }

    @Test
    void decide_afterADriftButWorseThanThePublishedNow_isHeld() {
        CheckpointGate gate = new CheckpointGate(new GatePolicy(100, 0, 0.01, 0.05, 0.05, Hold.NEVER, 0, 0, 1, 1));
        gate.decide(candidate(10, 0.80), () -> GOOD);
        gate.observeDrift(DriftLevel.DRIFT, 200);
        gate.countBatch();
        compare(gate, 0, 100, 400);
        assertThat(gate.countBatch()).isTrue();

        assertThat(gate.decide(candidate(13, 0.6), () -> GOOD).decision()).isEqualTo(Decision.HELD);
    }

    @Test
    void decide_lastingRegression_isForcedAfterTheHolds() {
        CheckpointGate gate = new CheckpointGate(POLICY);
        gate.decide(candidate(10, 0.80), () -> GOOD);

        assertThat(gate.decide(candidate(11, 0.6), () -> GOOD).decision()).isEqualTo(Decision.HELD);
        assertThat(gate.decide(new Candidate(12, 2000, quality(0.6), DriftLevel.DRIFT), () -> GOOD)
                        .decision())
                .isEqualTo(Decision.HELD);
        assertThat(gate.decide(candidate(13, 0.6), () -> GOOD).decision()).isEqualTo(Decision.HELD);
        GateDecision forced = gate.decide(candidate(14, 0.6), () -> GOOD);

        assertThat(forced.decision()).isEqualTo(Decision.PUBLISHED);
        assertThat(forced.reasons()).singleElement().satisfies(reason -> {
            assertThat(reason.code()).isEqualTo(Code.FORCED);
            assertThat(reason.text()).endsWith("published all the same after 2 holds");
        });
        assertThat(gate.decide(candidate(15, 0.595), () -> GOOD).decision()).isEqualTo(Decision.PUBLISHED);
    }

    /** A class that comes three times in four is soon learned, and better than the champion; no more can be known. */
    @Test
    void decide_betterByTheShareOfANoisyClassAlone_isHeld() {
        Random random = new Random(3);
        CheckpointGate gate = new CheckpointGate(POLICY);
        gate.decide(candidate(10, 0.80), () -> GOOD);
        for (int i = 0; i < 1_300; i++) {
            gate.compare(i % 2, new Outcome(i % 2, 0.2), new Outcome(i % 2, 0.2));
        }
        for (int i = 0; i < 700; i++) {
            gate.compare(random.nextInt(4) == 0 ? 1 : 0, new Outcome(0, 0.57), new Outcome(random.nextInt(2), 1));
        }

        GateDecision result = gate.decide(candidate(20, 0.75), () -> GOOD);

        assertThat(result.comparison().advantage()).as("of what was compared").isGreaterThan(5);
        assertThat(result.comparison().kappa()).isGreaterThan(0.5);
        assertThat(result.reasons()).extracting(Reason::code).containsExactly(Code.ACCURACY_FELL);
    }

    /** What a student learned of noise is of no use once the noise is over. */
    @Test
    void decide_betterOnTheNoiseAndWorseSince_isHeld() {
        Random random = new Random(3);
        CheckpointGate gate = new CheckpointGate(POLICY);
        gate.decide(candidate(10, 0.80), () -> GOOD);
        for (int i = 0; i < 1_000; i++) {
            gate.compare(random.nextInt(4) == 0 ? 1 : 0, new Outcome(0, 0.57), new Outcome(random.nextInt(2), 1));
        }
        for (int i = 0; i < 1_000; i++) {
            gate.compare(i % 2, new Outcome(random.nextInt(5) == 0 ? 1 - i % 2 : i % 2, 0.4), new Outcome(i % 2, 0.1));
        }

        GateDecision result = gate.decide(candidate(20, 0.77), () -> GOOD);

        assertThat(result.comparison().advantage())
                .as("of all that was compared")
                .isGreaterThan(0);
        assertThat(result.reasons()).extracting(Reason::code).containsExactly(Code.ACCURACY_FELL, Code.WORSE_NOW);
        assertThat(result.reasons().get(1).text()).startsWith("on the last 1000 events accuracy 0.8");
    }

    @Test
    void decide_noBetterThanChance_isNeverForced() {
        CheckpointGate gate = new CheckpointGate(POLICY);
        gate.decide(candidate(10, 0.80), () -> GOOD);

        for (int step = 11; step < 60; step++) {
            assertThat(gate.decide(candidate(step, 0.51), () -> GOOD).decision())
                    .isEqualTo(Decision.HELD);
        }
    }

    /** Nearly all events are of one class, which a student that always says so gets right: its log loss tells more. */
    @Test
    void decide_rareClassWithKappaZero_isForcedWhenItsLogLossBeatsTheShares() {
        CheckpointGate gate = new CheckpointGate(POLICY);
        gate.decide(candidate(10, 0.99, 0.01, 0), () -> GOOD);
        for (int i = 0; i < 1000; i++) {
            gate.compare(i % 50 == 0 ? 1 : 0, new Outcome(0, 0.06), new Outcome(0, 0.2));
        }
        for (int step = 11; step < 13; step++) {
            assertThat(gate.decide(candidate(step, 0.97, 0.01, 0), () -> GOOD).decision())
                    .isEqualTo(Decision.HELD);
        }

        GateDecision forced = gate.decide(candidate(13, 0.97, 0.01, 0), () -> GOOD);

        // -(0.02 ln 0.02 + 0.98 ln 0.98)
        assertThat(forced.comparison().chanceLogLoss()).isCloseTo(0.0980, within(1e-4));
        assertThat(forced.reasons()).extracting(Reason::code).containsExactly(Code.FORCED);
    }

    @Test
    void decide_worseThanThenButClearlyBetterThanTheChampionNow_isPublished() {
        CheckpointGate gate = new CheckpointGate(POLICY);
        gate.decide(candidate(10, 0.80), () -> GOOD);
        compare(gate, 60, 20, 120);

        GateDecision result = gate.decide(candidate(20, 0.70), () -> GOOD);

        assertThat(result.decision()).isEqualTo(Decision.PUBLISHED);
        assertThat(result.comparison()).isEqualTo(new Comparison(200, 0.9, 0.8, 0.7, 60, 20, 0.25, 0.5, Math.log(2)));
        assertThat(result.comparison().advantage()).isCloseTo(4.472, within(1e-3));
        assertThat(result.reasons()).singleElement().satisfies(reason -> {
            assertThat(reason.code()).isEqualTo(Code.BETTER_NOW);
            assertThat(reason.text())
                    .contains("window accuracy 0.7000 is 0.1000 below 0.8000")
                    .endsWith("on the last 200 events accuracy 0.9000, the published student now 0.7000 (60 to 20 where"
                            + " they differ)");
        });
    }

    @Test
    void decide_betterThanTheChampionByAccident_isHeld() {
        CheckpointGate gate = new CheckpointGate(POLICY);
        gate.decide(candidate(10, 0.80), () -> GOOD);
        compare(gate, 45, 30, 120);

        assertThat(gate.decide(candidate(20, 0.70), () -> GOOD).reasons())
                .extracting(Reason::code)
                .containsExactly(Code.ACCURACY_FELL);
    }

    @Test
    void decide_asGoodAsThenButClearlyWorseThanTheChampionNow_isHeld() {
        CheckpointGate gate = new CheckpointGate(POLICY);
        gate.decide(candidate(10, 0.80), () -> GOOD);
        compare(gate, 20, 60, 120);

        GateDecision result = gate.decide(candidate(20, 0.80), () -> GOOD);

        assertThat(result.decision()).isEqualTo(Decision.HELD);
        assertThat(result.reasons()).extracting(Reason::code).containsExactly(Code.WORSE_NOW);
    }

    @Test
    void decide_logLossAndCalibration_areComparedToo() {
        CheckpointGate gate = new CheckpointGate(POLICY);
        gate.decide(candidate(10, 0.80), () -> GOOD);

        GateDecision result = gate.decide(
                new Candidate(11, 2000, new Quality(0.85, 0.7, 0.46, 0.071, 0.9, 2000), DriftLevel.NONE), () -> GOOD);

        assertThat(result.forManifest().reasons())
                .containsExactly(
                        "window log loss 0.4600 is 0.0600 above 0.4000 of the last published student (step 10),"
                                + " 0.0500 allowed",
                        "window calibration error 0.0710 is 0.0510 above 0.0200 of the last published student (step 10),"
                                + " 0.0500 allowed");
    }

    @Test
    void wantsComparison_beforeEachOffer_onceThereIsAChampion() {
        CheckpointGate gate = new CheckpointGate(new GatePolicy(5, 0, 1, 10, 1, Hold.NEVER, 0, 0, 0, 2));
        assertThat(gate.wantsComparison()).isFalse();
        gate.decide(candidate(1, 0.5), () -> GOOD);

        List<Boolean> wanted = new ArrayList<>();
        boolean due = false;
        while (!due) {
            wanted.add(gate.wantsComparison());
            due = gate.countBatch();
        }

        assertThat(wanted).containsExactly(false, false, false, true, true);
    }

    @Test
    void compare_moreEventsThanTheWindowHolds_forgetsTheOldest() {
        CheckpointGate gate = new CheckpointGate(POLICY);
        gate.decide(candidate(10, 0.80), () -> GOOD);
        compare(gate, 1_000, 0, 0);
        compare(gate, 0, 0, CheckpointGate.COMPARED_EVENTS - 10);

        assertThat(gate.decide(candidate(20, 0.80), () -> GOOD).comparison().onlyStudentRight())
                .isEqualTo(10);
        assertThat(gate.decide(candidate(21, 0.80), () -> GOOD).comparison())
                .as("a new champion has been compared with nobody")
                .isEqualTo(Comparison.NONE);
    }

    @Test
    void decide_unmeasuredAccuracy_keepsTheBaseline() {
        CheckpointGate gate = new CheckpointGate(POLICY);
        gate.decide(candidate(10, 0.80), () -> GOOD);
        gate.decide(new Candidate(11, 2000, quality(Double.NaN), DriftLevel.NONE), () -> GOOD);

        assertThat(gate.decide(candidate(12, 0.5), () -> GOOD).decision()).isEqualTo(Decision.HELD);
    }

    @Test
    void restore_atAnyPoint_decidesAsBefore() {
        Random random = new Random(7);
        GatePolicy policy = new GatePolicy(3, 1000, 0.01, 0.05, 0.05, Hold.DRIFT, 0, 2, 1, 1);
        CheckpointGate undisturbed = new CheckpointGate(policy);
        CheckpointGate restored = new CheckpointGate(policy);
        for (int step = 0; step < 500; step++) {
            restored = CheckpointGate.restore(policy, restored.state());
            boolean due = undisturbed.countBatch();
            assertThat(restored.countBatch()).isEqualTo(due);
            if (undisturbed.wantsComparison()) {
                for (int i = 0; i < 10; i++) {
                    int truth = random.nextInt(3);
                    Outcome student = new Outcome(random.nextInt(3), random.nextDouble());
                    Outcome published = new Outcome(random.nextInt(3), random.nextDouble());
                    undisturbed.compare(truth, student, published);
                    restored.compare(truth, student, published);
                }
            }
            DriftLevel drift = DriftLevel.values()[random.nextInt(3)];
            undisturbed.observeDrift(drift, step * 20L);
            restored.observeDrift(drift, step * 20L);
            if (due) {
                Candidate candidate = new Candidate(step, step * 20L, quality(random.nextDouble()), drift);
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
                .withMessageContaining("version 9 found, this build reads up to 3");
        for (byte[] bad : new byte[][] {{}, new byte[7], new byte[200], Arrays.copyOf(state, 20)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CheckpointGate.restore(POLICY, bad))
                    .withMessageContaining(bad.length + " bytes");
        }
    }

    @Test
    void policy_badValue_isNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GatePolicy(0, 0, 0, 0, 0, Hold.NEVER, 0, 0, 0, 1))
                .withMessageContaining("everyBatches is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GatePolicy(1, 0, 0, -1, 0, Hold.NEVER, 0, 0, 0, 1))
                .withMessageContaining("maxLogLossRise is -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GatePolicy(1, 0, Double.NaN, 0, 0, Hold.NEVER, 0, 0, 0, 1))
                .withMessageContaining("maxRegression is NaN");
    }

    /** As the first build wrote it: version, batches, step, accuracy, holds. */
    @Test
    void restore_stateOfVersionOne_keepsTheAccuracyThatWasPublished() {
        byte[] state = ByteBuffer.allocate(32)
                .putInt(1)
                .putLong(2)
                .putLong(10)
                .putDouble(0.8)
                .putInt(1)
                .array();

        CheckpointGate gate = CheckpointGate.restore(POLICY, state);

        assertThat(gate.countBatch()).isTrue();
        assertThat(gate.lastPublishedStep()).hasValue(10);
        assertThat(gate.decide(candidate(20, 0.78), () -> GOOD)
                        .forManifest()
                        .reasons()
                        .get(0))
                .contains("0.7800 is 0.0200 below 0.8000 of the last published student (step 10)");
        assertThat(gate.decide(candidate(21, 0.80), () -> GOOD).decision()).isEqualTo(Decision.PUBLISHED);
    }

    /** Adds events that the student alone, the champion alone, and both get right; two classes in turn. */
    private static void compare(CheckpointGate gate, int student, int champion, int both) {
        for (int i = 0; i < student + champion + both; i++) {
            boolean studentRight = i < student || i >= student + champion;
            boolean championRight = i >= student;
            int truth = i % 2;
            gate.compare(
                    truth,
                    new Outcome(studentRight ? truth : 1 - truth, 0.25),
                    new Outcome(championRight ? truth : 1 - truth, 0.5));
        }
    }

    private static Candidate candidate(long step, double accuracy) {
        return new Candidate(step, 2000, quality(accuracy), DriftLevel.NONE);
    }

    private static Candidate candidate(long step, double accuracy, double logLoss, double kappa) {
        return new Candidate(step, 2000, new Quality(accuracy, kappa, logLoss, 0, 1, 2000), DriftLevel.NONE);
    }

    /** Of two classes that come equally often. */
    private static Quality quality(double accuracy) {
        return new Quality(accuracy, 2 * accuracy - 1, 0.4, 0.02, 0.9, 2000);
    }
}
