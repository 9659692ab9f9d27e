package dev.reflux.checkpoints.gate;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Outcomes of the student and of the published one on the last events that both predicted. */
final class PairedWindow {

    /** Standard deviations that a difference must have to count as one: chance gets there once in 740 times. */
    static final double CLEARLY = 3;

    private static final double PROBABLY = 2;

    /** Share of the entropy of the labels that a log loss must be below to say that something was learned. */
    private static final double LEARNED = 0.95;

    private static final int FEWEST = 100;
    private static final int SHORTEST = 250;
    private static final int EVENT_BYTES = 3 * Integer.BYTES + 2 * Float.BYTES;

    private final int[] truths;
    private final int[] predictions;
    private final int[] publishedPredictions;
    private final float[] losses;
    private final float[] publishedLosses;
    private long next;

    PairedWindow(int capacity) {
        truths = new int[capacity];
        predictions = new int[capacity];
        publishedPredictions = new int[capacity];
        losses = new float[capacity];
        publishedLosses = new float[capacity];
    }

    void add(int truth, Outcome student, Outcome published) {
        int slot = slot(next++);
        truths[slot] = truth;
        predictions[slot] = student.predicted();
        publishedPredictions[slot] = published.predicted();
        losses[slot] = (float) student.logLoss();
        publishedLosses[slot] = (float) published.logLoss();
    }

    private int slot(long event) {
        return (int) (event % truths.length);
    }

    void clear() {
        next = 0;
    }

    private int size() {
        return (int) Math.min(next, truths.length);
    }

    Comparison comparison() {
        return last(size());
    }

    /** All events compared, the last half of them, the last quarter, and so on: a change shows in the shorter ones first. */
    private List<Comparison> ends() {
        List<Comparison> ends = new ArrayList<>();
        ends.add(comparison());
        for (int part = size() / 2; part >= SHORTEST; part /= 2) {
            ends.add(last(part));
        }
        return ends;
    }

    /**
     * Whether the student does better than chance: its kappa is above 0, or its log loss below that of always giving the
     * labels' shares; where nearly all events are of one class, only the second may be. It has to in each of {@link #ends}:
     * where the labels have just turned to noise, it does only on the events before.
     */
    boolean hasLearned() {
        if (size() < FEWEST) {
            return false;
        }
        return standardised(comparison()) >= CLEARLY && ends().stream().allMatch(end -> standardised(end) >= PROBABLY)
                || ends().stream().allMatch(PairedWindow::beatsShares);
    }

    /** The first of {@link #ends} in which the student is clearly worse than the published one, and by more than that. */
    Optional<Comparison> clearlyWorse(double maxRegression) {
        return ends().stream()
                .filter(end -> end.advantage() <= -CLEARLY && end.publishedAccuracy() - end.accuracy() > maxRegression)
                .findFirst();
    }

    /** By chance, kappa has a standard deviation of about one over the root of the events. */
    private static double standardised(Comparison some) {
        return some.kappa() * Math.sqrt(some.events());
    }

    private static boolean beatsShares(Comparison some) {
        return some.logLoss() < LEARNED * some.chanceLogLoss();
    }

    /** Summed up anew each time: offers are rare, and sums that shrink again would gather rounding errors. */
    private Comparison last(int events) {
        if (events == 0) {
            return Comparison.NONE;
        }
        int classes = 0;
        for (int i = 0; i < size(); i++) {
            classes = Math.max(classes, Math.max(truths[i], predictions[i]) + 1);
        }
        int[] trueCounts = new int[classes];
        int[] predictedCounts = new int[classes];
        int right = 0;
        int publishedRight = 0;
        int bothRight = 0;
        double loss = 0;
        double publishedLoss = 0;
        for (long event = next - events; event < next; event++) {
            int i = slot(event);
            boolean own = predictions[i] == truths[i];
            boolean other = publishedPredictions[i] == truths[i];
            right += own ? 1 : 0;
            publishedRight += other ? 1 : 0;
            bothRight += own && other ? 1 : 0;
            loss += losses[i];
            publishedLoss += publishedLosses[i];
            trueCounts[truths[i]]++;
            predictedCounts[predictions[i]]++;
        }
        double entropy = 0;
        double chance = 0;
        for (int c = 0; c < classes; c++) {
            double share = (double) trueCounts[c] / events;
            entropy -= share == 0 ? 0 : share * Math.log(share);
            chance += share * predictedCounts[c] / events;
        }
        double accuracy = (double) right / events;
        return new Comparison(
                events,
                accuracy,
                chance < 1 ? (accuracy - chance) / (1 - chance) : 0,
                (double) publishedRight / events,
                right - bothRight,
                publishedRight - bothRight,
                loss / events,
                publishedLoss / events,
                entropy);
    }

    int stateBytes() {
        return Long.BYTES + Integer.BYTES + size() * EVENT_BYTES;
    }

    void write(ByteBuffer out) {
        out.putLong(next).putInt(size());
        for (int i = 0; i < size(); i++) {
            out.putInt(truths[i])
                    .putInt(predictions[i])
                    .putInt(publishedPredictions[i])
                    .putFloat(losses[i])
                    .putFloat(publishedLosses[i]);
        }
    }

    /** @throws IllegalArgumentException when the bytes are no window of this size */
    void read(ByteBuffer in) {
        next = in.getLong();
        int count = in.getInt();
        if (next < 0 || count != size()) {
            throw new IllegalArgumentException("a window of " + count + " compared events found after " + next
                    + ", this build keeps " + truths.length);
        }
        for (int i = 0; i < count; i++) {
            truths[i] = in.getInt();
            predictions[i] = in.getInt();
            publishedPredictions[i] = in.getInt();
            losses[i] = in.getFloat();
            publishedLosses[i] = in.getFloat();
            if (truths[i] < 0 || predictions[i] < 0 || publishedPredictions[i] < 0) {
                throw new IllegalArgumentException("a compared event of class " + truths[i] + " with predictions "
                        + predictions[i] + " and " + publishedPredictions[i] + " found; classes start at 0");
            }
        }
    }
}
