package dev.reflux.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.drift.Adwin.Direction;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class AdwinTest {

    private static final int VALUES = 120_000;

    @Test
    void streams_ofTheOracle_holdAlarmsAndSilence() {
        assertThat(Detectors.alarms(new Adwin(0.002, Direction.BOTH), Streams.ABRUPT_ERRORS.values(VALUES, 7)))
                .hasSizeGreaterThan(19);
        assertThat(Detectors.alarms(new Adwin(), Streams.ABRUPT_ERRORS.values(VALUES, 7)))
                .hasSizeGreaterThan(9);
        assertThat(Detectors.alarms(new Adwin(), Streams.STATIONARY_ERRORS.values(VALUES, 7)))
                .isEmpty();
    }

    /**
     * 32 zeros and 32 ones lie in buckets of 8 (four), 4 (five), 2 and 1 (four each), so that one cut parts them exactly:
     * n0 = n1 = 32, variance 1/4. Without the oldest 8 zeros no cut is beyond its threshold.
     */
    @Test
    void statistic_ofTwoConstantHalves_isTheFormulaByHand() {
        Adwin adwin = new Adwin(0.002, 0.002, Direction.INCREASE, 64);
        for (int i = 0; i < 63; i++) {
            adwin.add(i < 32 ? 0 : 1);
        }
        assertThat(adwin.threshold()).isEqualTo(Double.POSITIVE_INFINITY);

        assertThat(adwin.add(1)).isEqualTo(DriftLevel.DRIFT);

        double m = 1.0 / 28 + 1.0 / 28;
        double depth = Math.log(2 * Math.log(64) / 0.002);
        assertThat(adwin.statistic()).isEqualTo(1);
        assertThat(adwin.threshold()).isCloseTo(Math.sqrt(2 * m * 0.25 * depth) + m * depth * 2 / 3, within(1e-12));
        assertThat(adwin.threshold()).isCloseTo(0.9424, within(1e-4));
        assertThat(adwin.width()).isEqualTo(56);
        assertThat(adwin.estimate()).isEqualTo(32.0 / 56);
    }

    @Test
    void add_risingErrors_warnsBeforeItAlarms() {
        Adwin adwin = new Adwin();
        double[] values = Streams.ABRUPT_ERRORS.values(40_000, 3);
        int warning = -1;
        int alarm = -1;
        for (int i = 0; i < 4_000; i++) {
            double value = values[i % 2_000];
            DriftLevel level = adwin.add(i < 2_000 ? value : Math.min(1, value + (i % 8 == 0 ? 1 : 0)));
            if (level == DriftLevel.WARNING && i >= 2_000 && warning < 0) {
                warning = i;
            }
            if (level == DriftLevel.DRIFT) {
                alarm = i;
                break;
            }
        }
        assertThat(warning).isBetween(2_000, alarm - 1);
    }

    @Test
    void add_warningDeltaOfDelta_neverWarns() {
        Adwin adwin = new Adwin(0.002, 0.002, Direction.BOTH, 32);
        for (double value : Streams.GRADUAL_ERRORS.values(VALUES, 3)) {
            assertThat(adwin.add(value)).isNotEqualTo(DriftLevel.WARNING);
        }
    }

    @Test
    void constructor_outOfRange_namesValueAndRule() {
        assertThatThrownBy(() -> new Adwin(0, Direction.BOTH)).hasMessage("delta: 0.0 found, must be in (0, 1)");
        assertThatThrownBy(() -> new Adwin(0.01, 0.001, Direction.BOTH, 32))
                .hasMessage("warningDelta: 0.001 found, must be in [delta, 1), delta is 0.01");
        assertThatThrownBy(() -> new Adwin(0.01, 0.1, Direction.BOTH, 0))
                .hasMessage("clock: 0 found, must be at least 1");
    }

    @Test
    void read_damagedState_isRefused() throws IOException {
        Adwin adwin = new Adwin();
        adwin.add(1);
        byte[] state = Detectors.bytes(adwin);
        state[state.length - 17] = 77;
        assertThatThrownBy(() -> Detectors.read(state))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("adwin state: damaged, 77 buckets in row 0");
    }
}
