package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.network.Activation;
import dev.reflux.distillation.network.InputShape;
import dev.reflux.distillation.network.Mlp;
import dev.reflux.distillation.network.MlpSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Logits against double precision, and gradients against central differences of it, for every option. */
class EngineGradientTest {

    private static final int INPUTS = 5;
    private static final int CLASSES = 3;
    private static final double TOLERANCE = 2e-5;

    static Stream<Arguments> configurations() {
        List<Arguments> all = new ArrayList<>();
        for (EngineChoice engine : List.of(EngineChoice.FUSED, EngineChoice.TENSOR)) {
            for (int rows : new int[] {1, 3}) {
                all.add(Arguments.of(engine, new MlpSpec(List.of(), Activation.RELU, false, false, 0), rows));
                all.add(Arguments.of(engine, new MlpSpec(List.of(5, 5, 9), Activation.RELU, false, true, 0), rows));
                all.add(Arguments.of(engine, new MlpSpec(List.of(9, 4, 4), Activation.GELU, true, true, 0), rows));
                for (Activation activation : Activation.values()) {
                    all.add(Arguments.of(engine, new MlpSpec(List.of(7, 6), activation, false, false, 0), rows));
                    all.add(Arguments.of(engine, new MlpSpec(List.of(7, 6), activation, true, false, 0), rows));
                    all.add(Arguments.of(engine, new MlpSpec(List.of(6, 6, 6), activation, true, true, 0), rows));
                }
            }
        }
        return all.stream();
    }

    private static double[] toDoubles(float[] values) {
        double[] result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }

    /** Sum over rows and classes of weight times logit: its derivative by the logits is the weights. */
    private static double loss(Mlp network, double[] parameters, double[] input, float[] weights) {
        double loss = 0;
        for (int row = 0; row < weights.length / CLASSES; row++) {
            double[] x = Arrays.copyOfRange(input, row * INPUTS, (row + 1) * INPUTS);
            double[] logits = ReferenceMlp.logits(network, parameters, x);
            for (int c = 0; c < CLASSES; c++) {
                loss += weights[row * CLASSES + c] * logits[c];
            }
        }
        return loss;
    }

    private interface Loss {
        double at(double[] values);
    }

    private static double[] differences(double[] values, Loss loss) {
        double h = 1e-6;
        double[] gradient = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            double before = values[i];
            values[i] = before + h;
            double up = loss.at(values);
            values[i] = before - h;
            double down = loss.at(values);
            values[i] = before;
            gradient[i] = (up - down) / (2 * h);
        }
        return gradient;
    }

    private static float[] gaussian(Random random, int size) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static void assertClose(float[] found, double[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found[i])
                    .as("at %d", i)
                    .isCloseTo(expected[i], within(TOLERANCE * Math.max(1, Math.abs(expected[i]))));
        }
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void backward_equalsCentralDifferences(EngineChoice choice, MlpSpec spec, int rows) {
        Random random = new Random(7);
        Mlp network = spec.build(InputShape.ofNumbers(INPUTS), CLASSES);
        float[] parameters = gaussian(random, network.parameterCount());
        float[] input = gaussian(random, rows * INPUTS);
        input[2] = 0;
        // The engine sees a batch of which its rows are the last ones.
        int offset = 2 * CLASSES;
        float[] weights = gaussian(random, rows * CLASSES);
        float[] batchWeights = new float[offset + weights.length];
        System.arraycopy(weights, 0, batchWeights, offset, weights.length);
        for (double clipNorm : new double[] {0, 1e9}) {
            OptimizerSpec sgd = new OptimizerSpec.Sgd(1, 0, clipNorm);
            ModelSpec model = new ModelSpec(spec, sgd, choice, rows);
            FlatOptimizer optimizer = new FlatOptimizer(sgd, parameters.length);
            try (StepEngine engine = Engines.create(model, network, new int[0], parameters.clone(), optimizer)) {
                float[] logits = new float[batchWeights.length];
                engine.forward(
                        input,
                        rows,
                        Outputs.ofLogits(logits, CLASSES),
                        offset / CLASSES,
                        StepEngine.Gradients.OF_PARAMETERS_AND_INPUT);
                for (int row = 0; row < rows; row++) {
                    double[] x = toDoubles(Arrays.copyOfRange(input, row * INPUTS, (row + 1) * INPUTS));
                    int at = offset + row * CLASSES;
                    assertClose(
                            Arrays.copyOfRange(logits, at, at + CLASSES),
                            ReferenceMlp.logits(network, toDoubles(parameters), x));
                }

                float[] inputGradient = new float[rows * INPUTS];
                double squares =
                        engine.backward(Outputs.ofLogits(batchWeights, CLASSES), offset / CLASSES, inputGradient);
                engine.step(1, 1);
                float[] after = engine.parameters();

                double[] expected =
                        differences(toDoubles(parameters), p -> loss(network, p, toDoubles(input), weights));
                double[] expectedAfter = new double[expected.length];
                double expectedSquares = 0;
                for (int i = 0; i < expected.length; i++) {
                    expectedAfter[i] = parameters[i] - expected[i];
                    expectedSquares += expected[i] * expected[i];
                }
                assertClose(after, expectedAfter);
                assertClose(
                        inputGradient,
                        differences(toDoubles(input), x -> loss(network, toDoubles(parameters), x, weights)));
                assertThat(squares).isCloseTo(clipNorm == 0 ? 0 : expectedSquares, within(1e-4 * expectedSquares));
            }
        }
    }
}
