package dev.reflux.jobs.operators;

import dev.reflux.distillation.Logits;
import org.jspecify.annotations.Nullable;

/**
 * What a model said of a batch, as drift monitoring reads it.
 *
 * @param logits {@code [size, classes]}; null where there is no such model, a row of NaN where it says nothing
 */
record ModelOutputs(float @Nullable [] logits, int classes) {

    boolean speaks(int row) {
        return logits != null && !Float.isNaN(logits[row * classes]);
    }

    /** The class of the greatest logit. */
    int predicted(int row) {
        return Logits.argmax(given(), row, classes);
    }

    /** The probability of that class. */
    double confidence(int row) {
        return Math.min(1, Math.exp(-loss(row, predicted(row))));
    }

    /** In nats. */
    double loss(int row, int label) {
        return Logits.logLoss(given(), row, classes, label);
    }

    float[] given() {
        if (logits == null) {
            throw new IllegalStateException("the outputs of a model that there is not; ask speaks first");
        }
        return logits;
    }
}
