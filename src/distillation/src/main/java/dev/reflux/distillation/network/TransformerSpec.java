package dev.reflux.distillation.network;

/**
 * A small encoder for texts (Vaswani et al. 2017): embeddings of the first tokens with learned positions, {@code depth}
 * blocks of self-attention and a feed-forward layer, each behind a layer norm (Xiong et al. 2020), and the mean over the
 * tokens, which is normalised in place of each token: so an embedding that has learned something is heard above the others.
 * Several texts are read one behind the other; everything else in a row is put beside the mean.
 *
 * @param tokens of each text that are read; the rest is cut off
 * @param width of the embeddings and of what goes from block to block
 * @param heads of the attention; divides the width
 * @param depth blocks
 * @param feedForward width of the hidden layer of each block
 */
public record TransformerSpec(int tokens, int width, int heads, int depth, int feedForward) implements NetworkSpec {

    public TransformerSpec {
        require("tokens", tokens);
        require("width", width);
        require("heads", heads);
        require("depth", depth);
        require("feedForward", feedForward);
        if (width % heads != 0) {
            throw new IllegalArgumentException("heads: " + heads + " found with a width of " + width
                    + ", must divide it: each head reads its share of the width");
        }
    }

    private static void require(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " found, must be at least 1");
        }
    }

    @Override
    public EncodingSpec encoding() {
        return EncodingSpec.sequence(tokens, width);
    }

    @Override
    public Transformer build(InputShape input, int classes) {
        return new Transformer(this, input, classes);
    }
}
