package dev.reflux.distillation.network;

import java.util.List;

/**
 * A multi-layer perceptron: {@code hidden.size()} blocks of linear, optional layer norm, activation, and a linear head.
 *
 * @param hidden width of each hidden layer; empty makes a linear model
 * @param activation after each hidden layer
 * @param layerNorm normalise each hidden layer before its activation (Ba et al. 2016)
 * @param residual add a hidden layer's input to its output where both have the same width
 * @param embedding width of the embedding of each category and text column; 0 chooses by the number of codes
 */
public record MlpSpec(List<Integer> hidden, Activation activation, boolean layerNorm, boolean residual, int embedding)
        implements NetworkSpec {

    public MlpSpec {
        hidden = List.copyOf(hidden);
        requireWidths(hidden);
        if (embedding < 0) {
            throw new IllegalArgumentException("embedding: " + embedding + " found, must not be negative");
        }
    }

    static void requireWidths(List<Integer> hidden) {
        for (int width : hidden) {
            if (width < 1) {
                throw new IllegalArgumentException("hidden: width " + width + " found, must be at least 1");
            }
        }
    }

    @Override
    public EncodingSpec encoding() {
        return EncodingSpec.mean(embedding);
    }

    @Override
    public Mlp build(InputShape input, int classes) {
        return new Mlp(this, input.width(), classes);
    }

    /** Plain ReLU layers of these widths. */
    public static MlpSpec of(Integer... hidden) {
        return new MlpSpec(List.of(hidden), Activation.RELU, false, false, 0);
    }
}
