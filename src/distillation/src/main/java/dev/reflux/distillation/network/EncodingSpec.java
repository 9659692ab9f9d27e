package dev.reflux.distillation.network;

/**
 * How a network wants categories and texts to be turned into numbers.
 *
 * @param embedding width of each embedding; 0 chooses by the number of codes
 * @param pooling what becomes of a text's token embeddings
 * @param tokens tokens of a text that a {@link Pooling#SEQUENCE} keeps; the rest is cut off. 0 otherwise
 */
public record EncodingSpec(int embedding, Pooling pooling, int tokens) {

    /** From token embeddings to numbers. */
    public enum Pooling {
        /** Their mean. */
        MEAN,
        /** Their sum over the square root of their number: long texts keep a signal of the size of short ones. */
        ROOT,
        /** All of them in order, up to a number of tokens. */
        SEQUENCE
    }

    public EncodingSpec {
        if (embedding < 0) {
            throw new IllegalArgumentException("embedding: " + embedding + " found, must not be negative");
        }
        if (pooling == Pooling.SEQUENCE ? tokens < 1 : tokens != 0) {
            throw new IllegalArgumentException(
                    "tokens: " + tokens + " found, must be at least 1 for a sequence and 0 otherwise");
        }
    }

    /** Means of embeddings of a width. */
    public static EncodingSpec mean(int embedding) {
        return new EncodingSpec(embedding, Pooling.MEAN, 0);
    }
}
