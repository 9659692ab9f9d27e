package dev.reflux.distillation.adversarial;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.engine.Rng;
import java.util.Arrays;

/**
 * Looks for neighbours of examples on which a model errs: projected gradient ascent (Madry et al., ICLR 2018) on its
 * standardised numbers and tensors, from a random start, within {@code epsilon} of each value.
 *
 * <pre>d_0 ~ U(-eps, eps)        d_{k+1} = clip(d_k + step * sign(dL(x + d_k)/dx), -eps, eps)</pre>
 *
 * <p>{@code L} is the cross-entropy of the model with target probabilities. Categories and texts are left alone: a word has
 * no neighbour at a distance of a tenth. Not thread-safe.
 */
public final class Adversary {

    private final AdversarialSpec spec;
    private final int classes;
    private Rng rng;

    /** @param seed of the random starts */
    public Adversary(AdversarialSpec spec, int classes, long seed) {
        this.spec = spec;
        this.classes = classes;
        this.rng = new Rng(seed);
    }

    /**
     * Moves of the rows that make the model's cross-entropy with the targets large.
     *
     * @param targets {@code [to - from, classes]}: probabilities; a row of NaN stays where it started
     * @return {@code [to - from, model.denseWidth()]}, in standard deviations
     */
    public float[] attack(Model model, Examples examples, int from, int to, double[] targets) {
        int rows = to - from;
        float[] shift = new float[rows * model.denseWidth()];
        double epsilon = spec.epsilon();
        rng.uniform(shift, 0, shift.length, epsilon * epsilon / 3);
        float[] slope = new float[shift.length];
        Outputs outputs = Outputs.ofLogits(new float[to * classes], classes);
        Outputs gradient = Outputs.ofLogits(new float[to * classes], classes);
        double[] probabilities = new double[classes];
        float bound = (float) epsilon;
        float step = (float) spec.step();
        for (int k = 0; k < spec.steps(); k++) {
            model.forwardShifted(examples, from, to, shift, outputs);
            for (int row = from; row < to; row++) {
                Logits.softmax(outputs.logits(), row, 1, probabilities);
                for (int c = 0; c < classes; c++) {
                    double target = targets[(row - from) * classes + c];
                    gradient.logits()[row * classes + c] =
                            Double.isNaN(target) ? 0 : (float) (probabilities[c] - target);
                }
            }
            model.inputGradient(gradient, slope);
            for (int i = 0; i < shift.length; i++) {
                shift[i] = Math.max(-bound, Math.min(bound, shift[i] + step * Math.signum(slope[i])));
            }
        }
        return shift;
    }

    /** Probability 1 of one class per row; NaN for a class below 0. */
    public static double[] certain(int[] labels, int classes) {
        double[] targets = new double[labels.length * classes];
        for (int row = 0; row < labels.length; row++) {
            if (labels[row] < 0) {
                Arrays.fill(targets, row * classes, (row + 1) * classes, Double.NaN);
            } else {
                targets[row * classes + labels[row]] = 1;
            }
        }
        return targets;
    }

    /** The probabilities of rows {@code from} to {@code to} of batch-wide logits. */
    public static double[] softLabels(float[] logits, int from, int to, int classes) {
        double[] all = new double[(to - from) * classes];
        double[] probabilities = new double[classes];
        for (int row = from; row < to; row++) {
            Logits.softmax(logits, row, 1, probabilities);
            System.arraycopy(probabilities, 0, all, (row - from) * classes, classes);
        }
        return all;
    }

    /**
     * Probability 1 of the visible label of each row, or of the class of the greatest logit where there is none; NaN where
     * the logits say nothing either.
     */
    public static double[] labels(Examples examples, float[] logits, int from, int to, int classes) {
        int[] labels = new int[to - from];
        for (int row = from; row < to; row++) {
            int label = examples.labels().get(row);
            if (label < 0 && Logits.speak(logits, row, classes)) {
                label = Logits.argmax(logits, row, classes);
            }
            labels[row - from] = label;
        }
        return certain(labels, classes);
    }

    /** Where the generator of the random starts stands. */
    public long state() {
        return rng.state();
    }

    /** Goes on where another one stood. */
    public void restore(long state) {
        rng = new Rng(state);
    }
}
