package dev.reflux.distillation.quality;

import dev.reflux.distillation.Logits;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.Arrays;

/**
 * Prequential evaluation (Dawid 1984; Gama et al. 2013): each example is predicted first and learned from afterwards,
 * so that what is measured is always quality on unseen examples. Keeps the quality since the start and that of the
 * last {@code window} labelled examples.
 */
public final class Prequential {

    private static final String SECTION = "prequential";
    private static final int VERSION = 1;

    private final int classes;
    private final QualitySums total;
    private final QualitySums recent;
    private final int[] truths;
    private final int[] predictions;
    private final float[] losses;
    private final float[] confidences;
    /** Of the window: by class, how many examples there are, and how many of them were predicted right. */
    private final int[] classEvents;

    private final int[] classHits;
    private long next;
    private final double[] probabilities;

    /** @param window labelled examples that {@link #recent()} looks back on */
    public Prequential(int classes, int window) {
        if (window < 1) {
            throw new IllegalArgumentException("window: " + window + " found, must be at least 1 example");
        }
        this.classes = classes;
        this.total = new QualitySums(classes);
        this.recent = new QualitySums(classes);
        this.truths = new int[window];
        this.predictions = new int[window];
        this.losses = new float[window];
        this.confidences = new float[window];
        this.classEvents = new int[classes];
        this.classHits = new int[classes];
        this.probabilities = new double[classes];
    }

    /**
     * Counts one prediction.
     *
     * @param logits {@code [rows, classes]}
     * @param truth the class that turned out to be right
     * @return whether the prediction was right
     */
    public boolean add(float[] logits, int row, int truth) {
        int predicted = Logits.argmax(logits, row, classes);
        Logits.softmax(logits, row, 1, probabilities);
        float confidence = (float) probabilities[predicted];
        float loss = (float) Math.min(Logits.MAX_LOG_LOSS, -Math.log(Math.max(probabilities[truth], 1e-300)));
        if (Float.isNaN(confidence)) {
            confidence = 0;
            loss = (float) Logits.MAX_LOG_LOSS;
        }
        int slot = (int) (next % truths.length);
        if (next >= truths.length) {
            recent.remove(truths[slot], predictions[slot], losses[slot], confidences[slot]);
            countClass(slot, -1);
        }
        truths[slot] = truth;
        predictions[slot] = predicted;
        losses[slot] = loss;
        confidences[slot] = confidence;
        countClass(slot, 1);
        next++;
        total.add(truth, predicted, loss, confidence);
        recent.add(truth, predicted, loss, confidence);
        return truth == predicted;
    }

    private void countClass(int slot, int sign) {
        classEvents[truths[slot]] += sign;
        classHits[truths[slot]] += truths[slot] == predictions[slot] ? sign : 0;
    }

    /** Share of a class's examples in the last window that were predicted wrong; NaN when it has none there. */
    public double recentClassError(int code) {
        int events = classEvents[code];
        return events <= 0 ? Double.NaN : Math.min(1, Math.max(0, 1 - (double) classHits[code] / events));
    }

    /** Quality since the start. */
    public Quality total() {
        return total.quality();
    }

    /** Quality over the last window. */
    public Quality recent() {
        return recent.quality();
    }

    /** Predictions counted since the start. */
    public long events() {
        return total.events();
    }

    /** Right predictions since the start. */
    public long correct() {
        return total.correct();
    }

    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> {
            section.putLong(next)
                    .putInts(truths)
                    .putInts(predictions)
                    .putFloats(losses)
                    .putFloats(confidences);
            total.write(section);
            recent.write(section);
        });
    }

    public void read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        next = section.getLong();
        int[] savedTruths = section.getInts();
        if (savedTruths.length != truths.length) {
            throw new StateException("quality window: " + savedTruths.length + " examples found in the state, "
                    + truths.length + " configured");
        }
        System.arraycopy(savedTruths, 0, truths, 0, truths.length);
        System.arraycopy(section.getInts(), 0, predictions, 0, predictions.length);
        System.arraycopy(section.getFloats(), 0, losses, 0, losses.length);
        System.arraycopy(section.getFloats(), 0, confidences, 0, confidences.length);
        total.read(section);
        recent.read(section);
        Arrays.fill(classEvents, 0);
        Arrays.fill(classHits, 0);
        for (int slot = 0; slot < Math.min(next, truths.length); slot++) {
            countClass(slot, 1);
        }
    }
}
