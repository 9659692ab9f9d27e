package dev.reflux.distillation.network;

import java.util.List;

/**
 * A bag of hashed words: the embeddings of a text's distinct tokens, summed, and on them a linear head, or a perceptron
 * (after fastText, Joulin et al. 2016). It knows which words there are, not their order; in return it costs next to nothing
 * and learns from each event at once. Other features are read beside the text.
 *
 * @param embedding width of the embedding of each token
 * @param hidden width of each hidden layer between texts and head; none is best as long as there are few events
 * @param activation after each hidden layer
 */
public record TextSpec(int embedding, List<Integer> hidden, Activation activation) implements NetworkSpec {

    public TextSpec {
        hidden = List.copyOf(hidden);
        MlpSpec.requireWidths(hidden);
        if (embedding < 1) {
            throw new IllegalArgumentException("embedding: " + embedding + " found, must be at least 1");
        }
    }

    @Override
    public EncodingSpec encoding() {
        return EncodingSpec.bag(embedding);
    }

    @Override
    public Mlp build(InputShape input, int classes) {
        if (input.parts().stream().noneMatch(InputShape.Bag.class::isInstance)) {
            throw new IllegalArgumentException("text needs a text feature; found " + input.inWords()
                    + "; add a feature of type text, or choose another network");
        }
        return new MlpSpec(hidden, activation, false, false, 0).build(input, classes);
    }
}
