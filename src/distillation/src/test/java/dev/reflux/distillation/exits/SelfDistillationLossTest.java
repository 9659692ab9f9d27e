package dev.reflux.distillation.exits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.loss.LossInput;
import dev.reflux.distillation.network.FeatureLayer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelfDistillationLossTest {

    private static final float H = 0x1p-10f;
    private static final int ROWS = 6;
    private static final int CLASSES = 3;
    private static final int WIDTH = 4;
    private static final int[] LABELS = {0, -1, 2, 1, -1, 0};

    private static Outputs outputs(int rows, int exits, int classes, int width) {
        List<FeatureLayer> layers = new ArrayList<>();
        for (int k = 1; k <= exits; k++) {
            layers.add(FeatureLayer.flat(ExitsNetwork.exit(k), classes));
            layers.add(FeatureLayer.flat(ExitsNetwork.features(k), width));
        }
        return new Outputs(rows, classes, layers);
    }

    private static Outputs random(int exits, long seed) {
        Outputs outputs = outputs(ROWS, exits, CLASSES, WIDTH);
        Random random = new Random(seed);
        for (int i = 0; i < outputs.layers().size(); i++) {
            float[] values = outputs.features(i);
            for (int k = 0; k < values.length; k++) {
                values[k] = (float) random.nextGaussian();
            }
        }
        return outputs;
    }

    private static LossInput input(Outputs outputs, int[] labels, int from, int to) {
        return new LossInput(from, to, outputs, IntBuffer.wrap(labels), null, null);
    }

    private static double value(SelfDistillationSpec spec, Outputs outputs, int[] labels, int from, int to) {
        Outputs gradient = outputs(outputs.size(), spec.exits(), outputs.classes(), WIDTH);
        return new SelfDistillationLoss(spec, outputs.classes())
                .addGradient(input(outputs, labels, from, to), 1, gradient);
    }

    /** Mean log loss of an exit on the labelled rows of a group. */
    private static double logLoss(Outputs outputs, int exit, int[] labels, int from, int to) {
        double sum = 0;
        int labelled = 0;
        for (int row = from; row < to; row++) {
            if (labels[row] >= 0) {
                sum += Logits.logLoss(outputs.features(ExitsNetwork.exit(exit)), row, outputs.classes(), labels[row]);
                labelled++;
            }
        }
        return sum / labelled;
    }

    private static double[] differences(float[] values, DoubleSupplier loss) {
        double[] slope = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            float before = values[i];
            values[i] = before + H;
            double above = loss.getAsDouble();
            double width = values[i];
            values[i] = before - H;
            slope[i] = (above - loss.getAsDouble()) / (width - values[i]);
            values[i] = before;
        }
        return slope;
    }

    private static void assertClose(String what, float[] found, double[] expected) {
        double length = Math.sqrt(Arrays.stream(expected).map(x -> x * x).sum());
        assertThat(length).as("size of the slope of %s", what).isGreaterThan(1e-3);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found[i])
                    .as("slope of %s at %d", what, i)
                    .isCloseTo(expected[i], within(1e-3 * Math.abs(expected[i]) + 1e-5 * length));
        }
    }

    @Test
    void oneRow_givesItsValueByHand() {
        Outputs outputs = outputs(1, 2, 2, 2);
        outputs.features("exit-1")[0] = (float) (2 * Math.log(3)); // (9, 1) / 10, and at temperature 2 (3, 1) / 4
        System.arraycopy(new float[] {1, 3}, 0, outputs.features("exit-1-features"), 0, 2);
        System.arraycopy(new float[] {2, 1}, 0, outputs.features("exit-2-features"), 0, 2);
        SelfDistillationSpec spec = new SelfDistillationSpec(2, 0.25, 2, 0.1);
        double labels = Math.log(2) - 0.75 * Math.log(0.9);
        double divergence = 0.25 * 4 * 0.5 * Math.log(4 / 3.0);
        double features = 0.1 * (1 + 4) / 2;

        double value = new SelfDistillationLoss(spec, 2)
                .addGradient(input(outputs, new int[] {0}, 0, 1), 1, outputs(1, 2, 2, 2));

        assertThat(value).isCloseTo(labels + divergence + features, within(1e-7));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void gradient_isThatOfItsDifferences_asIfTheDeepestExitWereGiven(int exits) {
        int from = 1;
        int to = 5;
        for (SelfDistillationSpec spec :
                List.of(new SelfDistillationSpec(exits, 0.4, 1, 0.3), new SelfDistillationSpec(exits, 0.7, 3, 0.05))) {
            Outputs outputs = random(exits, 5);
            Outputs gradient = outputs(ROWS, exits, CLASSES, WIDTH);
            new SelfDistillationLoss(spec, CLASSES).addGradient(input(outputs, LABELS, from, to), 1, gradient);
            for (int k = 1; k < exits; k++) {
                for (String layer : List.of(ExitsNetwork.exit(k), ExitsNetwork.features(k))) {
                    double[] slope = differences(outputs.features(layer), () -> value(spec, outputs, LABELS, from, to));
                    assertClose(layer, gradient.features(layer), slope);
                }
            }
            // the deepest exit hears the labels alone, whatever the shallow ones think of it
            String deepest = ExitsNetwork.exit(exits);
            double[] ofLabels = differences(outputs.features(deepest), () -> logLoss(outputs, exits, LABELS, from, to));
            assertClose(deepest, gradient.features(deepest), ofLabels);
            double[] ofAll = differences(outputs.features(deepest), () -> value(spec, outputs, LABELS, from, to));
            assertThat(Math.abs(ofAll[CLASSES] - ofLabels[CLASSES]))
                    .as("what the shallow exits would teach the deepest, of row 1 without a label")
                    .isGreaterThan(1e-3);
            assertThat(gradient.features(ExitsNetwork.features(exits))).containsOnly(0);
            assertThat(gradient.logits()).containsOnly(0);
        }
    }

    @Test
    void rowsOfOtherGroups_areLeftAlone() {
        Outputs gradient = outputs(ROWS, 2, CLASSES, WIDTH);
        for (int i = 0; i < gradient.layers().size(); i++) {
            Arrays.fill(gradient.features(i), 7);
        }
        new SelfDistillationLoss(new SelfDistillationSpec(2, 0.5, 1, 0.1), CLASSES)
                .addGradient(input(random(2, 1), LABELS, 2, 4), 1, gradient);
        for (int i = 0; i < gradient.layers().size(); i++) {
            float[] values = gradient.features(i);
            int width = values.length / ROWS;
            assertThat(Arrays.copyOf(values, 2 * width)).containsOnly(7);
            assertThat(Arrays.copyOfRange(values, 4 * width, 6 * width)).containsOnly(7);
        }
    }

    @Test
    void gradient_isAddedTimesTheWeight() {
        SelfDistillationSpec spec = new SelfDistillationSpec(3, 0.4, 2, 0.2);
        Outputs outputs = random(3, 2);
        Outputs once = outputs(ROWS, 3, CLASSES, WIDTH);
        Outputs twice = outputs(ROWS, 3, CLASSES, WIDTH);
        SelfDistillationLoss loss = new SelfDistillationLoss(spec, CLASSES);
        double value = loss.addGradient(input(outputs, LABELS, 0, ROWS), 1, once);
        assertThat(loss.addGradient(input(outputs, LABELS, 0, ROWS), 1.5, twice))
                .isEqualTo(value);
        loss.addGradient(input(outputs, LABELS, 0, ROWS), 0.5, twice);

        for (int i = 0; i < once.layers().size(); i++) {
            float[] expected = once.features(i).clone();
            for (int k = 0; k < expected.length; k++) {
                expected[k] *= 2;
            }
            assertThat(twice.features(i)).containsExactly(expected, within(1e-6f));
        }
    }

    @Test
    void exitsThatAgree_withoutALabel_areLeftAlone() {
        Outputs outputs = random(3, 4);
        for (int k = 1; k < 3; k++) {
            System.arraycopy(outputs.features("exit-3"), 0, outputs.features("exit-" + k), 0, ROWS * CLASSES);
            float[] deepest = outputs.features("exit-3-features");
            System.arraycopy(deepest, 0, outputs.features("exit-" + k + "-features"), 0, deepest.length);
        }
        SelfDistillationSpec spec = new SelfDistillationSpec(3, 0.4, 3, 0.2);
        Outputs gradient = outputs(ROWS, 3, CLASSES, WIDTH);
        int[] none = new int[ROWS];
        Arrays.fill(none, -1);

        double value = new SelfDistillationLoss(spec, CLASSES).addGradient(input(outputs, none, 0, ROWS), 1, gradient);

        assertThat(value).isCloseTo(0, within(1e-12));
        for (int i = 0; i < gradient.layers().size(); i++) {
            assertThat(gradient.features(i)).containsOnly(0);
        }
        // with labels, nothing but they is left: whole for the deepest, a share for each shallow exit
        assertThat(value(spec, outputs, LABELS, 0, ROWS))
                .isCloseTo((1 + 2 * 0.6) * logLoss(outputs, 3, LABELS, 0, ROWS), within(1e-12));
    }

    @Test
    void settingsOutsideOfTheirRange_areNamed() {
        assertThatThrownBy(() -> new SelfDistillationSpec(1, 0.5, 1, 0.1)).hasMessageStartingWith("exits: 1 found");
        assertThatThrownBy(() -> new SelfDistillationSpec(2, 1.1, 1, 0.1))
                .hasMessageStartingWith("exits.weight: 1.1 found");
        assertThatThrownBy(() -> new SelfDistillationSpec(2, 0.5, 0, 0.1))
                .hasMessageStartingWith("exits.temperature 0.0 and featureWeight 0.1 found");
        assertThatThrownBy(() -> new SelfDistillationSpec(2, 0.5, 1, -1))
                .hasMessageStartingWith("exits.temperature 1.0 and featureWeight -1.0 found");
    }
}
