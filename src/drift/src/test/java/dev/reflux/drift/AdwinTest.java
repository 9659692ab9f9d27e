package dev.reflux.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.drift.Adwin.Direction;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import moa.classifiers.core.driftdetection.ADWIN;
import moa.classifiers.core.driftdetection.ADWINChangeDetector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdwinTest {

    private static final int VALUES = 120_000;

    @ParameterizedTest
    @EnumSource
    void add_bothDirections_alarmsWhereMoaDoes(Streams stream) {
        for (double delta : new double[] {0.002, 0.05, 1e-5}) {
            ADWIN moa = new ADWIN(delta);
            Adwin ours = new Adwin(delta, Direction.BOTH);
            double[] values = stream.values(VALUES, 7);
            List<Integer> expected = new ArrayList<>();
            List<Integer> found = new ArrayList<>();
            for (int i = 0; i < values.length; i++) {
                if (moa.setInput(values[i])) {
                    expected.add(i);
                }
                if (ours.add(values[i]) == DriftLevel.DRIFT) {
                    found.add(i);
                }
                assertThat(ours.width()).isEqualTo(moa.getWidth());
                assertThat(ours.estimate()).isEqualTo(moa.getEstimation());
            }
            assertThat(found).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void add_increasesAlone_alarmsWhereMoasChangeDetectorDoes(Streams stream) {
        ADWINChangeDetector moa = new ADWINChangeDetector();
        Adwin ours = new Adwin();
        double[] values = stream.values(VALUES, 11);
        List<Integer> expected = new ArrayList<>();
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            moa.input(values[i]);
            if (moa.getChange()) {
                expected.add(i);
            }
            if (ours.add(values[i]) == DriftLevel.DRIFT) {
                found.add(i);
            }
        }
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void streams_ofTheOracle_holdAlarmsAndSilence() {
        assertThat(alarms(new Adwin(0.002, Direction.BOTH), Streams.ABRUPT_ERRORS.values(VALUES, 7)))
                .hasSizeGreaterThan(19);
        assertThat(alarms(new Adwin(), Streams.ABRUPT_ERRORS.values(VALUES, 7))).hasSizeGreaterThan(9);
        assertThat(alarms(new Adwin(), Streams.STATIONARY_ERRORS.values(VALUES, 7)))
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
    void add_notFinite_isRefusedAndChangesNothing() throws IOException {
        Adwin adwin = new Adwin();
        adwin.add(1);
        byte[] before = bytes(adwin);

        assertThatThrownBy(() -> adwin.add(Double.NaN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("value: NaN found, must be finite; leave such values out");
        assertThatThrownBy(() -> adwin.add(Double.NEGATIVE_INFINITY)).isInstanceOf(IllegalArgumentException.class);

        assertThat(bytes(adwin)).isEqualTo(before);
    }

    @Test
    void constructor_outOfRange_namesValueAndRule() {
        assertThatThrownBy(() -> new Adwin(0, Direction.BOTH)).hasMessage("delta: 0.0 found, must be in (0, 1)");
        assertThatThrownBy(() -> new Adwin(0.01, 0.001, Direction.BOTH, 32))
                .hasMessage("warningDelta: 0.001 found, must be in [delta, 1), delta is 0.01");
        assertThatThrownBy(() -> new Adwin(0.01, 0.1, Direction.BOTH, 0))
                .hasMessage("clock: 0 found, must be at least 1");
    }

    @ParameterizedTest
    @EnumSource
    void read_atAnyPoint_continuesBitForBit(Streams stream) throws IOException {
        double[] values = stream.values(30_000, 5);
        Adwin undisturbed = new Adwin();
        Adwin restored = new Adwin();
        for (int i = 0; i < values.length; i++) {
            DriftLevel expected = undisturbed.add(values[i]);
            assertThat(restored.add(values[i])).isEqualTo(expected);
            if (i % 997 == 0) {
                restored = (Adwin) DriftDetectors.read(input(withType(restored)));
            }
        }
        assertThat(bytes(restored)).isEqualTo(bytes(undisturbed));
    }

    @Test
    void reset_afterValues_isAsNew() throws IOException {
        Adwin adwin = new Adwin();
        for (double value : Streams.ABRUPT_ERRORS.values(20_000, 5)) {
            adwin.add(value);
        }
        adwin.reset();
        assertThat(bytes(adwin)).isEqualTo(bytes(new Adwin()));
    }

    @Test
    void read_newerVersion_isRefused() throws IOException {
        byte[] state = bytes(new Adwin());
        state[3] = 2;
        assertThatThrownBy(() -> Adwin.read(input(state)))
                .isInstanceOf(IOException.class)
                .hasMessage("adwin state: version 2 found, this build reads up to 1");
    }

    @Test
    void read_damagedState_isRefused() throws IOException {
        Adwin adwin = new Adwin();
        adwin.add(1);
        byte[] state = bytes(adwin);
        state[state.length - 17] = 77;
        assertThatThrownBy(() -> Adwin.read(input(state)))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("adwin state: damaged, 77 buckets in row 0");
    }

    @Test
    void readDetector_unknownType_isRefused() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new DataOutputStream(out).writeUTF("oracle");
        assertThatThrownBy(() -> DriftDetectors.read(input(out.toByteArray())))
                .isInstanceOf(IOException.class)
                .hasMessage("drift detector 'oracle' found, this build reads [adwin]");
    }

    @Test
    void add_hotPath_allocatesNothing() {
        double[] values = Streams.ABRUPT_ERRORS.values(50_000, 5);
        Adwin adwin = new Adwin();
        addAll(adwin, values);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        addAll(adwin, values);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(values.length / 10);
    }

    private static void addAll(Adwin adwin, double[] values) {
        for (double value : values) {
            adwin.add(value);
        }
    }

    private static List<Integer> alarms(Adwin adwin, double[] values) {
        List<Integer> alarms = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            if (adwin.add(values[i]) == DriftLevel.DRIFT) {
                alarms.add(i);
            }
        }
        return alarms;
    }

    private static byte[] bytes(Adwin adwin) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        adwin.write(new DataOutputStream(out));
        return out.toByteArray();
    }

    private static byte[] withType(Adwin adwin) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DriftDetectors.write(adwin, new DataOutputStream(out));
        return out.toByteArray();
    }

    private static DataInputStream input(byte[] bytes) {
        return new DataInputStream(new ByteArrayInputStream(bytes));
    }
}
