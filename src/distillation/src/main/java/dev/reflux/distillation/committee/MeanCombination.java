package dev.reflux.distillation.committee;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.Arrays;
import java.util.List;

/** Every member counts the same: {@code p = 1/K sum_k softmax(z_k)}. */
final class MeanCombination implements Combination {

    private final Mixture mixture;

    MeanCombination(int classes) {
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
        mix(predicted, examples.size(), before);
        mix(taught, examples.size(), after);
    }

    private void mix(List<Outputs> members, int size, float[] combined) {
        double[] weights = new double[members.size()];
        Arrays.fill(weights, 1);
        List<float[]> logits = members.stream().map(Outputs::logits).toList();
        for (int row = 0; row < size; row++) {
            mixture.mix(logits, row, weights, combined);
        }
    }

    @Override
    public void write(StateWriter out) {}

    @Override
    public void read(StateReader in) {}
}
