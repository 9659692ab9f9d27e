package dev.reflux.distillation.external;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.Predictor;

/**
 * A teacher whose probabilities stand in the events, such as a language model that a service asked. Its logits are their
 * logarithms, and NaN where an event has none.
 */
public final class EventTeacher implements Predictor {

    private float[] probabilities = {};

    @Override
    public void predict(Examples examples, int from, int to, Outputs outputs) {
        int classes = outputs.classes();
        if (examples.teacher().limit() != examples.size() * classes) {
            throw new IllegalArgumentException(
                    examples.teacher().limit() + " probabilities of an external teacher found for " + examples.size()
                            + " examples of " + classes + " classes; give the events a teacher, with all classes");
        }
        int size = (to - from) * classes;
        if (probabilities.length < size) {
            probabilities = new float[size];
        }
        examples.teacher().get(from * classes, probabilities, 0, size);
        Answer.PROBABILITIES.write(probabilities, from, to, outputs);
    }

    /** 0: it is not here. */
    @Override
    public long parameterCount() {
        return 0;
    }

    @Override
    public void close() {}
}
