package dev.reflux.checkpoints.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.InputColumn.Category;
import dev.reflux.checkpoints.InputColumn.Tensor;
import dev.reflux.checkpoints.InputColumn.Text;
import dev.reflux.checkpoints.Manifest.PrecisionLoss;
import dev.reflux.checkpoints.onnx.OnnxModelBuilder.TextInput;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PrecisionTest {

    private static final List<String> CLASSES = List.of("no", "yes");
    private static final int WIDTH = 40;

    @ParameterizedTest
    @CsvSource({
        "0,0000",
        "-0.0,8000",
        "1,3c00",
        "-2,c000",
        "0.1,2e66",
        "65504,7bff",
        "1e9,7bff",
        "-1e9,fbff",
        // halfway between neighbours goes to the even one
        "2049,6800",
        "2051,6802",
        "0.99951172,3bff",
        "0.99975586,3c00",
        // below 2^-14 there are multiples of 2^-24; 2^-25 is halfway to none
        "6.103515625e-5,0400",
        "6.097555e-5,03ff",
        "5.9604645e-8,0001",
        "2.9802322e-8,0000",
        "8.9406967e-8,0002",
        "NaN,7e00"
    })
    void half_value_isTheNearest(float value, String bits) {
        assertThat(String.format("%04x", PackedWeights.half(value) & 0xffff)).isEqualTo(bits);
    }

    /** Columns 0.5..1 and up to 127 have the scales 1/127 and 1; a column of zeros has 1. */
    @Test
    void bytes_matrix_hasAScalePerColumn() {
        float[] matrix = {0.5f, 127, 0, -1, -3.4f, 0};

        float[] scales = PackedWeights.scales(matrix, 1, 2, 3);

        assertThat(scales).containsExactly(1 / 127f, 1, 1);
        assertThat(PackedWeights.bytes("m", matrix, scales, 1, 2, 3)
                        .getRawData()
                        .toByteArray())
                .containsExactly(64, 127, 0, -127, -3, 0);
        assertThat(PackedWeights.scales(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 0, 2, 2, 2))
                .containsExactly(4 / 127f, 8 / 127f);
    }

    /** What the graph computes is what its rounded weights say, not merely something near. */
    @ParameterizedTest
    @EnumSource(Precision.class)
    void matrix_inTheGraph_isTheRoundedOne(Precision precision) {
        Random random = new Random(5);
        float[] weights = gaussians(random, WIDTH * 2);
        float[] rounded = rounded(weights, precision);
        OnnxModelBuilder builder =
                new OnnxModelBuilder(List.of(new Tensor("x", List.of(WIDTH))), precision, TextInput.RAW);
        String matrix = builder.constant("w", weights, WIDTH, 2);
        String bias = builder.constant("b", new float[] {0.25f, -0.25f}, 2);
        String first = builder.node("Gemm", builder.tensors().get(0), matrix, bias);
        // used twice: the operator that makes floats of it is there once
        byte[] model = builder.finish(
                builder.node(
                        "Add", first, builder.node("MatMul", builder.tensors().get(0), matrix)),
                CLASSES,
                Map.of());
        float[] x = gaussians(random, WIDTH);
        try (OnnxStudent student = new OnnxStudent(model)) {
            float[] logits = student.logits(new RawBatch(1, new float[0], List.of(), List.of(), List.of(x)));

            for (int c = 0; c < 2; c++) {
                double expected = c == 0 ? 0.25 : -0.25;
                for (int i = 0; i < WIDTH; i++) {
                    expected += 2 * x[i] * rounded[2 * i + c];
                }
                assertThat((double) logits[c]).isCloseTo(expected, within(2e-6));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void table_inTheGraph_givesRoundedRows(Precision precision) {
        float[] table = gaussians(new Random(6), WIDTH * 2);
        float[] rounded = rounded(table, precision);
        OnnxModelBuilder builder =
                new OnnxModelBuilder(List.of(Category.ofCodes("c", WIDTH - 1)), precision, TextInput.RAW);
        String rows = builder.node(
                "Gather",
                builder.constant("t", table, WIDTH, 2),
                builder.categories().get(0));
        byte[] model = builder.finish(rows, CLASSES, Map.of());
        try (OnnxStudent student = new OnnxStudent(model)) {
            float[] logits = student.logits(new RawBatch(
                    2,
                    new float[0],
                    List.of(new RawBatch.Codes(new long[] {7, RawBatch.MISSING})),
                    List.of(),
                    List.of()));

            assertThat(logits)
                    .containsExactly(rounded[14], rounded[15], rounded[2 * (WIDTH - 1)], rounded[2 * (WIDTH - 1) + 1]);
        }
    }

    @Test
    void model_withFewerBits_isSmallerAndSaysNearlyTheSame() {
        List<InputColumn> text = List.of(new Text("text", 4096));
        byte[] full = bag(text, Precision.FP32, TextInput.RAW);
        byte[] half = bag(text, Precision.FP16, TextInput.RAW);
        byte[] quarter = bag(text, Precision.INT8, TextInput.RAW);

        assertThat(half.length).isLessThan(full.length * 52 / 100);
        assertThat(quarter.length).isLessThan(full.length * 27 / 100);
        List<Map<String, String>> rows =
                List.of(Map.of("text", "Hello, wide world"), Map.of(), Map.of("text", "Ärger 42"));
        assertThat(difference(full, half, RawBatch.of(text, rows))).isBetween(1e-9, 1e-3);
        assertThat(difference(full, quarter, RawBatch.of(text, rows))).isBetween(1e-9, 1e-2);
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void buckets_inPlaceOfTexts_giveTheSame(Precision precision) {
        List<InputColumn> text = List.of(new Text("text", 4096));
        String[] words = {"Hello, wide world", "", "Ärger 42"};
        int width = 3;
        long[] buckets = new long[words.length * width];
        Arrays.fill(buckets, -1);
        for (int row = 0; row < words.length; row++) {
            int[] tokens = Students.buckets(words[row], 4096);
            for (int i = 0; i < tokens.length; i++) {
                buckets[row * width + i] = tokens[i];
            }
        }
        RawBatch raw = new RawBatch(3, new float[0], List.of(), List.<String[]>of(words), List.of());
        RawBatch tokens = new RawBatch(
                3, new float[0], List.of(), List.of(), List.of(), List.of(new RawBatch.Tokens(width, buckets)));
        try (OnnxStudent published = new OnnxStudent(bag(text, precision, TextInput.RAW));
                OnnxStudent measured = new OnnxStudent(bag(text, precision, TextInput.BUCKETS))) {
            assertThat(measured.score(tokens)).containsExactly(published.score(raw));
        }
    }

    @Test
    void meter_ofAModelAndItself_losesNothing() {
        List<InputColumn> text = List.of(new Text("text", 4096));
        byte[] model = bag(text, Precision.FP32, TextInput.RAW);
        try (PrecisionMeter meter = new PrecisionMeter(model, model)) {
            meter.add(RawBatch.of(text, List.of(Map.of("text", "a b"), Map.of())), IntBuffer.wrap(new int[] {0, -1}));

            assertThat(meter.loss()).isEqualTo(new PrecisionLoss(0, 0, 0, 1));
        }
    }

    /** Two models that say "no" and "yes" with 0.8 to every event: on 3 of "no" and 1 of "yes" half of the events are lost. */
    @Test
    void meter_ofTwoModels_countsWhatTheSecondLoses() {
        RawBatch rows = RawBatch.of(
                List.of(Category.ofCodes("c", 2)), List.of(Map.of(), Map.of(), Map.of(), Map.of(), Map.of()));
        float logit = (float) Math.log(4);
        try (PrecisionMeter meter = new PrecisionMeter(constant(logit, 0), constant(0, logit))) {
            meter.add(rows, IntBuffer.wrap(new int[] {0, 0, 0, 1, -1}));

            PrecisionLoss loss = meter.loss();
            assertThat(loss.accuracy()).isEqualTo(0.5);
            assertThat(loss.logLoss()).isCloseTo(0.5 * Math.log(4), within(1e-6));
            assertThat(loss.maxDifference()).isCloseTo(0.6, within(1e-6));
            assertThat(loss.events()).isEqualTo(4);
        }
        try (PrecisionMeter meter = new PrecisionMeter(constant(logit, 0), constant(0, logit))) {
            meter.add(rows, IntBuffer.wrap(new int[] {-1, -1, -1, -1, -1}));
            assertThat(meter.loss().accuracy()).isNaN();
        }
    }

    private static byte[] constant(float no, float yes) {
        OnnxModelBuilder builder = new OnnxModelBuilder(List.of(Category.ofCodes("c", 2)));
        float[] table = {no, yes, no, yes, no, yes};
        String rows = builder.node(
                "Gather",
                builder.constant("t", table, 3, 2),
                builder.categories().get(0));
        return builder.finish(rows, CLASSES, Map.of());
    }

    /** Sum of the vectors of a text's tokens, then a matrix. */
    private static byte[] bag(List<InputColumn> columns, Precision precision, TextInput texts) {
        Random random = new Random(9);
        OnnxModelBuilder builder = new OnnxModelBuilder(columns, precision, texts);
        float[] table = gaussians(random, 4097 * 16);
        Arrays.fill(table, 4096 * 16, table.length, 0);
        String rows = builder.node(
                "Gather",
                builder.constant("t", table, 4097, 16),
                builder.texts().get(0));
        String axis = builder.constant("axis", new long[] {1}, 1);
        String sum = builder.node("ReduceSum", List.of(rows, axis), Map.of("keepdims", 0L));
        String matrix = builder.constant("w", gaussians(random, 32), 16, 2);
        return builder.finish(builder.node("MatMul", sum, matrix), CLASSES, Map.of());
    }

    private static double difference(byte[] a, byte[] b, RawBatch rows) {
        try (OnnxStudent first = new OnnxStudent(a);
                OnnxStudent second = new OnnxStudent(b)) {
            float[] left = first.score(rows);
            float[] right = second.score(rows);
            double max = 0;
            for (int i = 0; i < left.length; i++) {
                max = Math.max(max, Math.abs(left[i] - right[i]));
            }
            return max;
        }
    }

    /** A matrix of two columns as the precision keeps it, in plain Java. */
    private static float[] rounded(float[] weights, Precision precision) {
        float[] rounded = weights.clone();
        for (int i = 0; i < weights.length; i++) {
            switch (precision) {
                case FP32 -> {}
                case FP16 -> {
                    int exponent = Math.max(-14, Math.getExponent(weights[i]));
                    rounded[i] = Math.scalb((float) Math.rint(Math.scalb(weights[i], 10 - exponent)), exponent - 10);
                }
                case INT8 -> {
                    float largest = 0;
                    for (int j = i % 2; j < weights.length; j += 2) {
                        largest = Math.max(largest, Math.abs(weights[j]));
                    }
                    float scale = largest / 127;
                    rounded[i] = (float) Math.rint((double) weights[i] / scale) * scale;
                }
            }
        }
        return rounded;
    }

    private static float[] gaussians(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() * 0.3f;
        }
        return values;
    }
}
