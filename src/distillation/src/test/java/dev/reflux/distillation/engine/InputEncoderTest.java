package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.InputSelection;
import dev.reflux.distillation.network.EncodingSpec;
import dev.reflux.distillation.network.InputShape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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

    private static InputEncoder texts(EncodingSpec encoding) {
        return new InputEncoder(
                InputSelection.all(new InputLayout(0, List.of(2), List.of(6, 6), List.of())),
                encoding,
                SGD,
                new Rng(1));
    }

    /** Two texts per row: 5 2 5 5 and none, then 3 and 0 1. */
    private static Examples pairs() {
        IntBuffer labels = IntBuffer.allocate(2);
        return new Examples(
                new InputLayout(0, List.of(2), List.of(6, 6), List.of()),
                2,
                FloatBuffer.allocate(0),
                IntBuffer.wrap(new int[] {1, -1}),
                IntBuffer.wrap(new int[] {0, 4, 4, 5, 7}),
                IntBuffer.wrap(new int[] {5, 2, 5, 5, 3, 0, 1}),
                FloatBuffer.allocate(0),
                labels,
                labels);
    }

    private static float[] vectors(InputEncoder encoder, int table, int... tokens) {
        float[] values = encoder.tables().get(table).values();
        float[] result = new float[2 * tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            System.arraycopy(values, 2 * tokens[i], result, 2 * i, 2);
        }
        return result;
    }

    private static float[] joined(float[]... parts) {
        float[] all =
                new float[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    @Test
    void encode_root_sumsDistinctTokens_overTheRootOfTheirNumber() {
        InputEncoder encoder = texts(new EncodingSpec(2, 2, EncodingSpec.Pooling.ROOT, 0, 3, 0.5f));

        float[] rows = Arrays.copyOf(encoder.encode(pairs(), 0, 2), 12);

        float[] first = vectors(encoder, 1, 5, 2);
        float[] second = vectors(encoder, 2, 0, 1);
        float root = 3 / (float) Math.sqrt(2);
        float[] bag = {root * (first[0] + first[2]), root * (first[1] + first[3])};
        float[] single = vectors(encoder, 1, 3);
        float[] pair = {root * (second[0] + second[2]), root * (second[1] + second[3])};
        assertThat(rows)
                .containsExactly(
                        joined(
                                vectors(encoder, 0, 1),
                                bag,
                                new float[2],
                                vectors(encoder, 0, 2),
                                new float[] {3 * single[0], 3 * single[1]},
                                pair),
                        within(1e-6f));
        assertThat(encoder.shape().parts())
                .containsExactly(new InputShape.Embedding(0, 2), new InputShape.Bag(2, 2), new InputShape.Bag(4, 2));
    }

    @Test
    void encode_sequence_keepsTheFirstTokensInOrder_andMasksWhatIsMissing() {
        InputEncoder encoder = texts(new EncodingSpec(2, 2, EncodingSpec.Pooling.SEQUENCE, 3, 1, 0.5f));

        float[] rows = Arrays.copyOf(encoder.encode(pairs(), 0, 2), 40);

        float[] none = new float[2];
        assertThat(rows)
                .containsExactly(joined(
                        vectors(encoder, 0, 1),
                        vectors(encoder, 1, 5, 2, 5),
                        new float[] {1, 1, 1},
                        new float[9],
                        vectors(encoder, 0, 2),
                        vectors(encoder, 1, 3),
                        none,
                        none,
                        new float[] {1, 0, 0},
                        vectors(encoder, 2, 0, 1),
                        none,
                        new float[] {1, 1, 0}));
        assertThat(encoder.shape().parts())
                .containsExactly(
                        new InputShape.Embedding(0, 2),
                        new InputShape.Sequence(2, 3, 2),
                        new InputShape.Sequence(11, 3, 2));
        assertThat(encoder.width()).isEqualTo(20);
    }

    @Test
    void encode_sequence_ofAShorterTextAfterALongerOne_leavesNothingOfIt() {
        InputEncoder encoder = texts(new EncodingSpec(2, 2, EncodingSpec.Pooling.SEQUENCE, 3, 1, 0.5f));
        Examples examples = pairs();
        encoder.encode(examples, 0, 1);

        float[] again = Arrays.copyOf(encoder.encode(examples, 1, 2), 20);

        assertThat(again).isEqualTo(Arrays.copyOfRange(texts(encoder.encoding()).encode(examples, 0, 2), 20, 40));
    }

    static Stream<EncodingSpec> poolings() {
        return Stream.of(
                new EncodingSpec(2, 2, EncodingSpec.Pooling.MEAN, 0, 1, 1),
                new EncodingSpec(2, 2, EncodingSpec.Pooling.ROOT, 0, 3, 0.5f),
                new EncodingSpec(2, 2, EncodingSpec.Pooling.SEQUENCE, 3, 2, 0.5f));
    }

    /** The rows are linear in the tables, so a difference of any size gives the slope. */
    @ParameterizedTest
    @MethodSource("poolings")
    void backward_isTheSlopeOfWhatIsEncoded(EncodingSpec encoding) {
        Examples examples = pairs();
        InputEncoder encoder = texts(encoding);
        float[] weights = new float[2 * encoder.width()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (i % 7) - 2.5f;
        }
        List<float[]> before =
                encoder.tables().stream().map(table -> table.values().clone()).toList();
        double expectedSquares = 0;
        float[][] slopes = new float[3][];
        for (int table = 0; table < 3; table++) {
            float[] values = encoder.tables().get(table).values();
            slopes[table] = new float[values.length];
            for (int i = 0; i < values.length; i++) {
                float value = values[i];
                values[i] = value + 1;
                double up = dot(weights, texts(encoding, encoder).encode(examples, 0, 2));
                values[i] = value - 1;
                double down = dot(weights, texts(encoding, encoder).encode(examples, 0, 2));
                values[i] = value;
                slopes[table][i] = (float) ((up - down) / 2);
                expectedSquares += slopes[table][i] * slopes[table][i];
            }
        }

        encoder.encode(examples, 0, 2);
        double squares = encoder.backward(examples, 0, 2, weights);
        encoder.step(1, 1);

        assertThat(squares).isCloseTo(expectedSquares, within(1e-4 * expectedSquares));
        for (int table = 0; table < 3; table++) {
            float[] after = encoder.tables().get(table).values();
            for (int i = 0; i < after.length; i++) {
                assertThat(before.get(table)[i] - after[i]).isCloseTo(slopes[table][i], within(1e-4f));
            }
        }
    }

    private static double dot(float[] weights, float[] rows) {
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += (double) weights[i] * rows[i];
        }
        return sum;
    }

    /** An encoder with the tables of another, which has kept no rows. */
    private static InputEncoder texts(EncodingSpec encoding, InputEncoder other) {
        InputEncoder copy = texts(encoding);
        for (int i = 0; i < 3; i++) {
            float[] values = other.tables().get(i).values();
            System.arraycopy(values, 0, copy.tables().get(i).values(), 0, values.length);
        }
        return copy;
    }

    @Test
    void tables_startWithTheDeviationAskedFor() {
        InputLayout layout = new InputLayout(0, List.of(9_999), List.of(10_000), List.of());
        EncodingSpec encoding = new EncodingSpec(1, 1, EncodingSpec.Pooling.ROOT, 0, 1, 0.01f);
        InputEncoder encoder = new InputEncoder(InputSelection.all(layout), encoding, SGD, new Rng(1));

        assertThat(deviation(encoder.tables().get(0).values())).isCloseTo(1, within(0.02));
        assertThat(deviation(encoder.tables().get(1).values())).isCloseTo(0.01, within(0.0002));
    }

    private static double deviation(float[] values) {
        return Math.sqrt(dot(values, values) / values.length);
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
        EmbeddingTable table =
                new EmbeddingTable(40, 1, 1, new OptimizerSpec.Adam(0.1, 0.9, 0.999, 1e-8, 0), new Rng(1));
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
