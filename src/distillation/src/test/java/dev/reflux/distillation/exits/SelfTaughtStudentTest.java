package dev.reflux.distillation.exits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.InputSelection;
import dev.reflux.distillation.LearningSpec;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.StudentSpec;
import dev.reflux.distillation.adversarial.AdversarialSpec;
import dev.reflux.distillation.candidates.Way;
import dev.reflux.distillation.engine.EngineChoice;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.engine.ModelSpec;
import dev.reflux.distillation.engine.OptimizerSpec;
import dev.reflux.distillation.loss.LossShapes;
import dev.reflux.distillation.network.Activation;
import dev.reflux.distillation.network.CnnSpec;
import dev.reflux.distillation.network.CnnSpec.Downsampling;
import dev.reflux.distillation.network.CnnSpec.Readout;
import dev.reflux.distillation.network.InputShape;
import dev.reflux.distillation.network.MlpSpec;
import dev.reflux.distillation.network.Network;
import dev.reflux.distillation.network.NetworkSpec;
import dev.reflux.distillation.network.TextSpec;
import dev.reflux.distillation.network.TransformerSpec;
import dev.reflux.distillation.replay.ReplaySpec;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Students that teach themselves: what they learn, save, serve and refuse. */
class SelfTaughtStudentTest {

    private static final int CLASSES = 2;
    private static final int ROWS = 32;
    private static final int WORDS = 20;
    /** Each of numbers, image and text tells the class alone. */
    private static final InputLayout LAYOUT = new InputLayout(2, List.of(), List.of(WORDS), List.of(List.of(1, 4, 4)));

    private static final OptimizerSpec ADAM = new OptimizerSpec.Adam(0.005, 0.9, 0.999, 1e-8, 1);

    /**
     * A backbone, the layers where its exits stand, and the columns that it reads.
     *
     * @param at its exits, from the input on
     */
    record Backbone(NetworkSpec network, List<String> at, InputSelection inputs) {

        ModelSpec model(int publish) {
            return new ModelSpec(
                    new ExitsSpec(network, at, publish),
                    ADAM,
                    EngineChoice.AUTO,
                    8,
                    ExitsNetwork.exitLayers(at.size()));
        }

        SelfDistillationSpec self() {
            return new SelfDistillationSpec(at.size() + 1, 0.5, 2, 0.03);
        }

        Student student(int publish, LearningSpec learning) {
            return new Student(
                    spec(learning),
                    () -> Model.create(model(publish), inputs, CLASSES, 3),
                    LossShapes.ofLogits(CLASSES));
        }

        StudentSpec spec(LearningSpec learning) {
            return new StudentSpec(
                    "own",
                    List.of(),
                    self(),
                    learning,
                    AdversarialSpec.NONE,
                    List.of(Way.DISTILLED),
                    false,
                    false,
                    300,
                    0);
        }

        @Override
        public String toString() {
            return network.getClass().getSimpleName();
        }
    }

    private static InputSelection select(List<Integer> numeric, List<Integer> texts, List<Integer> tensors) {
        return new InputSelection(LAYOUT, numeric, List.of(), texts, tensors);
    }

    static Stream<Backbone> backbones() {
        CnnSpec cnn =
                new CnnSpec(List.of(4, 6), 3, Downsampling.POOL, false, Activation.RELU, Readout.AVERAGE, List.of(8));
        return Stream.of(
                new Backbone(
                        MlpSpec.of(16, 12, 8),
                        List.of("hidden-1", "hidden-2"),
                        select(List.of(0, 1), List.of(), List.of())),
                new Backbone(cnn, List.of("hidden-1", "hidden-2"), select(List.of(), List.of(), List.of(0))),
                new Backbone(
                        new TransformerSpec(6, 8, 2, 2, 12),
                        List.of("hidden-1"),
                        select(List.of(), List.of(0), List.of())));
    }

