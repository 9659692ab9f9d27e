package dev.reflux.distillation;

/** Something that answers examples with logits: a network that learns here, a file from elsewhere, the events themselves. */
public interface Predictor extends AutoCloseable {

    /**
     * Writes the outputs for rows {@code from} to {@code to} of the examples; NaN for a row about which it says nothing.
     *
     * @param outputs of the whole batch
     */
    void predict(Examples examples, int from, int to, Outputs outputs);

    /** Values that it has learned; 0 where that is not known. */
    long parameterCount();

    @Override
    void close();
}
