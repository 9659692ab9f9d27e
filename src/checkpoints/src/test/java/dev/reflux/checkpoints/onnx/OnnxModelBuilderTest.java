package dev.reflux.checkpoints.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.reflux.checkpoints.Checkpoint;
import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.InputColumn.Category;
import dev.reflux.checkpoints.InputColumn.Numeric;
import dev.reflux.checkpoints.InputColumn.Text;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxModelBuilderTest {

    @Test
    void murmur_knownVectors_hold() {
        assertThat(Students.murmur(new byte[0])).isZero();
        assertThat(Integer.toHexString(Students.murmur("hello".getBytes(StandardCharsets.UTF_8))))
                .isEqualTo("248bfa47");
        assertThat(Integer.toHexString(Students.murmur("hello, world".getBytes(StandardCharsets.UTF_8))))
                .isEqualTo("149bbb7f");
    }

    @Test
    void finish_sameCalls_givesSameBytes() {
        assertThat(Students.linear(1)).isEqualTo(Students.linear(1));
        assertThat(Students.linear(1)).isNotEqualTo(Students.linear(2));
    }

    @Test
    void finish_acrossJvms_givesSameBytes() {
        // Map.of iterates in another order in each JVM; only a fixed digest shows that none of it gets into the file
        assertThat(Checkpoint.sha256(Students.linear(1)))
                .isEqualTo("730c3cf8add28c4d59ecd498e968b7fb3c4296ffc3d22acf52e5fcaa2b6f4662");
    }

    @Test
    void finish_pinsVersionsAndImportsOnlyWhatItUses() throws Exception {
        OnnxModelBuilder builder = new OnnxModelBuilder(List.of(new Numeric("a"), new Numeric("b")));
        ModelProto plain = ModelProto.parseFrom(builder.finish(builder.numeric(), List.of("a", "b"), Map.of()));
        ModelProto all = ModelProto.parseFrom(Students.linear(1));

        assertThat(plain.getIrVersion()).isEqualTo(9);
        assertThat(plain.getOpsetImportList())
                .extracting(o -> o.getDomain() + o.getVersion())
                .containsExactly("20");
        assertThat(all.getOpsetImportList())
                .extracting(o -> o.getDomain() + o.getVersion())
                .containsExactly("20", "ai.onnx.ml3", "com.microsoft1");
        assertThat(all.getGraph().getInputList())
                .extracting(i -> i.getName())
                .containsExactly("price", "day", "text", "state", "image", "demand");
    }

    @Test
    void finish_leavesOutWhatNoOutputDependsOn() throws Exception {
        OnnxModelBuilder builder =
                new OnnxModelBuilder(List.of(new Numeric("a"), new Numeric("b"), new Text("note", 8)));
        String weights = builder.constant("weights", new float[] {1, 2, 3, 4}, 2, 2);
        List<String> top = builder.node(
                "TopK", List.of(builder.numeric(), builder.constant("two", new long[] {2}, 1)), Map.of("axis", 1L), 2);
        String unused = builder.node("Relu", builder.node("Identity", top.get(1)));
        builder.constant("loose", new float[] {1}, 1);

        byte[] file = builder.finish(builder.node("MatMul", top.get(0), weights), List.of("x", "y"), Map.of());

        ModelProto model = ModelProto.parseFrom(file);
        assertThat(model.getGraph().getNodeList())
                .extracting(NodeProto::getOpType)
                .containsExactly("Concat", "TopK", "MatMul", "Identity", "Softmax");
        assertThat(model.getGraph().getNodeList())
                .flatExtracting(NodeProto::getOutputList)
                .doesNotContain(unused);
        assertThat(model.getGraph().getInitializerList())
                .extracting(TensorProto::getName)
                .containsExactly("weights", "two");
        assertThat(model.getGraph().getValueInfoList()).isEmpty();
        assertThat(model.getGraph().getInputList())
                .as("a consumer has these columns, whether they are read or not")
                .extracting(ValueInfoProto::getName)
                .containsExactly("a", "b", "note");
        assertThat(model.getOpsetImportList())
                .as("nothing of the text is left, so its domain is not imported")
                .extracting(OperatorSetIdProto::getDomain)
                .containsExactly("");
        try (OnnxStudent student = new OnnxStudent(file)) {
            Map<String, Object> row = Map.of("a", 5, "b", 7, "note", "hello");
            assertThat(student.logits(RawBatch.of(student.inputs(), List.of(row))))
                    .containsExactly(7 + 3 * 5, 2 * 7 + 4 * 5);
        }
    }

    @ParameterizedTest
    @CsvSource({"0,0", "6,6", "7,7", "-1,7", "8,7", "9223372036854775807,7", "-9223372036854775808,7"})
    void categories_code_isItselfOrUnknown(long code, float expected) {
        OnnxModelBuilder builder = new OnnxModelBuilder(List.of(Category.ofCodes("day", 7)));
        byte[] model =
                showing(builder, builder.node("Unsqueeze", builder.categories().get(0), one(builder)));

        try (OnnxStudent student = new OnnxStudent(model)) {
            assertThat(student.logits(new RawBatch(
                            1, new float[0], List.of(new RawBatch.Codes(new long[] {code})), List.of(), List.of())))
                    .containsExactly(expected, expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"NSW,0", "Süd,1", "🙂,2", "a b,3", "nsw,4", "'',4", "süd,4", "🙃,4"})
    void categories_value_isItsPlaceOrUnknown(String value, float expected) {
        OnnxModelBuilder builder =
                new OnnxModelBuilder(List.of(Category.ofValues("state", List.of("NSW", "Süd", "🙂", "a b"))));
        byte[] model =
                showing(builder, builder.node("Unsqueeze", builder.categories().get(0), one(builder)));

        try (OnnxStudent student = new OnnxStudent(model)) {
            assertThat(student.logits(RawBatch.of(student.inputs(), List.of(Map.of("state", value)))))
                    .containsExactly(expected, expected);
        }
    }

    @Test
    void texts_anyText_areTheBucketsOfItsTokens() {
        List<String> texts = List.of(
                "Hello, World!",
                "",
                "... !? --",
                "ÄÖ Straße ΣΑΣ İstanbul naïve ПРИВЕТ",
                "e\u0301 x₂ ½ Ⅷ ٣ 日本語 𝐀𝐁 𠀀 🙂a",
                "tab\tnew\nline nul\u0000in lone\ud800half",
                "MiXeD42 MIXEDÄ under_score can't",
                "x".repeat(5000) + " Y");

        for (List<String> batch : List.of(texts, texts.subList(1, 3), texts.subList(1, 2), texts.subList(4, 5))) {
            assertThat(tokens(batch, 1 << 20))
                    .isEqualTo(batch.stream()
                            .map(text -> Arrays.stream(Students.buckets(text, 1 << 20))
                                    .boxed()
                                    .toList())
                            .toList());
        }
    }

    @Test
    void texts_hashAboveTwoToTheThirtyOne_isUnsigned() {
        int hash = Students.murmur("world".getBytes(StandardCharsets.UTF_8));
        assertThat(hash).isNegative();

        assertThat(tokens(List.of("world"), 1000))
                .isEqualTo(List.of(List.of((int) (Integer.toUnsignedLong(hash) % 1000))));
    }

    @Test
    void texts_eachAssignedCharacter_isLetterOrSeparatorAsInJava() {
        // a newer Java knows characters that ONNX Runtime 1.28 does not
        assumeThat(Runtime.version().feature()).isEqualTo(17);
        List<String> texts = new ArrayList<>();
        List<Integer> codePoints = new ArrayList<>();
        for (int c = 1; c <= 0x2fa1d; c++) {
            boolean known = Character.isDefined(c)
                    && Character.getType(c) != Character.SURROGATE
                    && Character.getType(c) != Character.PRIVATE_USE;
            if (known) {
                codePoints.add(c);
                texts.add(Character.toString(c));
            }
        }
        List<List<Integer>> found = tokens(texts, 1 << 20);

        List<String> different = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            if (found.get(i).isEmpty() == Students.isToken(codePoints.get(i))) {
                different.add("U+" + Integer.toHexString(codePoints.get(i)));
            }
        }
        assertThat(texts).hasSizeGreaterThan(100_000);
        assertThat(different).isEmpty();
    }

    @Test
    void constructor_unusableColumns_areNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OnnxModelBuilder(List.of(new Numeric("logits"))))
                .withMessageContaining("'logits'")
                .withMessageContaining("rename the feature");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OnnxModelBuilder(List.of(new Numeric("a"), new Text("a", 3))))
                .withMessageContaining("'a' is used twice");
        assertThatIllegalArgumentException().isThrownBy(() -> new OnnxModelBuilder(List.of()));
    }

    @Test
    void columns_namedLikeOurOwnValues_doNotCollide() {
        List<InputColumn> columns = List.of(
                new Numeric("flat"),
                new Numeric("concat"),
                new Numeric("/"),
                Category.ofCodes("where", 3),
                new Text("zero", 4));
        OnnxModelBuilder builder = new OnnxModelBuilder(columns);
        String sum = builder.node(
                "ReduceSum",
                List.of(builder.numeric(), builder.constant("flat", new long[] {1}, 1)),
                Map.of("keepdims", 1L));

        try (OnnxStudent student =
                new OnnxStudent(showing(builder, builder.node("Cast", List.of(sum), Map.of("to", 7L))))) {
            Map<String, Object> row = new HashMap<>(Map.of("flat", 1, "concat", 2, "/", 3, "where", 1));
            assertThat(student.logits(RawBatch.of(columns, List.of(row)))).containsExactly(6, 6);
        }
    }

    @Test
    void node_badInputOrAttribute_isNamed() {
        OnnxModelBuilder builder = new OnnxModelBuilder(List.of(new Numeric("a")));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.node("Relu", "b"))
                .withMessageContaining("input 'b' of Relu is not in the graph");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.node("Concat", List.of("a"), Map.of("axis", 1)))
                .withMessageContaining("axis of Concat is a Integer");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.constant("w", new float[3], 2, 2))
                .withMessageContaining("3 values but its shape [2, 2] holds 4");
        builder.finish("a", List.of("x", "y"), Map.of());
        assertThatIllegalStateException().isThrownBy(() -> builder.node("Relu", "a"));
    }

    private static String one(OnnxModelBuilder builder) {
        return builder.constant("one", new long[] {1}, 1);
    }

    /** A model whose two logits are both the one integer column given. */
    private static byte[] showing(OnnxModelBuilder builder, String column) {
        String twice = builder.node("Concat", List.of(column, column), Map.of("axis", 1L));
        return builder.finish(builder.node("Cast", List.of(twice), Map.of("to", 1L)), List.of("a", "b"), Map.of());
    }

    /** Buckets of each text, read one by one through the graph: -1 must only pad. */
    private static List<List<Integer>> tokens(List<String> texts, int buckets) {
        int width = texts.stream()
                .mapToInt(text -> Students.buckets(text, buckets).length)
                .max()
                .orElse(0);
        List<InputColumn> columns = List.of(new Text("text", buckets));
        OnnxModelBuilder builder = new OnnxModelBuilder(columns);
        // pads to a width known here, since the number of classes is fixed
        String padded = builder.node(
                "Concat",
                List.of(
                        builder.texts().get(0),
                        builder.node(
                                "Expand",
                                builder.constant("pads", new long[] {-1}, 1, 1),
                                builder.constant("shape", new long[] {texts.size(), width + 2}, 2))),
                Map.of("axis", 1L));
        String cut = builder.node(
                "Slice",
                padded,
                builder.constant("from", new long[] {0}, 1),
                builder.constant("to", new long[] {width + 2}, 1),
                builder.constant("axes", new long[] {1}, 1));
        List<String> classes = new ArrayList<>();
        for (int i = 0; i < width + 2; i++) {
            classes.add("c" + i);
        }
        byte[] model = builder.finish(builder.node("Cast", List.of(cut), Map.of("to", 1L)), classes, Map.of());
        try (OnnxStudent student = new OnnxStudent(model)) {
            float[] values = student.logits(new RawBatch(
                    texts.size(), new float[0], List.of(), List.<String[]>of(texts.toArray(String[]::new)), List.of()));
            List<List<Integer>> rows = new ArrayList<>();
            for (int row = 0; row < texts.size(); row++) {
                List<Integer> found = new ArrayList<>();
                boolean ended = false;
                for (int i = 0; i < width + 2; i++) {
                    int bucket = (int) values[row * (width + 2) + i];
                    assertThat(ended && bucket >= 0).isFalse();
                    ended = bucket == -1;
                    if (!ended) {
                        found.add(bucket);
                    }
                }
                rows.add(found);
            }
            return rows;
        }
    }
}
