package dev.reflux.distillation.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.InputSelection;
import dev.reflux.distillation.Outputs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Modules of src/test/resources/torchscript, whose README has what they compute. */
class TorchScriptTeacherTest {

    private static final float NAN = Float.NaN;

    /** What logits.pt takes: two numbers, a category of 3 codes, an image of 1 x 2 x 2. */
    private static final InputLayout LAYOUT = new InputLayout(2, List.of(3), List.of(), List.of(List.of(1, 2, 2)));

    /** The same among columns that it does not take. */
    private static final InputLayout WIDE =
            new InputLayout(3, List.of(9, 3), List.of(50), List.of(List.of(3), List.of(1, 2, 2)));

    private static final InputSelection CHOSEN =
            new InputSelection(WIDE, List.of(0, 2), List.of(1), List.of(), List.of(1));

    private static final Examples EXAMPLES =
            examples(LAYOUT, new float[] {1, 2, NAN, 1, -3, 0.5f}, new int[] {1, -1, 2}, new float[] {
                1, 2, 3, 4, NAN, NAN, NAN, NAN, 0, 0, 0, 1
            });

    /** By hand: numbers times weights, plus the row of the category, plus pixels times weights. */
    private static final float[] LOGITS = {
        1 + 1 + 1 + 6, -1 + 7, -1 + 4 + 8, 0.5f, -0.5f, 2 + 3, -3 + 0.25f + 0.9f, -0.25f + 1 + 1, 3 + 1 + 1.1f
    };

    @Test
    void predict_everyKindOfColumn_givesTheModulesLogits() throws IOException {
        try (TorchScriptTeacher teacher = logits(InputSelection.all(LAYOUT))) {
            assertThat(predict(teacher, EXAMPLES, 3)).containsExactly(LOGITS, within(1e-6f));
        }
    }

    @Test
    void predict_partOfABatch_leavesTheOtherRows() throws IOException {
        Outputs outputs = Outputs.ofLogits(new float[9], 3);
        try (TorchScriptTeacher teacher = logits(InputSelection.all(LAYOUT))) {
            teacher.predict(EXAMPLES, 1, 2, outputs);
        }
        assertThat(outputs.logits()).containsExactly(0, 0, 0, 0.5f, -0.5f, 5, 0, 0, 0);
    }

    @Test
    void predict_chosenColumns_areTheOnesItIsGiven() throws IOException {
        Examples wide = examples(
                WIDE, new float[] {1, 77, 2, NAN, 77, 1, -3, 77, 0.5f}, new int[] {8, 1, -1, -1, 7, 2}, new float[] {
                    9, 9, 9, 1, 2, 3, 4, 9, 9, 9, NAN, NAN, NAN, NAN, 9, 9, 9, 0, 0, 0, 1
                });
        try (TorchScriptTeacher teacher = logits(CHOSEN)) {
            assertThat(predict(teacher, wide, 3)).containsExactly(LOGITS, within(1e-6f));
        }
    }

    @Test
    void predict_probabilities_areTheirLogarithms() throws IOException {
        Examples examples = Examples.ofNumeric(new float[] {1, 3, 2, 2}, new int[2]);
        InputSelection inputs = InputSelection.all(InputLayout.ofNumeric(2));
        byte[] script = script("probabilities.pt");
        try (TorchScriptTeacher teacher = new TorchScriptTeacher(script, inputs, 2, Answer.PROBABILITIES)) {
            assertThat(predict(teacher, examples, 2))
                    .containsExactly((float) Math.log(0.25), (float) Math.log(0.75), (float) Math.log(0.5), (float)
                            Math.log(0.5));
            // 0/0: the module says nothing
            assertThat(predict(teacher, Examples.ofNumeric(new float[2], new int[1]), 2))
                    .containsExactly(NAN, NAN);
        }
    }

