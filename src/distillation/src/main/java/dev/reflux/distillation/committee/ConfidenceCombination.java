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
    private static final int VERSION = 2;
    private static final int MEMORY = 200;

    private final int classes;
    private final double[] losses;
    /** Labelled examples of which each said something. */
    private final long[] labelled;

    private final Mixture mixture;

    ConfidenceCombination(int members, int classes) {
        this.classes = classes;
        this.losses = new double[members];
        this.labelled = new long[members];
        this.mixture = new Mixture(classes);
    }

    @Override
    public void combine(
            Examples examples,
            int rowsPerStep,
            List<Outputs> predicted,
            List<Outputs> taught,
            float[] before,
            float[] after) {
        predict(predicted, examples.size(), before);
        teach(examples, predicted, taught, after);
    }

    private void predict(List<Outputs> members, int size, float[] combined) {
        List<float[]> logits = logits(members);
        double[] known = new double[losses.length];
        for (int row = 0; row < size; row++) {
            mixture.mix(logits, row, weights(known(logits, row, known)), combined);
        }
    }

    private static List<float[]> logits(List<Outputs> members) {
        return members.stream().map(Outputs::logits).toList();
    }

    /** The running losses of those who say something of a row, NaN for the others. */
    private double[] known(List<float[]> members, int row, double[] target) {
        for (int k = 0; k < target.length; k++) {
            target[k] = Logits.speak(members.get(k), row, classes) ? losses[k] : Double.NaN;
        }
        return target;
    }

    private void teach(Examples examples, List<Outputs> predicted, List<Outputs> taught, float[] combined) {
        List<float[]> before = logits(predicted);
        List<float[]> after = logits(taught);
        double[] own = new double[losses.length];
        for (int row = 0; row < examples.size(); row++) {
            known(before, row, own);
            int label = examples.labels().get(row);
            for (int k = 0; label >= 0 && k < own.length; k++) {
                if (!Double.isNaN(own[k])) {
                    own[k] = Logits.logLoss(before.get(k), row, classes, label);
                    labelled[k]++;
                    losses[k] += Math.max(1.0 / labelled[k], 1.0 / MEMORY) * (own[k] - losses[k]);
                }
            }
            mixture.mix(after, row, weights(own), combined);
        }
    }

    /**
     * The weights of members with these losses.
     *
     * @param losses one per member; NaN for one that says nothing, whose weight is 0
     */
    static double[] weights(double[] losses) {
        double[] weights = new double[losses.length];
        double greatest = Double.NEGATIVE_INFINITY;
        int speaking = 0;
        for (double loss : losses) {
            if (!Double.isNaN(loss)) {
                greatest = Math.max(greatest, loss);
                speaking++;
            }
        }
        double sum = 0;
        for (double loss : losses) {
            sum += Double.isNaN(loss) ? 0 : Math.exp(loss - greatest);
        }
        for (int k = 0; k < weights.length; k++) {
            if (!Double.isNaN(losses[k])) {
                weights[k] = speaking == 1 ? 1 : (1 - Math.exp(losses[k] - greatest) / sum) / (speaking - 1);
            }
        }
        return weights;
    }

    @Override
    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> section.putLongs(labelled).putDoubles(losses));
    }

    @Override
    public void read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        long[] counts = section.getLongs();
        double[] saved = section.getDoubles();
        if (saved.length != losses.length) {
            throw new StateException("teacher.members: the state is of " + saved.length + " members, the pipeline has "
                    + losses.length + "; keep their number, or start from new state");
        }
        System.arraycopy(counts, 0, labelled, 0, labelled.length);
        System.arraycopy(saved, 0, losses, 0, losses.length);
    }
}
