package dev.reflux.jobs.publish;

import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.onnx.OnnxModelBuilder;
import dev.reflux.checkpoints.onnx.OnnxModelBuilder.TextInput;
import dev.reflux.checkpoints.onnx.Precision;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.export.GraphInputs;
import dev.reflux.events.CategoryFeature;
import dev.reflux.events.EventSchema;
import dev.reflux.events.Feature;
import dev.reflux.events.NumericFeature;
import dev.reflux.events.TensorFeature;
import dev.reflux.events.TextFeature;
import java.util.List;
import java.util.Map;

/** A live student as an ONNX model that takes raw features. */
public final class StudentExport {

    private StudentExport() {}

    /** The features of a schema as the columns of its models, in the same order. */
    public static List<InputColumn> columns(EventSchema schema) {
        return schema.features().stream().map(StudentExport::column).toList();
    }

    private static InputColumn column(Feature feature) {
        if (feature instanceof NumericFeature numeric) {
            return new InputColumn.Numeric(numeric.name());
        } else if (feature instanceof CategoryFeature category) {
            return new InputColumn.Category(category.name(), category.size(), category.values());
        } else if (feature instanceof TextFeature text) {
            return new InputColumn.Text(text.name(), text.buckets());
        } else if (feature instanceof TensorFeature tensor) {
            return new InputColumn.Tensor(tensor.name(), tensor.shape());
        }
        throw new IllegalStateException("feature " + feature + " has no column");
    }

    /** @return the ONNX file; equal students give equal bytes */
    static byte[] onnx(
            Model model, EventSchema schema, Map<String, String> metadata, Precision precision, TextInput texts) {
        OnnxModelBuilder builder = new OnnxModelBuilder(columns(schema), precision, texts);
        GraphInputs inputs =
                new GraphInputs(builder.numeric(), builder.categories(), builder.texts(), builder.tensors());
        String logits = model.export(new BuilderGraphWriter(builder), inputs);
        return builder.finish(logits, schema.label().classes(), metadata);
    }
}
