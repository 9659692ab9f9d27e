package dev.reflux.drift;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Every detector with its defaults, and those options that take another way through it. */
enum Detectors {
    ADWIN(Adwin::new),
    ADWIN_BOTH(() -> new Adwin(0.002, Adwin.Direction.BOTH)),
    DDM(Ddm::new),
    EDDM(Eddm::new),
    HDDM_A(HddmA::new),
    HDDM_A_TWO_SIDED(() -> new HddmA(0.001, 0.005, Sides.TWO_SIDED)),
    HDDM_W(HddmW::new),
    HDDM_W_TWO_SIDED(() -> new HddmW(0.001, 0.005, 0.05, Sides.TWO_SIDED)),
    KSWIN(Kswin::new),
    PAGE_HINKLEY(PageHinkley::new),
    PAGE_HINKLEY_FROM_ZERO(
            () -> new PageHinkley(30, 0.005, 50, 25, 0.9999, PageHinkley.Baseline.ZERO, Sides.RESET_ON_FALL)),
    STUDD(Studd::new);

    private final Supplier<DriftDetector> maker;

    Detectors(Supplier<DriftDetector> maker) {
        this.maker = maker;
    }

    DriftDetector make() {
        return maker.get();
    }

    static List<Integer> alarms(DriftDetector detector, double[] values) {
        List<Integer> alarms = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            if (detector.add(values[i]) == DriftLevel.DRIFT) {
                alarms.add(i);
            }
        }
        return alarms;
    }

    static byte[] bytes(DriftDetector detector) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DriftDetectors.write(detector, new DataOutputStream(out));
        return out.toByteArray();
    }

    static DriftDetector read(byte[] bytes) throws IOException {
        return DriftDetectors.read(input(bytes));
    }

    static DataInputStream input(byte[] bytes) {
        return new DataInputStream(new ByteArrayInputStream(bytes));
    }
}
