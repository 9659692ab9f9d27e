package dev.reflux.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for every detector. */
class DetectorContractTest {

    private static final double[] ERRORS = Streams.ABRUPT_ERRORS.values(60_000, 5);

    @ParameterizedTest
    @EnumSource
    void add_abruptChanges_warnsAndAlarmsAndPlacesTheChangeInThePast(Detectors kind) {
        DriftDetector detector = kind.make();
        assertThat(detector.statistic()).isZero();
        assertThat(detector.threshold()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(detector.estimate()).isNaN();
        int warnings = 0;
        int alarms = 0;
        for (int i = 0; i < ERRORS.length; i++) {
            switch (detector.add(ERRORS[i])) {
                case NONE -> {}
                case WARNING -> warnings++;
                case DRIFT -> {
                    alarms++;
                    assertThat(detector.statistic()).isGreaterThanOrEqualTo(detector.threshold());
                    assertThat(detector.width()).isBetween(1L, i + 1L);
                }
            }
            assertThat(detector.estimate()).isBetween(0.0, 1.0);
        }
        assertThat(warnings).isPositive();
        assertThat(alarms).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void read_atAnyPoint_continuesBitForBit(Detectors kind) throws IOException {
        DriftDetector undisturbed = kind.make();
        DriftDetector restored = kind.make();
        for (int i = 0; i < 30_000; i++) {
            DriftLevel expected = undisturbed.add(ERRORS[i]);
            assertThat(restored.add(ERRORS[i])).isEqualTo(expected);
            if (i % 97 == 0 || expected == DriftLevel.DRIFT) {
                restored = Detectors.read(Detectors.bytes(restored));
                assertThat(restored.width()).isEqualTo(undisturbed.width());
                assertThat(restored.estimate()).isEqualTo(undisturbed.estimate());
                assertThat(restored.statistic()).isEqualTo(undisturbed.statistic());
                assertThat(restored.threshold()).isEqualTo(undisturbed.threshold());
            }
        }
        assertThat(Detectors.bytes(restored)).isEqualTo(Detectors.bytes(undisturbed));
    }

    /** Written once; this build reads them as long as their version is read, and must not write others under it. */
    @ParameterizedTest
    @EnumSource
    void write_after10000Values_isTheGoldenState(Detectors kind) throws IOException {
        DriftDetector detector = kind.make();
        Detectors.alarms(detector, Streams.GRADUAL_ERRORS.values(10_000, 3));
        String golden = golden(kind);
        assertThat(HexFormat.of().formatHex(Detectors.bytes(detector))).isEqualTo(golden);
        assertThat(Detectors.bytes(Detectors.read(HexFormat.of().parseHex(golden))))
                .isEqualTo(Detectors.bytes(detector));
    }

    private static String golden(Detectors kind) throws IOException {
        String name = "states-1/" + kind.name().toLowerCase().replace('_', '-') + ".hex";
        try (var in = DetectorContractTest.class.getResourceAsStream(name)) {
            assertThat(in).as(name).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
        }
    }

    @ParameterizedTest
    @EnumSource
    void reset_afterValues_isAsNew(Detectors kind) throws IOException {
        DriftDetector detector = kind.make();
        Detectors.alarms(detector, ERRORS);
        detector.reset();
        assertThat(Detectors.bytes(detector)).isEqualTo(Detectors.bytes(kind.make()));
    }

    @ParameterizedTest
    @EnumSource
    void add_notFinite_isRefusedAndChangesNothing(Detectors kind) throws IOException {
        DriftDetector detector = kind.make();
        detector.add(1);
        byte[] before = Detectors.bytes(detector);
        for (double value : new double[] {Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> detector.add(value))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("value: " + value + " found, must be ");
        }
        assertThat(Detectors.bytes(detector)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void read_newerVersion_isRefused(Detectors kind) throws IOException {
        DriftDetector detector = kind.make();
        byte[] state = Detectors.bytes(detector);
        state[Short.BYTES + detector.type().length() + 3] = 77;
        assertThatThrownBy(() -> Detectors.read(state))
                .isInstanceOf(IOException.class)
                .hasMessage(detector.type() + " state: version 77 found, this build reads up to 1");
    }

    @ParameterizedTest
    @EnumSource
    void read_impossibleSetting_isRefused(Detectors kind) throws IOException {
        DriftDetector detector = kind.make();
        byte[] state = Detectors.bytes(detector);
        int firstSetting = Short.BYTES + detector.type().length() + Integer.BYTES + (kind == Detectors.STUDD ? 4 : 0);
        for (int i = 0; i < Double.BYTES; i++) {
            state[firstSetting + i] = -1;
        }
        assertThatThrownBy(() -> Detectors.read(state))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(" state: damaged, ");
    }

    @ParameterizedTest
    @EnumSource
    void add_hotPath_allocatesNothing(Detectors kind) {
        DriftDetector detector = kind.make();
        addAll(detector);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        addAll(detector);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(ERRORS.length / 10);
    }

    private static void addAll(DriftDetector detector) {
        for (double error : ERRORS) {
            detector.add(error);
        }
    }

    @Test
    void readDetector_unknownType_isRefused() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new DataOutputStream(out).writeUTF("oracle");
        assertThatThrownBy(() -> Detectors.read(out.toByteArray()))
                .isInstanceOf(IOException.class)
                .hasMessage("drift detector 'oracle' found, this build reads"
                        + " [adwin, ddm, eddm, hddm-a, hddm-w, kswin, page-hinkley, studd]");
    }
}
