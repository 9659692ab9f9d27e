package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.InputSelection;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.exits.ExitsSpec;
import dev.reflux.distillation.network.Activation;
import dev.reflux.distillation.network.CnnSpec;
import dev.reflux.distillation.network.CnnSpec.Downsampling;
import dev.reflux.distillation.network.CnnSpec.Readout;
import dev.reflux.distillation.network.FeatureLayer;
import dev.reflux.distillation.network.InputShape;
import dev.reflux.distillation.network.MlpSpec;
import dev.reflux.distillation.network.Network;
import dev.reflux.distillation.network.NetworkProviders;
import dev.reflux.distillation.network.NetworkSpec;
import dev.reflux.distillation.network.Parameter;
import dev.reflux.distillation.network.SignalNetwork;
import dev.reflux.distillation.network.SignalNetwork.Form;
import dev.reflux.distillation.network.TextSpec;
import dev.reflux.distillation.network.TransformerSpec;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every network, on rows with every kind of column. */
class NetworksTest {

    private static final OptimizerSpec MOMENTUM = new OptimizerSpec.Sgd(0.02, 0.9, 0);
    private static final OptimizerSpec ADAM = new OptimizerSpec.Adam(0.003, 0.9, 0.999, 1e-8, 1);

    static Stream<NetworkSpec> networks() {
        return Stream.of(
                new CnnSpec(List.of(3, 4), 3, Downsampling.POOL, false, Activation.RELU, Readout.AVERAGE, List.of()),
                new CnnSpec(List.of(3), 3, Downsampling.POOL, true, Activation.GELU, Readout.FLATTEN, List.of(5)),
                new CnnSpec(
                        List.of(1, 2, 2),
                        3,
                        Downsampling.STRIDE,
                        true,
                        Activation.TANH,
                        Readout.FLATTEN,
                        List.of(4, 3)),
                new TextSpec(6, List.of(), Activation.TANH),
                new TextSpec(5, List.of(4), Activation.TANH),
                new TransformerSpec(3, 4, 2, 2, 5),
                new TransformerSpec(1, 2, 1, 1, 3),
                NetworkProviders.create("gated", Map.of("width", "2")),
                new ExitsSpec(MlpSpec.of(6, 5, 4), List.of("hidden-1", "hidden-2"), 0),
                new ExitsSpec(MlpSpec.of(6, 5), List.of("hidden-1"), 1),
                new ExitsSpec(
                        new CnnSpec(
                                List.of(3), 3, Downsampling.POOL, false, Activation.TANH, Readout.FLATTEN, List.of(4)),
                        List.of("hidden-1", "pooled"),
                        2),
                new ExitsSpec(new TransformerSpec(3, 4, 2, 2, 5), List.of("hidden-1", "hidden-2"), 0),
                new ExitsSpec(new SignalNetwork.Spec(Form.MAP), List.of("first"), 0),
                new ExitsSpec(new SignalNetwork.Spec(Form.SEQUENCE), List.of("first"), 0));
    }

    private static ModelSpec spec(NetworkSpec network, OptimizerSpec optimizer, String... layers) {
        return new ModelSpec(network, optimizer, EngineChoice.AUTO, 64, List.of(layers));
    }

    private static Model create(ModelSpec spec) {
        return Model.create(spec, Fixtures.MIXED, Fixtures.CLASSES, 1);
    }

    private static Network build(NetworkSpec spec) {
        return Model.network(spec(spec, ADAM), InputSelection.all(Fixtures.MIXED), Fixtures.CLASSES);
    }