    /** Numbers on either side of a line, a dark or a bright corner, and words of one half of the buckets or the other. */
    private static Examples batch(long number, double labelShare) {
        SplittableRandom random = new SplittableRandom(number);
        float[] numeric = new float[ROWS * 2];
        float[] images = new float[ROWS * 16];
        int[] offsets = new int[ROWS + 1];
        List<Integer> tokens = new ArrayList<>();
        int[] truth = new int[ROWS];
        int[] labels = new int[ROWS];
        for (int row = 0; row < ROWS; row++) {
            truth[row] = random.nextInt(CLASSES);
            numeric[row * 2 + 1] = (float) (4 * random.nextDouble() - 2);
            numeric[row * 2] = (float) (numeric[row * 2 + 1] + (2 * truth[row] - 1) * random.nextDouble());
            for (int i = 0; i < 16; i++) {
                boolean corner = i % 4 < 2 && i < 8;
                images[row * 16 + i] = (float) (random.nextDouble() + (corner ? truth[row] : 0));
            }
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                int half = random.nextDouble() < 0.85 ? truth[row] : 1 - truth[row];
                tokens.add(half * WORDS / 2 + random.nextInt(WORDS / 2));
            }
            offsets[row + 1] = tokens.size();
            labels[row] = random.nextDouble() < labelShare ? truth[row] : Examples.UNLABELLED;
        }
        return new Examples(
                LAYOUT,
                ROWS,
                FloatBuffer.wrap(numeric),
                IntBuffer.allocate(0),
                IntBuffer.wrap(offsets),
                IntBuffer.wrap(tokens.stream().mapToInt(Integer::intValue).toArray()),
                FloatBuffer.wrap(images),
                IntBuffer.wrap(labels),
                IntBuffer.wrap(truth));
    }

    private static void study(Student student, int from, int to) {
        for (int number = from; number < to; number++) {
            student.study(number, batch(number, 0.7));
        }
    }

    private static byte[] state(Student student) {
        StateWriter out = new StateWriter();
        student.write(out);
        return out.toBytes();
    }

    /** Accuracy of each exit on batches that were not learned. */
    private static double[] accuracies(Model model, int exits) {
        int[] right = new int[exits];
        int batches = 10;
        for (int number = 0; number < batches; number++) {
            Examples examples = batch(1_000_000 + number, 1);
            Outputs outputs = model.outputs(ROWS);
            model.predict(examples, 0, ROWS, outputs);
            for (int k = 0; k < exits; k++) {
                for (int row = 0; row < ROWS; row++) {
                    float[] logits = outputs.features(ExitsNetwork.exit(k + 1));
                    right[k] += Logits.argmax(logits, row, CLASSES)
                                    == examples.truth().get(row)
                            ? 1
                            : 0;
                }
            }
        }
        return IntStream.of(right)
                .mapToDouble(n -> n / (double) (batches * ROWS))
                .toArray();
    }

    @ParameterizedTest
    @MethodSource("backbones")
    void everyExit_learns_andTheStudentResumesBitForBit(Backbone backbone) {
        LearningSpec learning =
                new LearningSpec(8, 2, 50, new ReplaySpec(30, 0.5, ReplaySpec.Policy.DARK_EXPERIENCE, 0.2));
        try (Student whole = backbone.student(1, learning)) {
            study(whole, 0, 20);
            byte[] saved = state(whole);
            try (Student resumed = Student.read(
                    backbone.spec(learning),
                    backbone.model(1),
                    backbone.inputs(),
                    LossShapes.ofLogits(CLASSES),
                    new StateReader(saved))) {
                assertThat(state(resumed)).isEqualTo(saved);
                study(whole, 20, 40);
                study(resumed, 20, 40);
                assertThat(state(resumed)).isEqualTo(state(whole)).isNotEqualTo(saved);
            }
            study(whole, 40, 120);
            double[] accuracies = accuracies(whole.model(), backbone.at().size() + 1);
            for (double accuracy : accuracies) {
                assertThat(accuracy).as("of exits with %s", accuracies).isGreaterThan(0.75);
            }
            assertThat(whole.quality().recent().accuracy())
                    .as("of the published exit")
                    .isGreaterThan(0.75);
            assertThat(whole.agreement()).as("agreement with no teacher").isNaN();
        }
    }

    @Test
    void withoutAnyLabel_shallowExitsFollowTheDeepest() {
        Backbone mlp = backbones().findFirst().orElseThrow();
        try (Student student = mlp.student(0, LearningSpec.steps(8))) {
            student.study(
                    0, batch(0, 0)); // before it has seen a batch, every input is the mean, and every exit undecided
            double before = divergence(student.model());
            for (int number = 1; number < 60; number++) {
                student.study(number, batch(number, 0));
            }
            assertThat(divergence(student.model())).isLessThan(0.2 * before);
        }
    }

    /** How far the first exit is from the deepest. */
    private static double divergence(Model model) {
        Examples examples = batch(7_000_000, 0);
        Outputs outputs = model.outputs(ROWS);
        model.predict(examples, 0, ROWS, outputs);
        double[] shallow = new double[CLASSES];
        double[] deepest = new double[CLASSES];
        double sum = 0;
        for (int row = 0; row < ROWS; row++) {
            Logits.softmax(outputs.features("exit-1"), row, 1, shallow);
            Logits.softmax(outputs.features("exit-3"), row, 1, deepest);
            for (int c = 0; c < CLASSES; c++) {
                sum += deepest[c] * Math.log(deepest[c] / shallow[c]);
            }
        }
        return sum;
    }

    @ParameterizedTest
    @MethodSource("backbones")
    void cheaperExit_servesFewerParameters(Backbone backbone) {
        int shallow = backbone.at().size();
        ModelSpec alone = new ModelSpec(backbone.network(), ADAM, EngineChoice.AUTO, 8);
        Network plain = Model.network(alone, backbone.inputs(), CLASSES);
        int previous = 0;
        for (int publish = 1; publish <= shallow; publish++) {
            Network network = network(backbone, publish);
            assertThat(network.servedParameterCount()).isGreaterThan(previous).isLessThan(network.parameterCount());
            previous = network.servedParameterCount();
        }
        assertThat(network(backbone, 0).servedParameterCount())
                .as("of the deepest exit, which is the backbone alone")
                .isEqualTo(plain.parameterCount());
    }

    private static Network network(Backbone backbone, int publish) {
        return Model.network(backbone.model(publish), backbone.inputs(), CLASSES);
    }

    @Test
    void smallExit_ofALargeBackbone_servesLess() {
        ExitsSpec first = new ExitsSpec(MlpSpec.of(8, 64, 8), List.of("hidden-1"), 1);
        Network network = first.build(InputShape.ofNumbers(4), CLASSES);
        // hidden-1, and the exit's attention 8-8, projection 8-8 and head 8-2
        assertThat(network.servedParameterCount()).isEqualTo((4 + 1) * 8 + (8 + 1) * 8 + (8 + 1) * 8 + (8 + 1) * 2);
        assertThat(new ExitsSpec(MlpSpec.of(8, 64, 8), List.of("hidden-1"), 0)
                        .build(InputShape.ofNumbers(4), CLASSES)
                        .servedParameterCount())
                .isEqualTo((4 + 1) * 8 + (8 + 1) * 64 + (64 + 1) * 8 + (8 + 1) * 2);
    }

    @Test
    void layersThatCarryNoExit_areNamedWithTheMend() {
        InputShape numbers = InputShape.ofNumbers(4);
        assertThatThrownBy(() -> new ExitsSpec(MlpSpec.of(8, 6), List.of("hidden-7"), 0).build(numbers, 2))
                .hasMessage("layer 'hidden-7' found, 'mlp 4-8-6-2 relu' has hidden-1, hidden-2, last and logits");
        for (String deepest : List.of("hidden-2", "last", "logits")) {
            assertThatThrownBy(() -> new ExitsSpec(MlpSpec.of(8, 6), List.of(deepest), 0).build(numbers, 2))
                    .hasMessage("exits.at: '" + deepest
                            + "' found, which is as deep as the deepest exit; name one of [hidden-1]");
        }
        assertThatThrownBy(() -> new ExitsSpec(MlpSpec.of(8), List.of("hidden-1"), 0).build(numbers, 2))
                .hasMessage(
                        "exits.at: 'hidden-1' found, which is as deep as the deepest exit; give the network one more"
                                + " layer");
        assertThatThrownBy(() -> new ExitsSpec(MlpSpec.of(), List.of("hidden-1"), 0).build(numbers, 2))
                .hasMessageContaining("has no hidden layer; an exit needs one to stand at");
        assertThatThrownBy(() -> new ExitsSpec(new TextSpec(4, List.of(), Activation.TANH), List.of("hidden-1"), 0)
                        .build(new InputShape(4, List.of(new InputShape.Bag(0, 4))), 2))
                .hasMessageContaining("has no hidden layer");
        assertThatThrownBy(
                        () -> new ExitsSpec(MlpSpec.of(8, 7, 6), List.of("hidden-2", "hidden-1"), 0).build(numbers, 2))
                .hasMessage(
                        "exits.at: [hidden-2, hidden-1] found, 'hidden-1' lies no deeper than the one before it; name"
                                + " the layers from the input on, each once");
    }

    @Test
    void exitsThatAreNone_orPublishedThoughNotThere_areRefused() {
        assertThatThrownBy(() -> new ExitsSpec(MlpSpec.of(8, 6), List.of(), 0))
                .hasMessageStartingWith("exits.at: [] found, must name one layer or more, each once");
        assertThatThrownBy(() -> new ExitsSpec(MlpSpec.of(8, 6, 5), List.of("hidden-1", "hidden-1"), 0))
                .hasMessageContaining("each once");
        for (int publish : new int[] {-1, 2}) {
            assertThatThrownBy(() -> new ExitsSpec(MlpSpec.of(8, 6), List.of("hidden-1"), publish))
                    .hasMessage("exits.publish: " + publish + " found, must be 0 (the deepest exit) or one of 1 to 1");
        }
    }

    @Test
    void state_ofOtherExits_isRefused() {
        Backbone mlp = backbones().findFirst().orElseThrow();
        LearningSpec steps = LearningSpec.steps(8);
        try (Student student = mlp.student(1, steps)) {
            byte[] saved = state(student);
            Backbone fewer = new Backbone(mlp.network(), List.of("hidden-1"), mlp.inputs());
            assertThatThrownBy(() -> Student.read(
                            fewer.spec(steps),
                            fewer.model(1),
                            fewer.inputs(),
                            LossShapes.ofLogits(CLASSES),
                            new StateReader(saved)))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("with exits at hidden-1, hidden-2, publishes 1")
                    .hasMessageContaining("with exits at hidden-1, publishes 1");
        }
    }
}
