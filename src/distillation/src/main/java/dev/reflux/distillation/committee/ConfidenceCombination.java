package dev.reflux.distillation.committee;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.List;

/**
 * Confidence-aware multi-teacher distillation (CA-MKD: Zhang, Chen, Wang, ICASSP 2022): the better a member knows the
 * label of an example, the more it counts for that example.
 *
 * <pre>w_k = 1/(K-1) * (1 - exp(L_k) / sum_j exp(L_j))        L_k = -ln softmax(z_k)[y]</pre>
 *
 * <p>Where there is no label, and for what the committee predicts before it knows it, {@code L_k} is the member's running
 * mean of it over some {@value #MEMORY} labelled examples; {@code z_k} are the logits before the member learned the
 * example, since afterwards each knows its label. Not worth its while where the members differ in their seed alone.
 */
final class ConfidenceCombination implements Combination {

    private static final String SECTION = "confidence";
    private static final int VERSION = 1;
    private static final int MEMORY = 200;

    private final int classes;
    private final double[] losses;
    private long labelled;
    private final Mixture mixture;

    ConfidenceCombination(int members, int classes) {
        this.classes = classes;
        this.losses = new double[members];
        this.mixture = new Mixture(classes);
    }

    @Override
    public void predict(List<Outputs> members, int size, float[] combined) {
        double[] weights = weights(losses);
        for (int row = 0; row < size; row++) {
            mixture.mix(members, row, weights, combined);
        }
    }

    @Override
    public void teach(Examples examples, List<Outputs> predicted, List<Outputs> taught, float[] combined) {
        double[] own = new double[losses.length];
        for (int row = 0; row < examples.size(); row++) {
            int label = examples.labels().get(row);
            if (label < 0) {
                mixture.mix(taught, row, weights(losses), combined);
                continue;
            }
            labelled++;
            double rate = Math.max(1.0 / labelled, 1.0 / MEMORY);
            for (int k = 0; k < own.length; k++) {
                own[k] = Logits.logLoss(predicted.get(k).logits(), row, classes, label);
                losses[k] += rate * (own[k] - losses[k]);
            }
            mixture.mix(taught, row, weights(own), combined);
        }
    }

    /** The weights of members with these losses. */
    static double[] weights(double[] losses) {
        double[] weights = new double[losses.length];
        if (weights.length == 1) {
            weights[0] = 1;
            return weights;
        }
        double greatest = Double.NEGATIVE_INFINITY;
        for (double loss : losses) {
            greatest = Math.max(greatest, loss);
        }
        double sum = 0;
        for (double loss : losses) {
            sum += Math.exp(loss - greatest);
        }
        for (int k = 0; k < weights.length; k++) {
            weights[k] = (1 - Math.exp(losses[k] - greatest) / sum) / (weights.length - 1);
        }
        return weights;
    }

    @Override
    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> section.putLong(labelled).putDoubles(losses));
    }

    @Override
    public void read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        labelled = section.getLong();
        double[] saved = section.getDoubles();
        if (saved.length != losses.length) {
            throw new StateException("teacher.members: the state is of " + saved.length + " members, the pipeline has "
                    + losses.length + "; keep their number, or start from new state");
        }
        System.arraycopy(saved, 0, losses, 0, losses.length);
    }
}