    private static String[] names(Network network) {
        return network.layers().stream().map(FeatureLayer::name).toArray(String[]::new);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void parameters_lieWithoutGaps_layersHaveTheShapesTheyState(NetworkSpec spec) {
        Network network = build(spec);

        int offset = 0;
        for (Parameter parameter : network.parameters()) {
            assertThat(parameter.offset()).isEqualTo(offset);
            offset += parameter.size();
        }
        assertThat(network.parameterCount()).isEqualTo(offset);
        assertThat(network.parameters()).extracting(Parameter::name).doesNotHaveDuplicates();
        assertThat(network.layers()).extracting(FeatureLayer::name).doesNotHaveDuplicates();
        try (NDManager manager = TensorLibrary.newManager()) {
            NDList values = new NDList();
            for (Parameter parameter : network.parameters()) {
                values.add(manager.ones(new Shape(longs(parameter.shape()))));
            }
            NDList outputs = network.forward(manager.ones(new Shape(7, network.inputs())), values);
            assertThat(outputs).hasSize(1 + network.layers().size());
            assertThat(outputs.get(0).getShape()).isEqualTo(new Shape(7, Fixtures.CLASSES));
            for (int i = 1; i < outputs.size(); i++) {
                List<Integer> shape = new ArrayList<>(List.of(7));
                shape.addAll(network.layers().get(i - 1).shape());
                assertThat(outputs.get(i).getShape()).isEqualTo(new Shape(longs(shape)));
            }
        }
    }

    private static long[] longs(List<Integer> shape) {
        return shape.stream().mapToLong(Integer::longValue).toArray();
    }

    /** All outputs of a network, times weights and summed, in double precision. */
    private record Reference(Network network, int rows, List<float[]> weights) {

        double[][] outputs(double[] parameters, double[] input) {
            Map<String, double[]> given = new HashMap<>();
            for (Parameter parameter : network.parameters()) {
                int from = parameter.offset();
                given.put(parameter.name(), Arrays.copyOfRange(parameters, from, from + parameter.size()));
            }
            GraphInterpreter graph = new GraphInterpreter(given);
            graph.input("rows", input, rows, network.inputs());
            return network.export(graph, "rows", new float[parameters.length]).stream()
                    .map(name -> graph.value(name).data())
                    .toArray(double[][]::new);
        }

        double loss(double[] parameters, double[] input) {
            double[][] outputs = outputs(parameters, input);
            double loss = 0;
            for (int i = 0; i < outputs.length; i++) {
                for (int k = 0; k < outputs[i].length; k++) {
                    loss += outputs[i][k] * weights.get(i)[k];
                }
            }
            return loss;
        }
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

    private static float[] gaussian(Random random, int size, double deviation) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return values;
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    private static void assertClose(String what, float[] found, double[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found[i])
                    .as("%s at %d", what, i)
                    .isCloseTo(expected[i], within(5e-5 * Math.max(1, Math.abs(expected[i]))));
        }
    }

    /** Masks of three tokens, one, and none; what they hide is zero, as the encoder leaves it. */
    private static void maskTexts(InputShape shape, float[] input) {
        int[] present = {3, 1, 0};
        shape.first(InputShape.Sequence.class).ifPresent(text -> {
            for (int row = 0; row < present.length; row++) {
                int at = row * shape.width();
                int tokens = Math.min(present[row], text.tokens());
                Arrays.fill(input, at + text.maskAt(), at + text.maskAt() + tokens, 1);
                Arrays.fill(input, at + text.maskAt() + tokens, at + text.at() + text.width(), 0);
                Arrays.fill(input, at + text.at() + tokens * text.embedding(), at + text.maskAt(), 0);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("networks")
    void backward_equalsCentralDifferences_ofLogitsAndOfEveryLayer(NetworkSpec spec) {
        requireGradients(spec, Fixtures.MIXED);
    }

    static Stream<Arguments> images() {
        InputLayout image = new InputLayout(1, List.of(), List.of(), List.of(List.of(2, 5, 4)));
        InputLayout signal = new InputLayout(0, List.of(2), List.of(), List.of(List.of(2, 9)));
        return Stream.of(image, signal)
                .flatMap(layout -> Stream.of(Downsampling.values())
                        .flatMap(downsampling -> Stream.of(true, false)
                                .map(residual -> Arguments.of(
                                        layout,
                                        new CnnSpec(
                                                List.of(2, 3),
                                                3,
                                                downsampling,
                                                residual,
                                                Activation.TANH,
                                                residual ? Readout.FLATTEN : Readout.AVERAGE,
                                                List.of())))));
    }

    @ParameterizedTest
    @MethodSource("images")
    void backward_ofImagesAndSignalsWithOddSides_equalsCentralDifferences(InputLayout layout, CnnSpec spec) {
        requireGradients(spec, layout);
    }

    private static void requireGradients(NetworkSpec spec, InputLayout layout) {
        InputShape shape = InputEncoder.shape(InputSelection.all(layout), spec.encoding());
        Network network = spec.build(shape, Fixtures.CLASSES);
        int rows = 3;
        Random random = new Random(3);
        float[] parameters = gaussian(random, network.parameterCount(), 0.7);
        float[] input = gaussian(random, rows * network.inputs(), 1);
        maskTexts(shape, input);
        for (boolean layersToo : new boolean[] {true, false}) {
            List<FeatureLayer> layers = layersToo ? network.layers() : List.of();
            Outputs weights = new Outputs(rows, Fixtures.CLASSES, layers);
            List<float[]> all = new ArrayList<>();
            all.add(weights.logits());
            for (int i = 0; i < network.layers().size(); i++) {
                all.add(
                        layersToo
                                ? weights.features(i)
                                : new float[rows * network.layers().get(i).width()]);
            }
            all.subList(0, 1 + layers.size())
                    .forEach(one -> System.arraycopy(gaussian(random, one.length, 1), 0, one, 0, one.length));
            Reference reference = new Reference(network, rows, all);
            int[] taps = IntStream.range(0, layers.size()).toArray();
            OptimizerSpec sgd = new OptimizerSpec.Sgd(1, 0, 1e9);
            FlatOptimizer optimizer = new FlatOptimizer(sgd, parameters.length, 0);
            ModelSpec model = new ModelSpec(spec, sgd, EngineChoice.TENSOR, rows);
            try (StepEngine engine = Engines.create(model, network, taps, parameters.clone(), optimizer)) {
                Outputs outputs = new Outputs(rows, Fixtures.CLASSES, layers);
                engine.forward(input, rows, outputs, 0, StepEngine.Gradients.OF_PARAMETERS_AND_INPUT);
                reuseFreedMemory();
                float[] inputGradient = new float[input.length];
                double squares = engine.backward(weights, 0, inputGradient);
                engine.step(1, 1);
                float[] after = engine.parameters();

                double[][] expected = reference.outputs(doubles(parameters), doubles(input));
                assertClose("logits", outputs.logits(), expected[0]);
                for (int i = 0; i < layers.size(); i++) {
                    assertClose(layers.get(i).name(), outputs.features(i), expected[1 + i]);
                }
                double[] slope = differences(doubles(parameters), p -> reference.loss(p, doubles(input)));
                double[] moved = new double[slope.length];
                Arrays.setAll(moved, i -> parameters[i] - slope[i]);
                assertClose("parameters", after, moved);
                double norm = Arrays.stream(slope).map(one -> one * one).sum();
                assertThat(squares).isCloseTo(norm, within(1e-4 * norm));
                double[] inputSlope = differences(doubles(input), x -> reference.loss(doubles(parameters), x));
                leaveOutMasks(shape, rows, inputGradient, inputSlope);
                assertClose("input", inputGradient, inputSlope);
            }
        }
    }

    /**
     * Lets go of all direct buffers that nothing refers to any more, and writes over their memory: a backward pass that
     * reads an array which its forward pass has closed would read something else.
     */
    private static void reuseFreedMemory() {
        Object marker = new Object();
        PhantomReference<Object> gone = new PhantomReference<>(marker, new ReferenceQueue<>());
        marker = null;
        while (!gone.refersTo(null)) {
            System.gc();
        }
        List<ByteBuffer> others = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            others.add(ByteBuffer.allocateDirect(Float.BYTES).putFloat(0, 1e6f));
        }
        assertThat(others).hasSize(10_000);
    }

    /** A mask is no number that could change a little. */
    private static void leaveOutMasks(InputShape shape, int rows, float[] found, double[] expected) {
        shape.first(InputShape.Sequence.class).ifPresent(text -> {
            for (int row = 0; row < rows; row++) {
                int from = row * shape.width() + text.maskAt();
                int to = row * shape.width() + text.at() + text.width();
                Arrays.fill(found, from, to, 0);
                Arrays.fill(expected, from, to, 0);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("networks")
    void learn_findsTheRule(NetworkSpec network) {
        Examples examples = Fixtures.mixed(2000, 1);
        try (Model model = create(spec(network, new OptimizerSpec.Adam(0.01, 0.9, 0.999, 1e-8, 1)))) {
            double first = Fixtures.train(model, examples, 20);
            double second = Fixtures.train(model, examples, 20);

            assertThat(second).isLessThan(first).isLessThan(0.75);
            assertThat(model.restarts()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void restored_continuesBitForBit(NetworkSpec network) {
        Examples first = Fixtures.mixed(140, 1);
        Examples second = Fixtures.mixed(140, 2);
        for (OptimizerSpec optimizer : List.of(MOMENTUM, ADAM)) {
            ModelSpec spec = spec(network, optimizer, names(build(network)));
            try (Model undisturbed = create(spec);
                    Model stopped = create(spec)) {
                Fixtures.train(undisturbed, first, 7);
                Fixtures.train(stopped, first, 7);
                StateWriter state = new StateWriter();
                stopped.write(state);
                StateReader in = new StateReader(state.toBytes());
                try (Model restored = Model.read(spec, Fixtures.MIXED, Fixtures.CLASSES, in)) {
                    assertThat(restored.sha256()).isEqualTo(undisturbed.sha256());
                    Fixtures.train(undisturbed, second, 7);
                    Fixtures.train(restored, second, 7);
                    assertThat(restored.sha256())
                            .isEqualTo(undisturbed.sha256())
                            .isNotEqualTo(stopped.sha256());
                    assertThat(Fixtures.predict(restored, first)).isEqualTo(Fixtures.predict(undisturbed, first));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void steps_leaveNoArrayBehind(NetworkSpec network) {
        Examples examples = Fixtures.mixed(160, 1);
        try (Model model = create(spec(network, ADAM))) {
            Fixtures.train(model, examples, 8);
            int alive = model.liveArrays();
            int system = TensorEngineTest.systemArrays();
            for (int i = 0; i < 5; i++) {
                Fixtures.train(model, examples, 8);
                Fixtures.predict(model, examples);
            }
            assertThat(model.liveArrays()).isEqualTo(alive);
            assertThat(TensorEngineTest.systemArrays()).isEqualTo(system);
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void exportedGraph_takesRawFeatures_andComputesTheModelsLogits(NetworkSpec network) {
        Examples examples = Fixtures.mixed(60, 1);
        try (Model model = create(spec(network, ADAM))) {
            Fixtures.train(model, examples, 4);
            float[] logits = Fixtures.predict(model, examples);
            GraphInterpreter graph = new GraphInterpreter();

            DoubleArray exported = graph.value(model.export(graph, Fixtures.graphInputs(graph, examples)));

            assertThat(exported.shape()).containsExactly(60, Fixtures.CLASSES);
            assertClose("logits", logits, exported.data());
            assertThat(logits[0]).isNotCloseTo(logits[3], within(1e-3f));
        }
    }
}
