package dev.reflux.distillation.network;

/**
 * How a network wants categories and texts to be turned into numbers.
 *
 * @param categoryWidth width of the embedding of a category; 0 chooses by the number of codes
 * @param textWidth width of the embedding of a text's token; 0 chooses
 * @param pooling what becomes of a text's token embeddings
 * @param tokens tokens of a text that a {@link Pooling#SEQUENCE} keeps; the rest is cut off. 0 otherwise
 * @param textScale factor on what comes out of a text. Its square is how many times as fast the embeddings move what the
 *     network sees: of a long text each token gets a small share of the gradient, and few come often
 * @param textDeviation standard deviation with which the embeddings of tokens start, before the factor
 */
public record EncodingSpec(
        int categoryWidth, int textWidth, Pooling pooling, int tokens, float textScale, float textDeviation) {

    /** From token embeddings to numbers. */
    public enum Pooling {
        /** Their mean. */
        MEAN,
        /**
         * Those of the distinct tokens, summed and divided by the square root of their number: a long text keeps a signal
         * of the size of a short one's, and a word that is repeated does not drown the others.
         */
        ROOT,
        /** All of them in order, up to a number of tokens. */
        SEQUENCE
    }

    /**
     * With zeros to start from, a text says nothing until something has been learned from it, instead of noise. A trace of
     * chance lets rectified layers above learn, which would stand still at exactly zero.
     */
    private static final float TRACE = 0.01f;

    /** Of sequences, which a layer norm follows. */
    private static final float SEQUENCE_SCALE = 10;

    /** Of pooled texts; with 8, steps of SGD at a rate of 0.05 are too long already. */
    private static final float ROOT_SCALE = 5;

    public EncodingSpec {
        requireWidth("categoryWidth", categoryWidth);
        requireWidth("textWidth", textWidth);
        if (pooling == Pooling.SEQUENCE ? tokens < 1 : tokens != 0) {
            throw new IllegalArgumentException(
                    "tokens: " + tokens + " found, must be at least 1 for a sequence and 0 otherwise");
        }
        if (!(textScale > 0 && textDeviation >= 0)) {
            throw new IllegalArgumentException("textScale: " + textScale + ", textDeviation: " + textDeviation
                    + " found, must be above 0 and not negative");
        }
    }

    private static void requireWidth(String name, int width) {
        if (width < 0) {
            throw new IllegalArgumentException(name + ": " + width + " found, must not be negative");
        }
    }

    /** Means of embeddings of a width, which start with deviation 1. */
    public static EncodingSpec mean(int embedding) {
        return new EncodingSpec(embedding, embedding, Pooling.MEAN, 0, 1, 1);
    }

    /** Bags of distinct tokens, made to learn fast from single steps. */
    public static EncodingSpec bag(int textWidth) {
        return new EncodingSpec(0, textWidth, Pooling.ROOT, 0, ROOT_SCALE, TRACE);
    }

    /** Sequences of so many tokens at most. */
    public static EncodingSpec sequence(int tokens, int textWidth) {
        return new EncodingSpec(0, textWidth, Pooling.SEQUENCE, tokens, SEQUENCE_SCALE, TRACE);
    }
}
