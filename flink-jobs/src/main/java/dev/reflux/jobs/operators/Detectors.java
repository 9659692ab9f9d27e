package dev.reflux.jobs.operators;

import dev.reflux.drift.Adwin;
import dev.reflux.drift.Ddm;
import dev.reflux.drift.DriftDetector;
import dev.reflux.drift.Eddm;
import dev.reflux.drift.HddmA;
import dev.reflux.drift.HddmW;
import dev.reflux.drift.Kswin;
import dev.reflux.drift.PageHinkley;
import dev.reflux.drift.Studd;
import dev.reflux.jobs.pipeline.DetectorSettings;

/** The settings of detectors as detectors. */
final class Detectors {

    private Detectors() {}

    /** @param seed of what a detector draws */
    static DriftDetector of(DetectorSettings settings, long seed) {
        if (settings instanceof DetectorSettings.Adwin own) {
            return new Adwin(own.delta(), own.direction(), own.clock());
        }
        if (settings instanceof DetectorSettings.Ddm own) {
            return new Ddm(own.minValues(), own.warning(), own.drift());
        }
        if (settings instanceof DetectorSettings.Eddm own) {
            return new Eddm(own.minValues(), own.minErrors(), own.warning(), own.drift());
        }
        if (settings instanceof DetectorSettings.HddmA own) {
            return new HddmA(own.drift(), own.warning(), own.sides());
        }
        if (settings instanceof DetectorSettings.HddmW own) {
            return new HddmW(own.drift(), own.warning(), own.lambda(), own.sides());
        }
        if (settings instanceof DetectorSettings.Kswin own) {
            return new Kswin(own.alpha(), own.window(), own.recent(), seed);
        }
        if (settings instanceof DetectorSettings.PageHinkley own) {
            return new PageHinkley(
                    own.minValues(),
                    own.delta(),
                    own.lambda(),
                    own.warningOrHalf(),
                    own.alpha(),
                    own.baseline(),
                    own.sides());
        }
        if (settings instanceof DetectorSettings.Studd own) {
            return new Studd(own.delta(), own.direction());
        }
        throw new IllegalStateException("detector " + settings + " has no implementation");
    }
}
