package dev.reflux.benchmarks.drift;

import dev.reflux.drift.Adwin;
import dev.reflux.drift.Ddm;
import dev.reflux.drift.DriftDetector;
import dev.reflux.drift.DriftLevel;
import dev.reflux.drift.DriftMonitor;
import dev.reflux.drift.Eddm;
import dev.reflux.drift.HddmA;
import dev.reflux.drift.HddmW;
import dev.reflux.drift.Kswin;
import dev.reflux.drift.PageHinkley;
import java.util.List;
import java.util.function.Supplier;

/** One way to find changes in a stream of errors. */
record Contestant(String name, Supplier<Watcher> maker) {

    /** Takes in value after value. */
    @FunctionalInterface
    interface Watcher {
        /** @return the level at this value */
        DriftLevel add(double value);
    }

    Watcher make() {
        return maker.get();
    }

    /** All detectors of errors with their defaults; {@code studd} is ADWIN on another signal. */
    private static List<Supplier<DriftDetector>> detectors() {
        return List.of(Adwin::new, Ddm::new, Eddm::new, HddmA::new, HddmW::new, Kswin::new, PageHinkley::new);
    }

    /** The detectors as they signal. */
    static List<Contestant> ours() {
        return detectors().stream().map(Contestant::signalling).toList();
    }

    private static Contestant signalling(Supplier<DriftDetector> maker) {
        return new Contestant(maker.get().type(), () -> {
            DriftDetector detector = maker.get();
            return detector::add;
        });
    }

    /** The detectors as the service alarms: with the cool-down of the monitor. */
    static List<Contestant> oursWithCoolDown() {
        return detectors().stream().map(Contestant::alarming).toList();
    }

    private static Contestant alarming(Supplier<DriftDetector> maker) {
        return new Contestant(maker.get().type() + " + cool-down", () -> {
            DriftMonitor monitor = new DriftMonitor(
                    List.of(new DriftMonitor.Watch("student", "error", maker.get())), DriftMonitor.DEFAULT_COOL_DOWN);
            return value -> {
                monitor.nextEvent();
                return monitor.add(0, value);
            };
        });
    }

    /** What any method must be better than. */
    static List<Contestant> baselines() {
        return List.of(
                new Contestant("always", () -> value -> DriftLevel.DRIFT),
                new Contestant("never", () -> value -> DriftLevel.NONE));
    }
}
