package dev.reflux.benchmarks.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.benchmarks.drift.ErrorStream.Change;
import dev.reflux.drift.DriftLevel;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScoreTest {

    private static final ErrorStream STREAM = new ErrorStream(
            new double[30_000],
            List.of(new Change(5_000, 5_000), new Change(12_000, 14_000), new Change(25_000, 25_000)));

    /** Alarms at the given events. */
    private static Contestant.Watcher at(Integer... events) {
        Set<Integer> alarms = Set.of(events);
        int[] next = {0};
        return value -> alarms.contains(next[0]++) ? DriftLevel.DRIFT : DriftLevel.NONE;
    }

    @Test
    void add_alarmsInAndOutOfTime_areFindsAndFalseAlarms() {
        Score score = new Score();
        // too early; a find and one after it; a find in the time after a slow change; the last change is missed
        score.add(at(4_999, 5_099, 5_300, 15_999, 20_000), STREAM);

        assertThat(score.meanTimeToDetection()).isEqualTo((100 + 4_000) / 2.0);
        assertThat(score.falseAlarms()).isEqualTo(3);
        assertThat(score.meanTimeBetweenFalseAlarms()).isEqualTo(10_000);
        assertThat(score.missedDetectionRate()).isEqualTo(1 / 3.0, within(1e-12));
        assertThat(score.meanTimeRatio()).isEqualTo(10_000 / 2_050.0 * 2 / 3, within(1e-12));
        assertThat(score.f1()).isEqualTo(4.0 / (4 + 3 + 1), within(1e-12));
    }

    @Test
    void add_alarmAfterTheTolerance_isFalse() {
        Score score = new Score();
        score.add(at(7_000, 16_001), STREAM);
        assertThat(score.falseAlarms()).isEqualTo(1);
        assertThat(score.missedDetectionRate()).isEqualTo(2 / 3.0, within(1e-12));
    }

    @Test
    void add_baselines_areAsBadAsTheyShouldBe() {
        Score always = new Score();
        always.add(value -> DriftLevel.DRIFT, STREAM);
        assertThat(always.missedDetectionRate()).isZero();
        assertThat(always.meanTimeToDetection()).isEqualTo(1);
        assertThat(always.meanTimeRatio()).isEqualTo(30_000 / 29_997.0);

        Score never = new Score();
        never.add(value -> DriftLevel.NONE, STREAM);
        assertThat(never.f1()).isZero();
        assertThat(never.meanTimeRatio()).isZero();
        assertThat(never.meanTimeToDetection()).isNaN();
    }
}
