package dev.reflux.distillation.quality;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;

/** Sums from which a {@link Quality} follows; predictions can be added and taken away again. */
final class QualitySums {

    private static final String SECTION = "quality-sums";
    private static final int VERSION = 1;
    static final int BINS = 10;

    private long events;
    private long correct;
    private double logLoss;
    private final long[] truths;
    private final long[] predictions;
    private final long[] binEvents = new long[BINS];
    private final long[] binCorrect = new long[BINS];
    private final double[] binConfidence = new double[BINS];

    QualitySums(int classes) {
        truths = new long[classes];
        predictions = new long[classes];
    }

    void add(int truth, int predicted, float loss, float confidence) {
        count(truth, predicted, loss, confidence, 1);
    }

    void remove(int truth, int predicted, float loss, float confidence) {
        count(truth, predicted, loss, confidence, -1);
    }

    private void count(int truth, int predicted, float loss, float confidence, int sign) {
        int right = truth == predicted ? sign : 0;
        int bin = Math.min(BINS - 1, (int) (confidence * BINS));
        events += sign;
        correct += right;
        logLoss += sign * (double) loss;
        truths[truth] += sign;
        predictions[predicted] += sign;
        binEvents[bin] += sign;
        binCorrect[bin] += right;
        binConfidence[bin] += sign * (double) confidence;
    }

    long events() {
        return events;
    }

    long correct() {
        return correct;
    }

    Quality quality() {
        if (events == 0) {
            return new Quality(0, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
        }
        double accuracy = (double) correct / events;
        double chance = 0;
        for (int c = 0; c < truths.length; c++) {
            chance += ((double) truths[c] / events) * ((double) predictions[c] / events);
        }
        double kappa = chance < 1 ? (accuracy - chance) / (1 - chance) : 0;
        double calibrationError = 0;
        for (int bin = 0; bin < BINS; bin++) {
            calibrationError += Math.abs(binConfidence[bin] - binCorrect[bin]) / events;
        }
        return new Quality(events, accuracy, kappa, Math.max(0, logLoss / events), calibrationError);
    }

    void write(StateWriter out) {
        out.section(
                SECTION,
                VERSION,
                section -> section.putLong(events)
                        .putLong(correct)
                        .putDouble(logLoss)
                        .putLongs(truths)
                        .putLongs(predictions)
                        .putLongs(binEvents)
                        .putLongs(binCorrect)
                        .putDoubles(binConfidence));
    }

    void read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        events = section.getLong();
        correct = section.getLong();
        logLoss = section.getDouble();
        copy(section.getLongs(), truths);
        copy(section.getLongs(), predictions);
        copy(section.getLongs(), binEvents);
        copy(section.getLongs(), binCorrect);
        System.arraycopy(section.getDoubles(), 0, binConfidence, 0, BINS);
    }

    private static void copy(long[] from, long[] to) {
        System.arraycopy(from, 0, to, 0, to.length);
    }
}
