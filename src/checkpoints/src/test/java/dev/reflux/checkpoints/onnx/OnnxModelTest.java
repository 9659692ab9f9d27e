package dev.reflux.checkpoints.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.InputColumn.Category;
import dev.reflux.checkpoints.InputColumn.Numeric;
import dev.reflux.checkpoints.InputColumn.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OnnxModelTest {

    private static final List<InputColumn> FEATURES = List.of(
            new Numeric("price"),
            Category.ofCodes("day", 7),
            Category.ofValues("state", List.of("NSW", "VIC")),
            new Tensor("image", List.of(2, 2)),
            new Numeric("demand"));

    private static final List<String> CLASSES = List.of("DOWN", "UP");

    @Test
    void run_publishedStudent_givesItsLogits() {
        List<InputColumn> features = new ArrayList<>(Students.COLUMNS);
        Collections.reverse(features);
        features.add(new Numeric("that the student does not take"));
        byte[] bytes = Students.linear(3);
        try (OnnxStudent student = new OnnxStudent(bytes);
                OnnxModel model = new OnnxModel(bytes, features, Students.CLASSES)) {
            List<Map<String, Object>> rows = Students.rows(20, 5);

            float[] logits = model.run(RawBatch.of(model.inputs(), rows));

            assertThat(model.givesLogits()).isTrue();
            assertThat(model.inputs()).isEqualTo(features.subList(0, Students.COLUMNS.size()));
            assertThat(logits).isEqualTo(student.logits(RawBatch.of(student.inputs(), rows)));
        }
    }

    @Test
    void run_modelThatDoesNotDescribeItself_givesItsProbabilities() {
        byte[] bytes = model(
                List.of(numeric("demand"), numeric("price"), Protos.value("day", DataType.INT64, "n", 1)),
                "probabilities",
                2);
        try (OnnxModel model = new OnnxModel(bytes, FEATURES, CLASSES)) {
            assertThat(model.inputs()).extracting(InputColumn::name).containsExactly("price", "day", "demand");
            assertThat(model.givesLogits()).isFalse();
            float[] probabilities = model.run(RawBatch.of(
                    model.inputs(),
                    List.of(Map.of("price", 0, "demand", Math.log(3)), Map.of("price", 1, "demand", 1))));
            // the model's own order: demand, then price
            assertThat(probabilities).containsExactly(new float[] {0.75f, 0.25f, 0.5f, 0.5f}, within(1e-6f));
        }
    }

    @Test
    void run_closed_isRefused() {
        OnnxModel model =
                new OnnxModel(model(List.of(numeric("demand"), numeric("price")), "logits", 2), FEATURES, CLASSES);
        RawBatch rows = RawBatch.of(model.inputs(), List.of(Map.of()));
        model.close();
        assertThatIllegalStateException().isThrownBy(() -> model.run(rows)).withMessageContaining("is closed");
    }

    @Test
    void create_otherInputs_areNamed() {
        ValueInfoProto price = numeric("price");
        rejects(
                model(List.of(price, numeric("volume")), "logits", 2),
                "takes 'volume', the features are [price, day, state, image, demand]");
        rejects(
                model(
                        List.of(price, numeric("demand"), Protos.value("image", DataType.DOUBLE, "n", 2, 2)),
                        "logits",
                        2),
                "for 'image'",
                "not a tensor of FLOAT");
        rejects(
                model(List.of(price, numeric("demand"), Protos.value("state", DataType.INT64, "n", 1)), "logits", 2),
                "for 'state'",
                "not a tensor of STRING");
        rejects(
                model(
                        List.of(price, numeric("demand"), Protos.value("day", DataType.INT64, new String[] {"n"})),
                        "logits",
                        2),
                "takes 'day' of shape [-1], the feature has [-1, 1]");
        rejects(
                model(List.of(price, numeric("demand"), Protos.value("image", DataType.FLOAT, "n", 2, 3)), "logits", 2),
                "takes 'image' of shape [-1, 2, 3], the feature has [-1, 2, 2]");
        rejects(
                model(List.of(price, numeric("demand"), one("day")), "logits", 2),
                "takes 'day' of shape [1, 1], the feature has [-1, 1]",
                "any number of rows");
    }

    @Test
    void create_otherOutputs_areNamed() {
        List<ValueInfoProto> inputs = List.of(numeric("price"), numeric("demand"));
        rejects(model(inputs, "label", 2), "gives [label]; name its output logits, or probabilities");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OnnxModel(model(inputs, "logits", 2), FEATURES, List.of("a", "b", "c")))
                .withMessageContaining("output 'logits' has the shape [-1, 2], expected is [-1, 3]");
    }

    @Test
    void create_studentOfOtherClasses_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OnnxModel(Students.linear(3), Students.COLUMNS, List.of("UP", "DOWN", "FLAT")))
                .withMessage("the model knows the classes " + Students.CLASSES
                        + ", expected are [UP, DOWN, FLAT]; they must be the same, in order");
    }

    @Test
    void create_noModel_isRefused() {
        rejects(new byte[0], "does not take the model");
        rejects(Arrays.copyOf(Students.linear(3), 200), "does not take the model");
    }

    private static void rejects(byte[] model, String... parts) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OnnxModel(model, FEATURES, CLASSES))
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    private static ValueInfoProto numeric(String name) {
        return Protos.value(name, DataType.FLOAT, "n", 1);
    }

    /** An input of exactly one row. */
    private static ValueInfoProto one(String name) {
        ValueInfoProto.Builder value = Protos.value(name, DataType.INT64, "n", 1).toBuilder();
        value.getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .getDimBuilder(0)
                .setDimValue(1);
        return value.build();
    }

    /** A graph that joins its first two inputs and names that, or its softmax where it gives probabilities, as its output. */
    private static byte[] model(List<ValueInfoProto> inputs, String output, int classes) {
        GraphProto graph = GraphProto.newBuilder()
                .setName("foreign")
                .addAllInput(inputs)
                .addNode(Protos.node(
                                "",
                                "Concat",
                                List.of(inputs.get(0).getName(), inputs.get(1).getName()),
                                Map.of("axis", 1L))
                        .addOutput("joined"))
                .addNode(Protos.node(
                                "",
                                output.equals("probabilities") ? "Softmax" : "Identity",
                                List.of("joined"),
                                Map.of())
                        .addOutput(output))
                .addOutput(Protos.value(output, DataType.FLOAT, "n", classes))
                .build();
        return ModelProto.newBuilder()
                .setIrVersion(9)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OnnxModelBuilder.OPSET))
                .setGraph(graph)
                .build()
                .toByteArray();
    }
}
