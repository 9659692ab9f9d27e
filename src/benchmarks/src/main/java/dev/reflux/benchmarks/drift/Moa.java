package dev.reflux.benchmarks.drift;

import dev.reflux.drift.DriftLevel;
import java.util.List;
import java.util.function.Supplier;
import moa.classifiers.core.driftdetection.ADWINChangeDetector;
import moa.classifiers.core.driftdetection.ChangeDetector;
import moa.classifiers.core.driftdetection.DDM;
import moa.classifiers.core.driftdetection.EDDM;
import moa.classifiers.core.driftdetection.HDDM_A_Test;
import moa.classifiers.core.driftdetection.HDDM_W_Test;
import moa.classifiers.core.driftdetection.PageHinkleyDM;

/** MOA's detectors with their defaults. MOA is GPL: it is on the class path of this benchmark alone. */
final class Moa {

    private Moa() {}

    static List<Contestant> detectors() {
        return List.of(
                of("adwin (MOA)", ADWINChangeDetector::new),
                of("ddm (MOA)", DDM::new),
                of("eddm (MOA)", EDDM::new),
                of("hddm-a (MOA)", HDDM_A_Test::new),
                of("hddm-w (MOA)", HDDM_W_Test::new),
                of("page-hinkley (MOA)", PageHinkleyDM::new));
    }

    private static Contestant of(String name, Supplier<ChangeDetector> maker) {
        return new Contestant(name, () -> {
            ChangeDetector detector = maker.get();
            // the samples of HDDM-W are static: what another one left there must go
            detector.resetLearning();
            return value -> {
                detector.input(value);
                return detector.getChange()
                        ? DriftLevel.DRIFT
                        : detector.getWarningZone() ? DriftLevel.WARNING : DriftLevel.NONE;
            };
        });
    }
}
