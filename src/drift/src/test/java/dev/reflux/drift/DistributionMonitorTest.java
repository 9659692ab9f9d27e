package dev.reflux.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.drift.DistributionMonitor.Renewal;
import dev.reflux.drift.DistributionMonitor.Settings;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DistributionMonitorTest {

    private static final Settings SETTINGS = new Settings(5_000, 0.001, Renewal.AFTER_DRIFT);

    @Test
    void closeWindow_oneChangeOfOneFeature_makesOneAlarmThere() {
        DistributionMonitor monitor = new DistributionMonitor(SETTINGS, features(20));
        List<DriftRecord> records =
                run(monitor, 1, 40_000, (event, feature) -> feature == 7 && event >= 20_500 ? 1 : 0);

        assertThat(alarms(records)).hasSize(2).allSatisfy(alarm -> {
            assertThat(alarm.subject()).isEqualTo("stream");
            assertThat(alarm.metric()).isEqualTo("feature");
            assertThat(alarm.feature()).isEqualTo("f7");
            assertThat(alarm.windowStart()).isEqualTo(20_000);
            assertThat(alarm.windowEnd()).isEqualTo(21_000);
            assertThat(alarm.event()).isEqualTo(20_999);
            assertThat(alarm.changeAt()).hasValue(20_000);
            assertThat(alarm.value()).isGreaterThan(alarm.threshold());
            assertThat(alarm.probability()).isLessThan(1e-10);
            assertThat(alarm.estimate()).isBetween(0.4, 0.6);
        });
        assertThat(alarms(records)).extracting(DriftRecord::detector).containsExactly("psi", "kolmogorov-smirnov");
        assertThat(monitor.alarms()).isEqualTo(1);
        // the first record is on the first window behind the reference, and f7 begins a new one behind its change
        assertThat(records.get(0).windowStart()).isEqualTo(5_000);
        assertThat(records.stream().filter(record -> "f7".equals(record.feature())))
                .extracting(DriftRecord::windowStart)
                .doesNotContain(21_000L, 24_000L)
                .contains(20_000L, 25_000L);
    }

    @Test
    void closeWindow_thereAndBackAgain_makesTwoAlarms() {
        DistributionMonitor monitor = new DistributionMonitor(SETTINGS, features(1));
        run(monitor, 2, 40_000, (event, feature) -> event >= 10_000 && event < 25_000 ? 1 : 0);
        assertThat(monitor.alarms()).isEqualTo(2);
    }

    @Test
    void closeWindow_referenceThatStays_alarmsOnceAndIsArmedAgainByAQuietWindow() {
        DistributionMonitor monitor = new DistributionMonitor(new Settings(5_000, 0.001, Renewal.NEVER), features(1));
        List<DriftRecord> records = run(monitor, 3, 40_000, (event, feature) -> event / 10_000 % 2 == 1 ? 1 : 0);
        assertThat(alarms(records))
                .filteredOn(alarm -> alarm.detector().equals("psi"))
                .extracting(DriftRecord::windowStart)
                .containsExactly(10_000L, 30_000L);
        assertThat(records)
                .filteredOn(record -> record.detector().equals("psi") && record.level() == DriftLevel.WARNING)
                .hasSize(18);
    }

    /** Of 100 windows with 30 features, without the adjustment a quarter would show something by chance at 0.01. */
    @Test
    void closeWindow_manyFeaturesAndNoChange_raisesNothing() {
        Settings settings = new Settings(5_000, 0.01, Renewal.AFTER_DRIFT);
        // thresholds so low that significance alone decides
        List<Quantity> quantities = IntStream.range(0, 30)
                .mapToObj(i -> new Quantity(
                        "stream",
                        "feature",
                        "f" + i,
                        0,
                        new NumericDistribution(i),
                        List.of(new DistributionMonitor.Test(Measure.KOLMOGOROV_SMIRNOV, 1e-6, 1e6))))
                .toList();
        DistributionMonitor monitor = new DistributionMonitor(settings, quantities);
        List<DriftRecord> records = run(monitor, 4, 105_000, (event, feature) -> 0);
        assertThat(records).hasSize(100 * 30);
        long windows = records.stream()
                .filter(record -> record.level() != DriftLevel.NONE)
                .map(DriftRecord::windowStart)
                .distinct()
                .count();
        assertThat(windows).isLessThanOrEqualTo(4);
    }

    /** A mean moved by 0.04 deviations is significant in 100,000 values, and too small to matter. */
    @Test
    void closeWindow_significantButSmall_isNoLevel() {
        DistributionMonitor monitor =
                new DistributionMonitor(new Settings(100_000, 0.001, Renewal.AFTER_DRIFT), features(1));
        Random random = new Random(5);
        List<DriftRecord> records = new ArrayList<>();
        for (int event = 0; event < 200_000; event++) {
            monitor.nextEvent();
            monitor.quantities().get(0).add(random.nextGaussian() + (event < 100_000 ? 0 : 0.04));
            if (monitor.windowEvents() == 100_000) {
                records.addAll(monitor.closeWindow());
            }
        }
        assertThat(records).hasSize(2).allSatisfy(record -> {
            assertThat(record.probability()).isLessThan(1e-4);
            assertThat(record.level()).isEqualTo(DriftLevel.NONE);
        });
    }

    @Test
    void closeWindow_warmUp_isNoPartOfAReference() {
        Quantity late = new Quantity(
                "phone",
                "student-confidence",
                null,
                3_000,
                new NumericDistribution(1),
                List.of(new DistributionMonitor.Test(Measure.PSI, 0.1, 0.25)));
        DistributionMonitor monitor = new DistributionMonitor(SETTINGS, List.of(late));
        List<DriftRecord> records = run(monitor, 6, 12_000, (event, feature) -> event < 3_000 ? 5 : 0);
        assertThat(records.get(0).windowStart()).isEqualTo(8_000);
        assertThat(monitor.alarms()).isZero();
    }

    @Test
    void closeWindow_tooFewValues_isNotTested() {
        DistributionMonitor monitor = new DistributionMonitor(SETTINGS, features(1));
        Random random = new Random(7);
        for (int event = 0; event < 20_000; event++) {
            monitor.nextEvent();
            if (event % 25 == 0) {
                monitor.quantities().get(0).add(random.nextGaussian());
            }
            if (monitor.windowEvents() == 1_000) {
                assertThat(monitor.closeWindow()).isEmpty();
            }
        }
        assertThatThrownBy(monitor::closeWindow).hasMessage("no event since the last window ended at 20000");
    }

    @Test
    void read_inMidWindow_continuesBitForBit() throws IOException {
        DistributionMonitor undisturbed = everyKind();
        DistributionMonitor restored = everyKind();
        Random random = new Random(8);
        for (int event = 0; event < 12_000; event++) {
            float[] vector = {(float) random.nextGaussian(), (float) random.nextGaussian() + event / 6_000};
            feed(undisturbed, vector);
            feed(restored, vector);
            if (event % 331 == 0) {
                restored = DistributionMonitor.read(Detectors.input(bytes(restored)));
            }
            if (undisturbed.windowEvents() == 500) {
                assertThat(restored.closeWindow()).isEqualTo(undisturbed.closeWindow());
                assertThat(restored.level()).isEqualTo(undisturbed.level());
            }
        }
        assertThat(Arrays.equals(bytes(restored), bytes(undisturbed))).isTrue();
        assertThat(restored.alarms()).isPositive();
    }

    /** The state is too long to be a file; its digest stands for it. A new digest takes a new version. */
    @Test
    void write_after3200Events_isTheGoldenState() throws IOException, NoSuchAlgorithmException {
        DistributionMonitor monitor = everyKind();
        Random random = new Random(9);
        for (int event = 0; event < 3_200; event++) {
            feed(monitor, new float[] {random.nextFloat(), random.nextFloat()});
            if (monitor.windowEvents() == 500) {
                monitor.closeWindow();
            }
        }
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes(monitor));
        try (var golden = DistributionMonitorTest.class.getResourceAsStream("distribution-monitor-1.sha256")) {
            assertThat(golden).isNotNull();
            assertThat(HexFormat.of().formatHex(digest))
                    .isEqualTo(new String(golden.readAllBytes(), StandardCharsets.US_ASCII).strip());
        }
    }

    @Test
    void resume_changedSettings_keepsWhatStayedAndBeginsTheRest() {
        DistributionMonitor saved = new DistributionMonitor(SETTINGS, features(3));
        run(saved, 1, 9_500, (event, feature) -> 0);
        List<Quantity> chosen = List.of(
                new Quantity(
                        "stream",
                        "feature",
                        "f2",
                        0,
                        new NumericDistribution(77),
                        List.of(new DistributionMonitor.Test(Measure.JENSEN_SHANNON, 0.02, 0.05))),
                new Quantity(
                        "stream",
                        "feature",
                        "f0",
                        0,
                        new CategoryDistribution(2),
                        List.of(new DistributionMonitor.Test(Measure.PSI, 0.1, 0.25))));
        DistributionMonitor resumed =
                new DistributionMonitor(new Settings(4_000, 0.01, Renewal.NEVER), chosen).resume(saved);
        assertThat(resumed.events()).isEqualTo(9_500);
        assertThat(resumed.windowEvents()).isEqualTo(500);
        Random random = new Random(2);
        for (int i = 0; i < 500; i++) {
            resumed.nextEvent();
            resumed.quantities().get(0).add(random.nextGaussian() + 2);
            resumed.quantities().get(1).add(1);
        }
        // f2 has its reference, of which it was told under another measure; f0 has become a code and begins
        assertThat(resumed.closeWindow()).singleElement().satisfies(record -> {
            assertThat(record.feature()).isEqualTo("f2");
            assertThat(record.detector()).isEqualTo("jensen-shannon");
            assertThat(record.level()).isEqualTo(DriftLevel.DRIFT);
        });
    }

    @Test
    void resume_ofTheSame_isTheSame() throws IOException {
        DistributionMonitor saved = everyKind();
        Random random = new Random(3);
        for (int event = 0; event < 1_234; event++) {
            feed(saved, new float[] {random.nextFloat(), random.nextFloat()});
        }
        byte[] state = bytes(saved);
        DistributionMonitor resumed = everyKind().resume(DistributionMonitor.read(Detectors.input(state)));
        assertThat(Arrays.equals(bytes(resumed), state)).isTrue();
    }

    @Test
    void read_newerVersion_isRefused() throws IOException {
        byte[] state = bytes(everyKind());
        state[3] = 9;
        assertThatThrownBy(() -> DistributionMonitor.read(Detectors.input(state)))
                .isInstanceOf(IOException.class)
                .hasMessage("distribution monitor state: version 9 found, this build reads up to 1");
    }

    @Test
    void constructors_outOfRange_nameValueAndRule() {
        assertThatThrownBy(() -> new Settings(0, 0.1, Renewal.NEVER))
                .hasMessage("referenceEvents: 0 found, must be at least 1");
        assertThatThrownBy(() -> new Settings(1, 1, Renewal.NEVER)).hasMessage("alpha: 1.0 found, must be in (0, 1)");
        assertThatThrownBy(() -> new DistributionMonitor.Test(Measure.PSI, 0.3, 0.2))
                .hasMessage("drift: 0.2 found, must be at least warning, 0.3");
        List<DistributionMonitor.Test> tests = List.of(new DistributionMonitor.Test(Measure.MMD, 0.1, 0.2));
        assertThatThrownBy(() -> new Quantity("stream", "label", null, 0, new CategoryDistribution(2), tests))
                .hasMessage("label: measure mmd found, which is not made for a CategoryDistribution");
        assertThatThrownBy(() -> new Quantity("stream", "label", null, 0, new CategoryDistribution(2), List.of()))
                .hasMessage("no test of label: give at least one measure");
    }

    @Test
    void add_hotPath_allocatesNothing() {
        DistributionMonitor monitor = everyKind();
        float[] vector = {0.5f, 0.25f};
        for (int event = 0; event < 20_000; event++) {
            feed(monitor, vector);
        }
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int event = 0; event < 20_000; event++) {
            feed(monitor, vector);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(20_000);
    }

    private static DistributionMonitor everyKind() {
        return new DistributionMonitor(
                new Settings(2_000, 0.001, Renewal.AFTER_DRIFT),
                List.of(
                        new Quantity(
                                "stream",
                                "feature",
                                "x",
                                0,
                                new NumericDistribution(1),
                                List.of(
                                        new DistributionMonitor.Test(Measure.PSI, 0.1, 0.25),
                                        new DistributionMonitor.Test(Measure.KOLMOGOROV_SMIRNOV, 0.1, 0.2))),
                        new Quantity(
                                "stream",
                                "label",
                                null,
                                0,
                                new CategoryDistribution(3),
                                List.of(new DistributionMonitor.Test(Measure.JENSEN_SHANNON, 0.02, 0.05))),
                        new Quantity(
                                "phone",
                                "student-calibration",
                                null,
                                500,
                                new CalibrationDistribution(),
                                List.of(new DistributionMonitor.Test(Measure.CALIBRATION, 0.05, 0.1))),
                        new Quantity(
                                "stream",
                                "feature",
                                "vector",
                                0,
                                new EmbeddingDistribution(2, 7, 0),
                                List.of(new DistributionMonitor.Test(Measure.MMD, 0.02, 0.05)))));
    }

    private static void feed(DistributionMonitor monitor, float[] vector) {
        monitor.nextEvent();
        monitor.quantities().get(0).add((double) vector[0]);
        monitor.quantities().get(1).add(vector[0] > 0 ? 1 : vector[1] > 0 ? 0 : -1);
        monitor.quantities().get(2).add(Math.min(1, Math.abs(vector[1]) / 4), vector[0] > 0 ? 1 : 0);
        monitor.quantities().get(3).add(vector, 0);
    }

    private static List<Quantity> features(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Quantity(
                        "stream",
                        "feature",
                        "f" + i,
                        0,
                        new NumericDistribution(i),
                        List.of(
                                new DistributionMonitor.Test(Measure.PSI, 0.1, 0.25),
                                new DistributionMonitor.Test(Measure.KOLMOGOROV_SMIRNOV, 0.1, 0.2))))
                .toList();
    }

    @FunctionalInterface
    private interface Mean {
        double of(int event, int feature);
    }

    /** Windows of 1,000 events. */
    private static List<DriftRecord> run(DistributionMonitor monitor, long seed, int events, Mean mean) {
        Random random = new Random(seed);
        List<DriftRecord> records = new ArrayList<>();
        for (int event = 0; event < events; event++) {
            monitor.nextEvent();
            for (int feature = 0; feature < monitor.quantities().size(); feature++) {
                monitor.quantities().get(feature).add(random.nextGaussian() + mean.of(event, feature));
            }
            if (monitor.windowEvents() == 1_000) {
                records.addAll(monitor.closeWindow());
            }
        }
        return records;
    }

    private static List<DriftRecord> alarms(List<DriftRecord> records) {
        return records.stream()
                .filter(record -> record.level() == DriftLevel.DRIFT)
                .toList();
    }

    private static byte[] bytes(DistributionMonitor monitor) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        monitor.write(new DataOutputStream(out));
        return out.toByteArray();
    }
}
