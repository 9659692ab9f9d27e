package dev.reflux.distillation.loss;

import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Outputs;

/**
 * Cross-entropy with the labels, averaged over the labelled rows of the group, so that a label weighs the same however
 * many of its neighbours have none.
 *
 * <pre>L = -1/m * sum_i w_i * ln softmax(z_i)[y_i]        dL/dz_ic = w_i / m * (softmax(z_i)[c] - [c = y_i])</pre>
 *
 * <p>Not by itself a use of the teacher; without it a student inherits all of the teacher's errors.
 */
public final class LabelLoss implements Loss {

    static final LossType TYPE = LossType.of("label", settings -> new LabelLoss(settings.classes()));

    private final double[] probabilities;

    public LabelLoss(int classes) {
        this.probabilities = new double[classes];
    }

    @Override
    public double addGradient(LossInput input, double weight, Outputs gradient) {
        int labelled = input.labelled();
        if (labelled == 0) {
            return 0;
        }
        int classes = input.classes();
        float[] weights = input.weights();
        double loss = 0;
        for (int row = input.from(); row < input.to(); row++) {
            int label = input.labels().get(row);
            if (label < 0) {
                continue;
            }
            double rowWeight = weights == null ? 1 : weights[row];
            Logits.softmax(input.logits(), row, 1, probabilities);
            double scale = weight * rowWeight / labelled;
            for (int c = 0; c < classes; c++) {
                double target = c == label ? 1 : 0;
                gradient.logits()[row * classes + c] += (float) (scale * (probabilities[c] - target));
            }
            loss += rowWeight * Logits.logLoss(input.logits(), row, classes, label);
        }
        return loss / labelled;
    }
}
