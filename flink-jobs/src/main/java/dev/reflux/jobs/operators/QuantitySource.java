package dev.reflux.jobs.operators;

import dev.reflux.drift.CalibrationDistribution;
import dev.reflux.drift.CategoryDistribution;
import dev.reflux.drift.Distribution;
import dev.reflux.drift.EmbeddingDistribution;
import dev.reflux.drift.NumericDistribution;
import dev.reflux.drift.Quantity;
import dev.reflux.events.MicroBatch;

/**
 * Where the values of a watched quantity come from.
 *
 * @param column among the columns of its kind in a batch; for a tensor, the place of its first number in an event
 * @param size of a category's or label's set of codes, or of a vector
 * @param width of a vector's kernel; 0 takes it from the first ones
 * @param every only every so many-th event is taken
 */
record QuantitySource(Kind kind, int column, int size, double width, int every) {

    /** What is taken of an event. */
    enum Kind {
        NUMERIC,
        CATEGORY,
        TENSOR,
        LABEL,
        PREDICTION,
        CONFIDENCE,
        /** Confidence, and whether the prediction was right. */
        OUTCOME,
        OUTPUT;

        /** Whether it is what a model says, which is new at first. */
        boolean isOfModel() {
            return switch (this) {
                case NUMERIC, CATEGORY, TENSOR, LABEL -> false;
                case PREDICTION, CONFIDENCE, OUTCOME, OUTPUT -> true;
            };
        }
    }

    static QuantitySource of(Kind kind, int column, int size) {
        return new QuantitySource(kind, column, size, 0, 1);
    }

    Distribution empty(long seed) {
        return switch (kind) {
            case NUMERIC, CONFIDENCE -> new NumericDistribution(seed);
            case CATEGORY, LABEL, PREDICTION -> new CategoryDistribution(size);
            case OUTCOME -> new CalibrationDistribution();
            case TENSOR, OUTPUT -> new EmbeddingDistribution(size, seed, width);
        };
    }

    boolean takes(long event) {
        return event % every == 0;
    }

    /** Gives a quantity what it is to have of a row, if the row has it. */
    void feed(Quantity quantity, MicroBatch batch, int row, ModelOutputs model) {
        int label = batch.labels().get(row);
        if (kind.isOfModel() && !model.speaks(row)) {
            return;
        }
        switch (kind) {
            case NUMERIC ->
                quantity.add((double) batch.numeric().get(row * batch.layout().numeric() + column));
            case CATEGORY ->
                quantity.add(batch.categories().get(row * batch.layout().categories() + column));
            case TENSOR -> {
                float[] vector = new float[size];
                batch.tensors().get(row * batch.layout().tensorVolume() + column, vector);
                quantity.add(vector, 0);
            }
            case LABEL -> {
                if (label >= 0) {
                    quantity.add(label);
                }
            }
            case PREDICTION -> quantity.add(model.predicted(row));
            case CONFIDENCE -> quantity.add(model.confidence(row));
            case OUTCOME -> {
                if (label >= 0) {
                    quantity.add(model.confidence(row), model.predicted(row) == label ? 1 : 0);
                }
            }
            case OUTPUT -> quantity.add(model.given(), row * model.classes());
        }
    }
}
