package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.network.Activation;
import dev.reflux.distillation.network.FeatureLayer;
import dev.reflux.distillation.network.InputShape;
import dev.reflux.distillation.network.Mlp;
import dev.reflux.distillation.network.MlpSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
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
            FlatOptimizer optimizer = new FlatOptimizer(sgd, parameters.length, 0);
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

    /** Which layers are tapped, in the order of the taps: all, the first or the last alone, all backwards. */
    private static List<int[]> taps(int layers) {
        List<int[]> all = new ArrayList<>();
        all.add(IntStream.range(0, layers).toArray());
        if (layers > 1) {
            all.add(new int[] {0});
            all.add(new int[] {layers - 1});
            all.add(IntStream.range(0, layers).map(i -> layers - 1 - i).toArray());
        }
        return all;
    }

    /** Sum of weight times output, over the logits and the tapped layers. */
    private static double loss(Mlp network, int[] taps, double[] parameters, double[] input, Outputs weights, int at) {
        double loss = 0;
        for (int row = 0; row < input.length / INPUTS; row++) {
            double[] x = Arrays.copyOfRange(input, row * INPUTS, (row + 1) * INPUTS);
            List<double[]> outputs = ReferenceMlp.outputs(network, parameters, x);
            loss += product(outputs.get(outputs.size() - 1), weights.logits(), at + row);
            for (int i = 0; i < taps.length; i++) {
                loss += product(outputs.get(taps[i]), weights.features(i), at + row);
            }
        }
        return loss;
    }

    private static double product(double[] outputs, float[] weights, int row) {
        double product = 0;
        for (int i = 0; i < outputs.length; i++) {
            product += outputs[i] * weights[row * outputs.length + i];
        }
        return product;
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void backward_fromTappedLayers_equalsCentralDifferences(EngineChoice choice, MlpSpec spec, int rows) {
        Mlp network = spec.build(InputShape.ofNumbers(INPUTS), CLASSES);
        if (network.layers().isEmpty()) {
            assertThat(network.layer("last").name()).isEqualTo(Outputs.LOGITS);
            return;
        }
        Random random = new Random(11);
        float[] parameters = gaussian(random, network.parameterCount());
        float[] input = gaussian(random, rows * INPUTS);
        int at = 2;
        for (int[] taps : taps(network.layers().size())) {
            List<FeatureLayer> layers =
                    Arrays.stream(taps).mapToObj(network.layers()::get).toList();
            Outputs weights = new Outputs(at + rows, CLASSES, layers);
            fill(random, weights, at);
            for (double clipNorm : new double[] {0, 1e9}) {
                OptimizerSpec sgd = new OptimizerSpec.Sgd(1, 0, clipNorm);
                ModelSpec model = new ModelSpec(spec, sgd, choice, rows);
                FlatOptimizer optimizer = new FlatOptimizer(sgd, parameters.length, 0);
                try (StepEngine engine = Engines.create(model, network, taps, parameters.clone(), optimizer)) {
                    Outputs outputs = new Outputs(at + rows, CLASSES, layers);
                    engine.forward(input, rows, outputs, at, StepEngine.Gradients.OF_PARAMETERS_AND_INPUT);
                    assertOutputs(network, taps, parameters, input, outputs, at);

                    float[] inputGradient = new float[rows * INPUTS];
                    double squares = engine.backward(weights, at, inputGradient);
                    engine.step(1, 1);

                    double[] expected = differences(
                            toDoubles(parameters), p -> loss(network, taps, p, toDoubles(input), weights, at));
                    double[] expectedAfter = new double[expected.length];
                    double expectedSquares = 0;
                    for (int i = 0; i < expected.length; i++) {
                        expectedAfter[i] = parameters[i] - expected[i];
                        expectedSquares += expected[i] * expected[i];
                    }
                    assertClose(engine.parameters(), expectedAfter);
                    assertClose(
                            inputGradient,
                            differences(
                                    toDoubles(input), x -> loss(network, taps, toDoubles(parameters), x, weights, at)));
                    assertThat(squares).isCloseTo(clipNorm == 0 ? 0 : expectedSquares, within(1e-4 * expectedSquares));
                }
            }
        }
    }

    private static void fill(Random random, Outputs weights, int at) {
        float[] logits = gaussian(random, weights.logits().length - at * CLASSES);
        System.arraycopy(logits, 0, weights.logits(), at * CLASSES, logits.length);
        for (int i = 0; i < weights.layers().size(); i++) {
            int from = at * weights.layers().get(i).width();
            float[] features = gaussian(random, weights.features(i).length - from);
            System.arraycopy(features, 0, weights.features(i), from, features.length);
        }
    }

    private static void assertOutputs(
            Mlp network, int[] taps, float[] parameters, float[] input, Outputs found, int at) {
        for (int row = 0; row < input.length / INPUTS; row++) {
            double[] x = toDoubles(Arrays.copyOfRange(input, row * INPUTS, (row + 1) * INPUTS));
            List<double[]> expected = ReferenceMlp.outputs(network, toDoubles(parameters), x);
            assertClose(rowOf(found.logits(), at + row, CLASSES), expected.get(expected.size() - 1));
            for (int i = 0; i < taps.length; i++) {
                double[] layer = expected.get(taps[i]);
                assertClose(rowOf(found.features(i), at + row, layer.length), layer);
            }
        }
    }

    private static float[] rowOf(float[] values, int row, int width) {
        return Arrays.copyOfRange(values, row * width, (row + 1) * width);
    }
}