    /** The numbers of a call depend on nothing but its rows: not on calls before it, nor on which teacher object it is. */
    @Test
    void predict_againAndAnew_givesTheSameBits() throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        Examples examples =
                examples(LAYOUT, floats(random, 200), random.ints(100, -1, 3).toArray(), floats(random, 400));
        try (TorchScriptTeacher first = logits(InputSelection.all(LAYOUT));
                TorchScriptTeacher second = logits(InputSelection.all(LAYOUT))) {
            float[] expected = predict(first, examples, 3);
            for (int i = 0; i < 5; i++) {
                predict(first, EXAMPLES, 3);
                assertThat(predict(first, examples, 3)).isEqualTo(expected);
            }
            assertThat(predict(second, examples, 3)).isEqualTo(expected);
        }
    }

    @Test
    void predict_manyTimes_leavesNoArrays() throws IOException {
        try (TorchScriptTeacher teacher = logits(InputSelection.all(LAYOUT))) {
            predict(teacher, EXAMPLES, 3);
            int before = teacher.liveArrays();
            for (int i = 0; i < 50; i++) {
                predict(teacher, EXAMPLES, 3);
            }
            assertThat(teacher.liveArrays()).isEqualTo(before);
        }
    }

    @Test
    void parameterCount_ofAModule_isThatOfItsParameters() throws IOException {
        try (TorchScriptTeacher teacher = logits(InputSelection.all(LAYOUT))) {
            assertThat(teacher.parameterCount()).isEqualTo(6 + 12 + 12);
        }
    }

    @Test
    void create_texts_areRefused() throws IOException {
        byte[] script = script("logits.pt");
        assertThatThrownBy(() -> new TorchScriptTeacher(script, InputSelection.all(WIDE), 3, Answer.LOGITS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot read texts, 1 found");
    }

    @Test
    void create_noModule_isRefused() throws IOException {
        InputSelection inputs = InputSelection.all(LAYOUT);
        byte[] half = Arrays.copyOf(script("logits.pt"), 1000);
        for (byte[] bytes : List.of(new byte[0], new byte[500], half)) {
            assertThatThrownBy(() -> new TorchScriptTeacher(bytes, inputs, 3, Answer.LOGITS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("no TorchScript module that PyTorch 2.7.1 reads: ")
                    .hasMessageContaining("torch.jit.script")
                    .hasMessageNotContaining("frame #");
        }
    }

    @Test
    void predict_moduleThatTakesOtherColumns_saysWhatItWasGiven() throws IOException {
        Examples numbers = Examples.ofNumeric(new float[] {1, 3}, new int[1]);
        try (TorchScriptTeacher teacher = logits(InputSelection.all(InputLayout.ofNumeric(2)))) {
            assertThatThrownBy(() -> predict(teacher, numbers, 3))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("the TorchScript teacher failed on (float32 (1, 2)): ")
                    .hasMessageContaining("categories");
        }
        try (TorchScriptTeacher teacher = logits(InputSelection.all(LAYOUT))) {
            assertThatThrownBy(() -> predict(teacher, numbers, 3))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the teacher was made for");
        }
    }

    @Test
    void predict_moduleOfOtherClasses_saysWhatItReturned() throws IOException {
        byte[] script = script("logits.pt");
        try (TorchScriptTeacher teacher =
                new TorchScriptTeacher(script, InputSelection.all(LAYOUT), 4, Answer.LOGITS)) {
            assertThatThrownBy(() -> predict(teacher, EXAMPLES, 4))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("returned (float32 (3, 3))")
                    .hasMessageContaining("here (3, 4)");
        }
    }

    @Test
    void predict_logitsDeclaredAsProbabilities_areRefused() throws IOException {
        byte[] script = script("logits.pt");
        try (TorchScriptTeacher teacher =
                new TorchScriptTeacher(script, InputSelection.all(LAYOUT), 3, Answer.PROBABILITIES)) {
            assertThatThrownBy(() -> predict(teacher, EXAMPLES, 3))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("if these are logits");
        }
    }

    private static float[] predict(TorchScriptTeacher teacher, Examples examples, int classes) {
        Outputs outputs = Outputs.ofLogits(new float[examples.size() * classes], classes);
        teacher.predict(examples, 0, examples.size(), outputs);
        return outputs.logits();
    }

    private static TorchScriptTeacher logits(InputSelection inputs) throws IOException {
        return new TorchScriptTeacher(script("logits.pt"), inputs, 3, Answer.LOGITS);
    }

    private static byte[] script(String name) throws IOException {
        try (InputStream in = TorchScriptTeacherTest.class.getResourceAsStream("/torchscript/" + name)) {
            return Objects.requireNonNull(in).readAllBytes();
        }
    }

    private static float[] floats(SplittableRandom random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static Examples examples(InputLayout layout, float[] numeric, int[] categories, float[] tensors) {
        int size = numeric.length / layout.numeric();
        return new Examples(
                layout,
                size,
                FloatBuffer.wrap(numeric),
                IntBuffer.wrap(categories),
                IntBuffer.allocate(size * layout.textBuckets().size() + 1),
                IntBuffer.allocate(0),
                FloatBuffer.wrap(tensors),
                IntBuffer.allocate(size),
                IntBuffer.allocate(size));
    }
}
