package dev.reflux.benchmarks.drift;

import dev.reflux.drift.DriftLevel;

/**
 * How well alarms met changes. The first alarm from a change's start until {@value #TOLERANCE} events after its end finds it;
 * every other alarm is false. MTR weighs it all in one figure: Bifet, "Classifier Concept Drift Detection and the Illusion of
 * Progress", ICAISC 2017.
 */
final class Score {

    static final int TOLERANCE = 2_000;

    private long changes;
    private long found;
    private long delay;
    private long falseAlarms;
    private long events;

    /** Runs a detector over a stream. */
    void add(Contestant.Watcher watcher, ErrorStream stream) {
        double[] errors = stream.errors();
        int next = 0;
        boolean foundNext = false;
        for (int i = 0; i < errors.length; i++) {
            if (next < stream.changes().size() && i > stream.changes().get(next).end() + TOLERANCE) {
                next++;
                foundNext = false;
            }
            if (watcher.add(errors[i]) != DriftLevel.DRIFT) {
                continue;
            }
            boolean open = next < stream.changes().size()
                    && i >= stream.changes().get(next).start()
                    && !foundNext;
            if (open) {
                foundNext = true;
                found++;
                delay += i - stream.changes().get(next).start() + 1;
            } else {
                falseAlarms++;
            }
        }
        changes += stream.changes().size();
        events += errors.length;
    }

    /** Mean time from a change to the alarm that finds it, in events; NaN where none is found. */
    double meanTimeToDetection() {
        return (double) delay / found;
    }

    /** Mean time between false alarms, in events; all events where there is none. */
    double meanTimeBetweenFalseAlarms() {
        return (double) events / Math.max(1, falseAlarms);
    }

    /** Share of the changes that no alarm finds; NaN without a change. */
    double missedDetectionRate() {
        return (double) (changes - found) / changes;
    }

    /** Mean time ratio, {@code MTFA / MTD (1 - MDR)}: the larger the better. */
    double meanTimeRatio() {
        return found == 0 ? 0 : meanTimeBetweenFalseAlarms() / meanTimeToDetection() * (1 - missedDetectionRate());
    }

    /** Of alarms as finds and changes as what is to be found. */
    double f1() {
        return 2.0 * found / (2 * found + falseAlarms + (changes - found));
    }

    long falseAlarms() {
        return falseAlarms;
    }

    boolean hasChanges() {
        return changes > 0;
    }
}
