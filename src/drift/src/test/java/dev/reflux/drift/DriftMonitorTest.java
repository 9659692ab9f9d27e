package dev.reflux.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.drift.DriftMonitor.Watch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DriftMonitorTest {

    @Test
    void add_signalsWithinTheCoolDown_makeOneAlarm() {
        DriftMonitor monitor = new DriftMonitor(List.of(new Watch("phone", "student-error", new Scripted())), 3);

        assertThat(feed(monitor, 0)).isEqualTo(DriftLevel.NONE);
        assertThat(feed(monitor, 2)).isEqualTo(DriftLevel.DRIFT);
        assertThat(feed(monitor, 2)).isEqualTo(DriftLevel.WARNING);
        assertThat(feed(monitor, 2)).isEqualTo(DriftLevel.WARNING);
        assertThat(feed(monitor, 2)).isEqualTo(DriftLevel.DRIFT);
        assertThat(monitor.alarms()).isEqualTo(2);
    }

    @Test
    void closeWindow_quietThenDrift_givesOneRecordPerWatchAndWindow() {
        DriftMonitor monitor = new DriftMonitor(
                List.of(
                        new Watch("phone", "student-error", new Scripted()),
                        new Watch("teacher", "teacher-error", new Scripted())),
                100);
        for (int event = 0; event < 10; event++) {
            monitor.nextEvent();
            monitor.add(0, 0);
            monitor.add(1, 0);
        }
        assertThat(monitor.closeWindow())
                .containsExactly(
                        new DriftRecord(
                                "phone",
                                "student-error",
                                null,
                                "scripted",
                                0,
                                1.5,
                                0.5,
                                null,
                                DriftLevel.NONE,
                                0,
                                10,
                                9,
                                null),
                        new DriftRecord(
                                "teacher",
                                "teacher-error",
                                null,
                                "scripted",
                                0,
                                1.5,
                                0.5,
                                null,
                                DriftLevel.NONE,
                                0,
                                10,
                                9,
                                null));

        for (int event = 10; event < 20; event++) {
            monitor.nextEvent();
            monitor.add(0, event == 14 ? 2 : event == 12 ? 1 : 0);
            monitor.add(1, event == 16 ? 1 : 0);
        }
        assertThat(monitor.level()).isEqualTo(DriftLevel.DRIFT);
        assertThat(monitor.closeWindow())
                .containsExactly(
                        new DriftRecord(
                                "phone",
                                "student-error",
                                null,
                                "scripted",
                                2,
                                1.5,
                                0.5,
                                null,
                                DriftLevel.DRIFT,
                                10,
                                20,
                                14,
                                11L),
                        new DriftRecord(
                                "teacher",
                                "teacher-error",
                                null,
                                "scripted",
                                1,
                                1.5,
                                0.5,
                                null,
                                DriftLevel.WARNING,
                                10,
                                20,
                                16,
                                null));
        assertThat(monitor.level()).isEqualTo(DriftLevel.NONE);
    }

    @Test
    void change_valuesOfEveryTenthEvent_isPlacedInEvents() {
        DriftMonitor monitor = new DriftMonitor(List.of(new Watch("phone", "student-error", new Scripted())), 0);
        for (int event = 0; event < 1_000; event++) {
            monitor.nextEvent();
            if (event % 10 == 9) {
                monitor.add(0, event == 999 ? 2 : 0);
            }
        }
        // the detector holds 4 values current, which is 40 events
        assertThat(monitor.closeWindow().get(0).changeAt()).hasValue(960);
    }

    @Test
    void closeWindow_withoutEvents_isRefused() {
        DriftMonitor monitor = new DriftMonitor(List.of(), 0);
        assertThatThrownBy(monitor::closeWindow)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no event since the last window ended at 0");
        assertThatThrownBy(() -> monitor.add(0, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void add_abruptChanges_nearlyAlwaysMakeOneAlarmNearby() {
        int single = 0;
        for (int seed = 0; seed < 50; seed++) {
            List<DriftRecord> alarms = alarmsOfOneChange(seed, DriftMonitor.DEFAULT_COOL_DOWN);
            assertThat(alarms).as("seed %d", seed).isNotEmpty();
            assertThat(alarms.get(0).event()).as("seed %d", seed).isBetween(10_000L, 10_400L);
            single += alarms.size() == 1 ? 1 : 0;
        }
        assertThat(single).isGreaterThanOrEqualTo(45);
        assertThat(alarmsOfOneChange(0, 0)).hasSizeGreaterThan(1);
    }

    private static List<DriftRecord> alarmsOfOneChange(int seed, long coolDown) {
        DriftMonitor monitor = new DriftMonitor(List.of(new Watch("phone", "student-error", new Adwin())), coolDown);
        Random random = new Random(seed);
        List<DriftRecord> alarms = new ArrayList<>();
        for (int event = 0; event < 20_000; event++) {
            monitor.nextEvent();
            monitor.add(0, random.nextDouble() < (event < 10_000 ? 0.2 : 0.4) ? 1 : 0);
            if (event % 20 == 19) {
                monitor.closeWindow().stream()
                        .filter(record -> record.level() == DriftLevel.DRIFT)
                        .forEach(alarms::add);
            }
        }
        return alarms;
    }

    @Test
    void read_inMidWindow_continuesBitForBit() throws IOException {
        DriftMonitor undisturbed = errors();
        DriftMonitor restored = errors();
        double[] values = Streams.ABRUPT_ERRORS.values(30_000, 9);
        for (int i = 0; i < values.length; i++) {
            undisturbed.nextEvent();
            restored.nextEvent();
            assertThat(restored.add(0, values[i])).isEqualTo(undisturbed.add(0, values[i]));
            if (i % 777 == 0) {
                restored = DriftMonitor.read(new DataInputStream(new ByteArrayInputStream(bytes(restored))));
            }
            if (i % 1_000 == 999) {
                assertThat(restored.closeWindow()).isEqualTo(undisturbed.closeWindow());
            }
        }
        assertThat(bytes(restored)).isEqualTo(bytes(undisturbed));
        assertThat(restored.alarms()).isPositive();
    }

    @Test
    void resume_changedSettings_keepsWhatStayedAndBeginsTheRest() throws IOException {
        DriftMonitor saved = new DriftMonitor(
                List.of(
                        new Watch("phone", "student-error", new Adwin()),
                        new Watch("phone", "student-error", new Ddm()),
                        new Watch("phone", "disagreement", new Adwin())),
                500);
        double[] values = Streams.ABRUPT_ERRORS.values(9_000, 9);
        for (double value : values) {
            saved.nextEvent();
            for (int watch = 0; watch < 3; watch++) {
                saved.add(watch, value);
            }
        }
        long alarms = saved.watches().get(1).alarms();
        DriftMonitor resumed = new DriftMonitor(
                        List.of(
                                new Watch("phone", "student-error", new Ddm()),
                                new Watch("phone", "student-error", new Adwin(0.01, Adwin.Direction.INCREASE)),
                                new Watch("watch", "student-error", new Adwin())),
                        500)
                .resume(saved);
        assertThat(alarms).isPositive();
        assertThat(resumed.events()).isEqualTo(9_000);
        assertThat(resumed.alarms()).isEqualTo(alarms);
        assertThat(resumed.watches())
                .extracting(watch -> watch.detector().width() > 0)
                .containsExactly(true, false, false);

        DriftMonitor same = errors().resume(DriftMonitor.read(Detectors.input(bytes(errors()))));
        assertThat(bytes(same)).isEqualTo(bytes(errors()));
    }

    @Test
    void read_newerVersion_isRefused() throws IOException {
        byte[] state = bytes(errors());
        state[3] = 9;
        assertThatThrownBy(() -> DriftMonitor.read(new DataInputStream(new ByteArrayInputStream(state))))
                .isInstanceOf(IOException.class)
                .hasMessage("drift monitor state: version 9 found, this build reads up to 2");
    }

    @Test
    void record_badWindow_isRefused() {
        assertThatThrownBy(() -> new DriftRecord(
                        "phone", "student-error", null, "adwin", 0, 1, 0, null, DriftLevel.NONE, 5, 5, 5, null))
                .hasMessage("window: [5, 5) found, must hold at least one event");
        assertThatThrownBy(() -> new DriftRecord(
                        "phone", "student-error", null, "adwin", 0, 1, 0, null, DriftLevel.NONE, 5, 10, 10, null))
                .hasMessage("event: 10 found, must be in the window [5, 10)");
    }

    private static DriftMonitor errors() {
        return new DriftMonitor(List.of(new Watch("phone", "student-error", new Adwin())), 500);
    }

    private static DriftLevel feed(DriftMonitor monitor, double value) {
        monitor.nextEvent();
        return monitor.add(0, value);
    }

    private static byte[] bytes(DriftMonitor monitor) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        monitor.write(new DataOutputStream(out));
        return out.toByteArray();
    }

    /** Says what it is told: 0 none, 1 warning, 2 drift. */
    private static final class Scripted implements DriftDetector {

        private double last;

        @Override
        public String type() {
            return "scripted";
        }

        @Override
        public DriftLevel add(double value) {
            last = value;
            return DriftLevel.values()[(int) value];
        }

        @Override
        public double estimate() {
            return 0.5;
        }

        @Override
        public double statistic() {
            return last;
        }

        @Override
        public double threshold() {
            return 1.5;
        }

        @Override
        public long width() {
            return 4;
        }

        @Override
        public void reset() {
            last = 0;
        }

        @Override
        public void write(DataOutput out) throws IOException {
            out.writeDouble(last);
        }
    }
}
