package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.InputSelection;
import dev.reflux.distillation.network.EncodingSpec;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class InputEncoderTest {

    private static final OptimizerSpec SGD = new OptimizerSpec.Sgd(0.1, 0, 0);
    private static final InputLayout LAYOUT = new InputLayout(1, List.of(3), List.of(6), List.of(List.of(2)));

    private static InputEncoder encoder(InputLayout layout, int embedding) {
        return new InputEncoder(InputSelection.all(layout), EncodingSpec.mean(embedding), SGD, new Rng(1));
    }

    private static Examples two(int code0, int code1, int... tokensOfTheFirst) {
        IntBuffer labels = IntBuffer.allocate(2);
        int tokens = tokensOfTheFirst.length;
        return new Examples(
                LAYOUT,
                2,
                FloatBuffer.wrap(new float[] {1, 3}),
                IntBuffer.wrap(new int[] {code0, code1}),
                IntBuffer.wrap(new int[] {0, tokens, tokens}),
                IntBuffer.wrap(tokensOfTheFirst),
                FloatBuffer.wrap(new float[] {0, 4, Float.NaN, 7}),
                labels,
                labels);
    }

    @Test
    void encode_layout_numericTensorsCategoriesTexts() {
        InputEncoder encoder = encoder(LAYOUT, 2);
        Examples examples = two(1, -1, 5, 5, 2);
        encoder.observe(examples, 0, 2);

        float[] rows = Arrays.copyOf(encoder.encode(examples, 0, 2), 2 * encoder.width());

        float[] category = encoder.tables().get(0).values();
        float[] text = encoder.tables().get(1).values();
        assertThat(encoder.width()).isEqualTo(7);
        // Numbers 1 and 3: mean 2, deviation 1. Tensor 0 and 4: the same; the second tensor is missing.
        assertThat(rows)
                .containsExactly(
                        new float[] {
                            -1,
                            -1,
                            1,
                            category[2],
                            category[3],
                            (2 * text[10] + text[4]) / 3,
                            (2 * text[11] + text[5]) / 3,
                            1,
                            0,
                            0,
                            category[6],
                            category[7],
                            0,
                            0
                        },
                        within(1e-6f));
    }

    @Test
    void encode_sameRangeUnchanged_isKept_otherwiseEncodedAnew() {
        InputEncoder encoder = encoder(LAYOUT, 2);
        Examples examples = two(1, -1, 5);
        encoder.observe(examples, 0, 1);
        float[] rows = encoder.encode(examples, 0, 2);
        assertThat(encoder.isCurrent(examples, 0, 2)).isTrue();
        assertThat(encoder.isCurrent(examples, 0, 1)).isFalse();
        assertThat(rows[0]).isZero();

        encoder.observe(examples, 1, 2);
        assertThat(encoder.isCurrent(examples, 0, 2)).isFalse();
        assertThat(encoder.encode(examples, 0, 2)[0]).isEqualTo(-1);

        float before = rows[3];
        float[] gradient = new float[14];
        gradient[3] = 1;
        encoder.backward(examples, 0, 2, gradient);
        encoder.step(0.5, 1);
        assertThat(encoder.isCurrent(examples, 0, 2)).isFalse();
        assertThat(encoder.encode(examples, 0, 2)[3]).isEqualTo(before - 0.5f);

        assertThat(encoder.encode(two(1, -1, 5), 1, 2)[0]).isEqualTo(1);
    }

    @Test
    void observe_inOneBatchOrMany_isTheSame() {
        Examples examples = Fixtures.mixed(100, 1);
        InputEncoder whole = encoder(Fixtures.MIXED, 0);
        InputEncoder parts = encoder(Fixtures.MIXED, 0);
        whole.observe(examples, 0, 100);
        for (int row = 0; row < 100; row += 5) {
            parts.observe(examples, row, row + 5);
        }
        assertThat(parts.normalizer().offsets()).isEqualTo(whole.normalizer().offsets());
        assertThat(parts.normalizer().factors()).isEqualTo(whole.normalizer().factors());
        assertThat(whole.normalizer().offsets()).hasSize(6).doesNotContain(0);
    }

    @Test
    void unknownCodes_andTokens_areNamed() {
        InputEncoder encoder = encoder(LAYOUT, 2);

        assertThatThrownBy(() -> encoder.encode(two(3, 0), 0, 2))
                .hasMessageContaining("code 3 found, codes are 0 to 2");
        assertThatThrownBy(() -> encoder.encode(two(-2, 0), 0, 2)).hasMessageContaining("code -2");
        assertThatThrownBy(() -> encoder.encode(two(0, 0, 6), 0, 2)).hasMessageContaining("bucket 6 found");
    }

    @Test
    void embeddingWidth_byTheNumberOfCodes() {
        InputLayout layout = new InputLayout(0, List.of(1, 7, 100, 10_000), List.of(1000), List.of());
        InputEncoder encoder = encoder(layout, 0);

        assertThat(encoder.tables()).extracting(EmbeddingTable::width).containsExactly(2, 5, 16, 16, 32);
        assertThat(encoder.tables()).extracting(EmbeddingTable::rows).containsExactly(2, 8, 101, 10_001, 1000);
        assertThat(encoder.parameterCount()).isEqualTo(2 * 2 + 8 * 5 + 101 * 16 + 10_001 * 16 + 32_000);
    }

    @Test
    void lazyAdam_untouchedRowsStandStill_rareRowsMoveAtTheFullRate() {
        EmbeddingTable table = new EmbeddingTable(40, 1, new OptimizerSpec.Adam(0.1, 0.9, 0.999, 1e-8, 0), new Rng(1));
        float rare = table.values()[39];
        for (int step = 0; step < 50; step++) {
            for (int row = 0; row < 39; row++) {
                table.addGradient(row, 1, new float[] {0.5f}, 0);
            }
            assertThat(table.gradientSquares()).isEqualTo(39 * 0.25);
            table.step(0.1, 1);
        }
        assertThat(table.values()[39]).isEqualTo(rare);

        table.addGradient(39, 1, new float[] {1e-3f}, 0);
        table.step(0.1, 1);

        // The first step of Adam is the rate times the gradient's sign.
        assertThat(table.values()[39]).isCloseTo(rare - 0.1f, within(1e-4f));
    }
}
