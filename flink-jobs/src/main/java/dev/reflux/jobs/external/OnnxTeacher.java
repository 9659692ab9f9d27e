package dev.reflux.jobs.external;

import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.onnx.OnnxModel;
import dev.reflux.checkpoints.onnx.RawBatch;
import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.Predictor;
import dev.reflux.distillation.external.Answer;
import dev.reflux.events.EventSchema;
import dev.reflux.jobs.publish.RawColumns;
import dev.reflux.jobs.publish.StudentExport;
import java.util.Collection;
import java.util.List;

/**
 * A teacher that is an ONNX model of the contract of our published students: such a student, or any model that was exported
 * with the raw features as named inputs. It takes the features that its inputs name; texts it cannot take, because examples
 * hold no words, only the hash buckets of words. Its logits are its output {@code logits}, else the logarithms of
 * {@code probabilities}.
 */
public final class OnnxTeacher implements Predictor {

    private final OnnxModel model;
    private final RawColumns columns;
    private final Answer answer;

    /**
     * Opens a model.
     *
     * @param schema by which the examples were decoded
     * @param features names of the features that it may take; none stands for all
     * @throws IllegalArgumentException when ONNX Runtime does not take the model, it asks for other inputs or for texts, or
     *     gives no such output
     */
    public OnnxTeacher(byte[] onnx, EventSchema schema, Collection<String> features) {
        EventSchema seen = features.isEmpty() ? schema : schema.select(features);
        this.model =
                new OnnxModel(onnx, StudentExport.columns(seen), schema.label().classes());
        List<String> texts = model.inputs().stream()
                .filter(InputColumn.Text.class::isInstance)
                .map(InputColumn::name)
                .toList();
        if (!texts.isEmpty()) {
            model.close();
            throw new IllegalArgumentException("the model takes the texts " + texts
                    + ", which cannot be fed: events hold no words, only the hash buckets of words;"
                    + " use a model without text, or give its probabilities inside the events");
        }
        this.columns = new RawColumns(schema, model.inputs());
        this.answer = model.givesLogits() ? Answer.LOGITS : Answer.PROBABILITIES;
    }

    @Override
    public void predict(Examples examples, int from, int to, Outputs outputs) {
        RawBatch rows =
                columns.rows(from, to, examples.numeric(), examples.categories(), examples.tensors(), List.of());
        answer.write(model.run(rows), from, to, outputs);
    }

    /** 0: a graph does not tell which of its constants were learned. */
    @Override
    public long parameterCount() {
        return 0;
    }

    @Override
    public void close() {
        model.close();
    }
}
