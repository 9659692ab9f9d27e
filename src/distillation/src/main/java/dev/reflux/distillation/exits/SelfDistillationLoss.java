package dev.reflux.distillation.exits;

import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.loss.Loss;
import dev.reflux.distillation.loss.LossInput;

/**
 * Be your own teacher (Zhang et al., ICCV 2019): the deepest exit C teaches each shallow exit k.
 *
 * <pre>L_k = (1 - a)/m sum_i -ln q_ki[y_i]  +  a T^2/n sum_i KL( q_Ci(T) || q_ki(T) )  +  b/(n d) sum_i | h_ki - h_Ci |^2
 * L_C = 1/m sum_i -ln q_Ci[y_i]             q = softmax of an exit's logits, h [d] its features</pre>
 *
 * <p>over the n rows of a step, m of them with a label. What C says is taken as given: no gradient flows into it from the
 * shallow exits. Rows without a label teach the shallow exits all the same. Not where every exit is as good as the deepest:
 * there is then nothing to teach, and the shallow ones take from the shared layers what the deepest needs.
 */
public final class SelfDistillationLoss implements Loss {

    private final SelfDistillationSpec spec;
    private final double[] deepest;
    private final double[] shallow;
    private final double[] plain;

    public SelfDistillationLoss(SelfDistillationSpec spec, int classes) {
        this.spec = spec;
        this.deepest = new double[classes];
        this.shallow = new double[classes];
        this.plain = new double[classes];
    }

    @Override
    public double addGradient(LossInput input, double weight, Outputs gradient) {
        int last = spec.exits();
        double loss = addLabels(input, last, weight, gradient);
        for (int k = 1; k < last; k++) {
            double ofLabels = 1 - spec.weight();
            loss += ofLabels * addLabels(input, k, weight * ofLabels, gradient);
            loss += addOutputs(input, k, weight * spec.weight(), gradient);
            loss += addFeatures(input, k, weight * spec.featureWeight(), gradient);
        }
        return loss;
    }

    private double addLabels(LossInput input, int exit, double weight, Outputs gradient) {
        float[] logits = input.outputs().features(ExitsNetwork.exit(exit));
        float[] target = gradient.features(ExitsNetwork.exit(exit));
        int classes = input.classes();
        int labelled = input.labelled();
        double loss = 0;
        for (int row = input.from(); row < input.to(); row++) {
            int label = input.labels().get(row);
            if (label < 0) {
                continue;
            }
            Logits.softmax(logits, row, 1, plain);
            for (int c = 0; c < classes; c++) {
                target[row * classes + c] += (float) (weight / labelled * (plain[c] - (c == label ? 1 : 0)));
            }
            loss += Logits.logLoss(logits, row, classes, label) / labelled;
        }
        return loss;
    }

    private double addOutputs(LossInput input, int exit, double weight, Outputs gradient) {
        float[] teacher = input.outputs().features(ExitsNetwork.exit(spec.exits()));
        float[] logits = input.outputs().features(ExitsNetwork.exit(exit));
        float[] target = gradient.features(ExitsNetwork.exit(exit));
        int classes = input.classes();
        double temperature = spec.temperature();
        double divergence = 0;
        for (int row = input.from(); row < input.to(); row++) {
            Logits.softmax(teacher, row, temperature, deepest);
            Logits.softmax(logits, row, temperature, shallow);
            for (int c = 0; c < classes; c++) {
                target[row * classes + c] += (float) (weight * temperature / input.rows() * (shallow[c] - deepest[c]));
                if (deepest[c] > 0) {
                    divergence += deepest[c] * Math.log(deepest[c] / Math.max(shallow[c], 1e-15));
                }
            }
        }
        return spec.weight() * temperature * temperature * divergence / input.rows();
    }

    private double addFeatures(LossInput input, int exit, double weight, Outputs gradient) {
        float[] teacher = input.outputs().features(ExitsNetwork.features(spec.exits()));
        float[] features = input.outputs().features(ExitsNetwork.features(exit));
        float[] target = gradient.features(ExitsNetwork.features(exit));
        int width = features.length / input.outputs().size();
        double scale = 1.0 / ((double) input.rows() * width);
        double squares = 0;
        for (int i = input.from() * width; i < input.to() * width; i++) {
            double distance = features[i] - teacher[i];
            target[i] += (float) (2 * weight * scale * distance);
            squares += distance * distance;
        }
        return spec.featureWeight() * scale * squares;
    }
}
