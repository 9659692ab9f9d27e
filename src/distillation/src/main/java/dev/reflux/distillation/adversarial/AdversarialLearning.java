package dev.reflux.distillation.adversarial;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.quality.SlidingShare;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import org.jspecify.annotations.Nullable;

/**
 * A student's dealings with moved examples: measures before each step how often it is right on neighbours that were made
 * to mislead it (prequential accuracy under attack, which uses the true labels), and learns from moved examples.
 */
public final class AdversarialLearning {

    private static final String SECTION = "adversarial";
    private static final int VERSION = 1;

    private final AdversarialSpec spec;
    private final int classes;
    private final Adversary adversary;
    private final SlidingShare robust;
    private final double[] probabilities;
    private Outputs outputs;
    private Outputs gradient;

    /** @param window labelled examples of which the recent robustness is measured */
    public AdversarialLearning(AdversarialSpec spec, int classes, int window, long seed) {
        this.spec = spec;
        this.classes = classes;
        this.adversary = new Adversary(spec, classes, seed);
        this.robust = new SlidingShare(window);
        this.probabilities = new double[classes];
        this.outputs = Outputs.ofLogits(new float[0], classes);
        this.gradient = Outputs.ofLogits(new float[0], classes);
    }

    /** Attacks those of the rows whose true class is known, and counts how many are still predicted right. */
    public void measure(Model model, Examples examples, int from, int to) {
        reserve(to);
        for (int row = from; row < to; row++) {
            int truth = examples.truth().get(row);
            if (truth >= 0) {
                double[] target = Adversary.certain(new int[] {truth}, classes);
                float[] shift = adversary.attack(model, examples, row, row + 1, target);
                model.forwardShifted(examples, row, row + 1, shift, outputs);
                robust.add(Logits.argmax(outputs.logits(), row, classes) == truth);
            }
        }
    }

    /**
     * One step on moved neighbours of those of the rows that the teacher says something about; none without any.
     *
     * @return whether a step was taken
     */
    public boolean learn(Model model, Examples examples, int from, int to, @Nullable Lesson lesson, double rateScale) {
        if (spec.weight() == 0 || lesson == null) {
            return false;
        }
        int rows = 0;
        for (int row = from; row < to; row++) {
            rows += lesson.teaches(row) ? 1 : 0;
        }
        if (rows == 0) {
            return false;
        }
        reserve(to);
        double[] taught = Adversary.softLabels(lesson.softLabels(), from, to, classes);
        float[] shift =
                switch (spec.hardFor()) {
                    case TEACHER -> model.fromRaw(lesson.shift(), from, to);
                    case STUDENT ->
                        adversary.attack(
                                model,
                                examples,
                                from,
                                to,
                                switch (spec.loss()) {
                                    case RSLAD -> taught;
                                    case ARD -> Adversary.labels(examples, lesson.softLabels(), from, to, classes);
                                });
                };
        model.forwardShifted(examples, from, to, shift, outputs);
        double scale = spec.weight() / rows;
        gradient.clear(from, to);
        for (int row = from; row < to; row++) {
            if (!lesson.teaches(row)) {
                continue;
            }
            Logits.softmax(outputs.logits(), row, 1, probabilities);
            for (int c = 0; c < classes; c++) {
                gradient.logits()[row * classes + c] =
                        (float) (scale * (probabilities[c] - taught[(row - from) * classes + c]));
            }
        }
        model.learn(gradient, rateScale);
        return true;
    }

    private void reserve(int size) {
        if (outputs.size() < size) {
            outputs = Outputs.ofLogits(new float[size * classes], classes);
            gradient = Outputs.ofLogits(new float[size * classes], classes);
        }
    }

    /** Share of the attacked examples that were predicted right, since the start; NaN before the first. */
    public double robustAccuracy() {
        return robust.total();
    }

    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> {
            section.putLong(adversary.state());
            robust.write(section);
        });
    }

    public void read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        adversary.restore(section.getLong());
        robust.read(section);
    }
}
