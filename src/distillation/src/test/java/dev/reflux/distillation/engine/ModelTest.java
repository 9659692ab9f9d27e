package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.network.Activation;
import dev.reflux.distillation.network.MlpSpec;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelTest {

    private static final OptimizerSpec SGD = new OptimizerSpec.Sgd(0.1, 0, 0);

    private static Model model(MlpSpec network, OptimizerSpec optimizer, EngineChoice engine, InputLayout layout) {
        return Model.create(new ModelSpec(network, optimizer, engine, 1), layout, Fixtures.CLASSES, 1);
    }

    private static Model mixed(OptimizerSpec optimizer, EngineChoice engine) {
        return model(MlpSpec.of(8), optimizer, engine, Fixtures.MIXED);
    }

    @ParameterizedTest
    @EnumSource(EngineChoice.class)
    void learn_findsARuleThatNoLineDraws(EngineChoice engine) {
        Examples examples = Fixtures.numeric(6000, 4, 1);
        Examples unseen = Fixtures.numeric(500, 4, 2);
        try (Model model = model(MlpSpec.of(24), SGD, engine, examples.layout())) {
            double first = Fixtures.train(model, examples, 8);
            Fixtures.train(model, examples, 8);
            float[] logits = Fixtures.predict(model, unseen);
            double loss = Fixtures.crossEntropy(unseen, 0, 500, logits, new float[logits.length]);

            assertThat(first).isLessThan(0.6);
            assertThat(loss).isLessThan(0.2);
        }
    }

    @ParameterizedTest
    @EnumSource(EngineChoice.class)
    void predictAndForward_giveTheSameNumbers_ofTheirRowsAlone(EngineChoice engine) {
        Examples examples = Fixtures.mixed(9, 1);
        float[] predicted = new float[27];
        float[] forward = new float[27];
        Arrays.fill(predicted, 77);
        Arrays.fill(forward, 77);
        try (Model model = mixed(SGD, engine)) {
            model.observe(examples, 0, 9);
            model.predict(examples, 2, 5, predicted);
            model.predict(examples, 6, 9, new float[27]);
            model.forward(examples, 2, 5, forward);
        }
        assertThat(forward).isEqualTo(predicted);
        assertThat(Arrays.copyOf(predicted, 6)).containsOnly(77);
        assertThat(Arrays.copyOfRange(predicted, 15, 27)).containsOnly(77);
        assertThat(Arrays.copyOfRange(predicted, 6, 15)).doesNotContain(77);
    }

    @ParameterizedTest
    @EnumSource(EngineChoice.class)
    void predict_afterLearning_isOfTheNewParameters(EngineChoice engine) {
        Examples examples = Fixtures.mixed(4, 1);
        float[] before = new float[12];
        float[] after = new float[12];
        try (Model model = mixed(SGD, engine)) {
            model.predict(examples, 0, 4, before);
            model.forward(examples, 0, 4, after);
            assertThat(after).isEqualTo(before);
            model.learn(new float[] {1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0}, 1);
            model.predict(examples, 0, 4, after);
        }
        for (int row = 0; row < 4; row++) {
            assertThat(after[row * 3]).isLessThan(before[row * 3]);
        }
    }

    @ParameterizedTest
    @EnumSource(EngineChoice.class)
    void predict_afterObserving_isOfTheNewStatistics(EngineChoice engine) {
        Examples examples = Fixtures.mixed(4, 1);
        try (Model model = mixed(SGD, engine)) {
            float[] before = Fixtures.predict(model, examples);
            model.observe(examples, 0, 4);
            assertThat(Fixtures.predict(model, examples)).isNotEqualTo(before);
        }
    }

    /** Of a linear model with one category, one text: a step is known by hand. */
    @ParameterizedTest
    @EnumSource(EngineChoice.class)
    void learn_embeddings_moveAgainstTheirGradient(EngineChoice engine) {
        InputLayout layout = new InputLayout(0, List.of(2), List.of(5), List.of());
        IntBuffer labels = IntBuffer.wrap(new int[] {0, 0});
        // Row 0: category 1, tokens 3 3 4; row 1: unknown category, no token.
        Examples examples = new Examples(
                layout,
                2,
                FloatBuffer.allocate(0),
                IntBuffer.wrap(new int[] {1, -1}),
                IntBuffer.wrap(new int[] {0, 3, 3}),
                IntBuffer.wrap(new int[] {3, 3, 4}),
                FloatBuffer.allocate(0),
                labels,
                labels);
        MlpSpec linear = new MlpSpec(List.of(), Activation.RELU, false, false, 2);
        try (Model model = model(linear, new OptimizerSpec.Sgd(0.1, 0, 0), engine, layout)) {
            float[] weights = model.engine().parameters();
            float[] category = model.encoder().tables().get(0).values().clone();
            float[] text = model.encoder().tables().get(1).values().clone();
            float[] logits = new float[6];
            model.forward(examples, 0, 2, logits);
            model.learn(new float[] {1, 0, 0, 0, 2, 0}, 0.5);

            // weights are [category 0, category 1, text 0, text 1] x classes; rate 0.1 * 0.5.
            float[] expectedCategory = category.clone();
            float[] expectedText = text.clone();
            for (int i = 0; i < 2; i++) {
                expectedCategory[2 + i] -= 0.05f * weights[i * 3];
                expectedCategory[4 + i] -= 0.05f * 2 * weights[i * 3 + 1];
                expectedText[6 + i] -= 0.05f * 2 / 3 * weights[(2 + i) * 3];
                expectedText[8 + i] -= 0.05f / 3 * weights[(2 + i) * 3];
            }
            assertThat(model.encoder().tables().get(0).values()).containsExactly(expectedCategory, within(1e-6f));
            assertThat(model.encoder().tables().get(1).values()).containsExactly(expectedText, within(1e-6f));
            float[] weightsAfter = model.engine().parameters();
            float textMean = (2 * text[6] + text[8]) / 3;
            assertThat(weightsAfter[0]).isCloseTo(weights[0] - 0.05f * category[2], within(1e-6f));
            assertThat(weightsAfter[6]).isCloseTo(weights[6] - 0.05f * textMean, within(1e-6f));
            assertThat(weightsAfter[1]).isCloseTo(weights[1] - 0.05f * 2 * category[4], within(1e-6f));
        }
    }

    @ParameterizedTest
    @EnumSource(EngineChoice.class)
    void learn_clipped_movesByTheClipNorm(EngineChoice engine) {
        Examples examples = Fixtures.mixed(6, 1);
        double rate = 0.1;
        for (int rows : new int[] {1, 6}) {
            try (Model model = mixed(new OptimizerSpec.Sgd(rate, 0, 0.25), engine)) {
                model.observe(examples, 0, 6);
                float[] logits = new float[18];
                float[] gradient = new float[18];
                Arrays.fill(gradient, 10);
                float[] before = model.engine().parameters();
                List<float[]> tables = model.encoder().tables().stream()
                        .map(table -> table.values().clone())
                        .toList();
                model.forward(examples, 0, rows, logits);
                model.learn(gradient, 1);
                double squares = distance(before, model.engine().parameters());
                for (int i = 0; i < tables.size(); i++) {
                    squares += distance(
                            tables.get(i), model.encoder().tables().get(i).values());
                }
                assertThat(Math.sqrt(squares)).isCloseTo(rate * 0.25, within(1e-5));
            }
        }
    }

    private static double distance(float[] a, float[] b) {
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            squares += (double) (a[i] - b[i]) * (a[i] - b[i]);
        }
        return squares;
    }

    @ParameterizedTest
    @EnumSource(EngineChoice.class)
    void learn_clippedWithInfiniteGradient_leavesTheModelAsItIs(EngineChoice engine) {
        Examples examples = Fixtures.mixed(4, 1);
        OptimizerSpec adam = new OptimizerSpec.Adam(0.01, 0.9, 0.999, 1e-8, 1);
        float[] gradient = new float[12];
        gradient[3] = Float.POSITIVE_INFINITY;
        try (Model model = mixed(adam, engine);
                Model undisturbed = mixed(adam, engine)) {
            model.forward(examples, 0, 4, new float[12]);
            model.learn(gradient, 1);
            Fixtures.train(model, examples, 4);
            Fixtures.train(undisturbed, examples, 4);
            assertThat(model.sha256()).isEqualTo(undisturbed.sha256());
        }
    }

    @ParameterizedTest
    @EnumSource(EngineChoice.class)
    void predict_afterDivergence_isOfANetworkThatBeganAnew(EngineChoice engine) {
        Examples examples = Fixtures.mixed(4, 1);
        float[] gradient = new float[12];
        Arrays.fill(gradient, Float.POSITIVE_INFINITY);
        try (Model model = mixed(SGD, engine);
                Model again = mixed(SGD, engine)) {
            for (Model one : List.of(model, again)) {
                one.observe(examples, 0, 4);
                one.forward(examples, 0, 4, new float[12]);
                one.learn(gradient, 1);
            }
            float[] logits = Fixtures.predict(model, examples);
            assertThat(model.restarts()).isEqualTo(1);
            for (float logit : logits) {
                assertThat(logit).isFinite();
            }
            assertThat(logits).as("another process restarts alike").isEqualTo(Fixtures.predict(again, examples));
            Fixtures.train(model, examples, 4);
            assertThat(model.restarts()).isEqualTo(1);
        }
    }

    @Test
    void learn_withoutForward_saysWhatToDo() {
        Examples examples = Fixtures.mixed(4, 1);
        float[] logits = new float[12];
        try (Model model = mixed(SGD, EngineChoice.FUSED)) {
            assertThatThrownBy(() -> model.learn(logits, 1)).hasMessageContaining("call forward()");
            model.forward(examples, 0, 2, logits);
            model.learn(logits, 1);
            assertThatThrownBy(() -> model.learn(logits, 1)).hasMessageContaining("call forward()");
            model.forward(examples, 0, 2, logits);
            model.predict(examples, 0, 4, logits);
            assertThatThrownBy(() -> model.learn(logits, 1)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void badArguments_areNamed() {
        Examples examples = Fixtures.mixed(4, 1);
        try (Model model = mixed(SGD, EngineChoice.FUSED)) {
            assertThatThrownBy(() -> model.predict(examples, 2, 2, new float[12]))
                    .hasMessageContaining("[2, 2)");
            assertThatThrownBy(() -> model.predict(examples, 2, 5, new float[12]))
                    .hasMessageContaining("4 examples");
            assertThatThrownBy(() -> model.predict(examples, 0, 4, new float[11]))
                    .hasMessageContaining("room for 3 rows");
            assertThatThrownBy(() -> model.predict(Fixtures.numeric(2, 3, 1), 0, 2, new float[6]))
                    .hasMessageContaining("the model was built for");
        }
    }

    @Test
    void parameterCount_countsNetworkAndEmbeddings() {
        // 4 numeric + 7 tensor values + embeddings of 4, 7 and 40 codes, 2 wide: 17 inputs.
        MlpSpec network = new MlpSpec(List.of(8), Activation.RELU, true, false, 2);
        try (Model model = model(network, SGD, EngineChoice.FUSED, Fixtures.MIXED)) {
            assertThat(model.parameterCount()).isEqualTo(17 * 8 + 3 * 8 + 8 * 3 + 3 + 2 * (4 + 7 + 40));
            assertThat(model.classes()).isEqualTo(3);
            assertThat(model.engineKind()).isEqualTo(EngineChoice.FUSED);
            assertThat(model.liveArrays()).isZero();
            assertThat(model.inputs().layout()).isEqualTo(Fixtures.MIXED);
        }
    }

    @Test
    void times_growWithTheWork() {
        Examples examples = Fixtures.mixed(40, 1);
        try (Model model = mixed(SGD, EngineChoice.FUSED)) {
            assertThat(model.times().total()).isZero();
            Fixtures.train(model, examples, 4);
            StepTimes times = model.times();
            assertThat(List.of(times.encode(), times.forward(), times.backward(), times.optimizer()))
                    .allMatch(nanos -> nanos > 0);
        }
    }
}
