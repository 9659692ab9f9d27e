package dev.reflux.distillation.quality;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;

/** How well a learner does: since the start, lately, and window by window. Measured before it learned the example. */
public final class QualityTrack {

    private final int classes;
    private final Prequential prequential;
    private final LearningCurve curve;

    /**
     * @param window labelled examples over which the recent quality is measured
     * @param curveWindow examples per point of the learning curve; 0 keeps none
     */
    public QualityTrack(int classes, int window, long curveWindow) {
        this.classes = classes;
        this.prequential = new Prequential(classes, window);
        this.curve = new LearningCurve(curveWindow);
    }

    /**
     * Counts the predictions for a batch.
     *
     * @param predicted {@code [size, classes]}: logits; a row of NaN is no prediction and does not count
     */
    public void measure(Examples examples, float[] predicted) {
        for (int row = 0; row < examples.size(); row++) {
            int truth = examples.truth().get(row);
            if (truth >= 0 && Logits.speak(predicted, row, classes)) {
                curve.add(prequential.add(predicted, row, truth));
            } else {
                curve.addUnlabelled();
            }
        }
    }

    public Prequential prequential() {
        return prequential;
    }

    public LearningCurve curve() {
        return curve;
    }

    public void write(StateWriter out) {
        prequential.write(out);
        curve.write(out);
    }

    public void read(StateReader in) {
        prequential.read(in);
        curve.read(in);
    }
}
