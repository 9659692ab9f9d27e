package dev.reflux.distillation.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextNetworksTest {

    private static final InputShape CATEGORY = new InputShape(3, List.of(new InputShape.Embedding(0, 3)));

    @Test
    void text_isAPerceptronOnBags() {
        InputShape shape = new InputShape(10, List.of(new InputShape.Numbers(0, 2), new InputShape.Bag(2, 8)));

        Mlp network = new TextSpec(8, List.of(6), Activation.TANH).build(shape, 4);

        assertThat(network.parameterCount()).isEqualTo(10 * 6 + 6 + 6 * 4 + 4);
        assertThat(network.layers()).containsExactly(FeatureLayer.flat("hidden-1", 6));
        assertThat(new TextSpec(8, List.of(), Activation.TANH).encoding()).isEqualTo(EncodingSpec.bag(8));
    }

    @Test
    void transformer_blocksKeepTheShape_otherPartsStandBesideTheMean() {
        InputShape shape = new InputShape(
                2 + 2 * 10 * 9,
                List.of(
                        new InputShape.Numbers(0, 2),
                        new InputShape.Sequence(2, 10, 8),
                        new InputShape.Sequence(92, 10, 8)));

        Transformer network = new TransformerSpec(10, 8, 2, 2, 16).build(shape, 4);

        assertThat(network.layers())
                .containsExactly(
                        FeatureLayer.sequence("hidden-1", 20, 8),
                        FeatureLayer.sequence("hidden-2", 20, 8),
                        FeatureLayer.flat("pooled", 8 + 2));
        int attention = 4 * (8 * 8 + 8);
        int feedForward = 8 * 16 + 16 + 16 * 8 + 8;
        int norms = 2 * 2 * 8;
        assertThat(network.parameterCount())
                .isEqualTo(20 * 8 + 2 * (attention + feedForward + norms) + 2 * 8 + 10 * 4 + 4);
        assertThat(network.describe()).isEqualTo("transformer 20x8 heads 2 depth 2 feed-forward 16, 10-4");
    }

    @Test
    void withoutText_isNamedWithTheMend() {
        assertThatThrownBy(() -> new TextSpec(8, List.of(), Activation.TANH).build(CATEGORY, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("text needs a text feature; found a category; add a feature of type text");
        assertThatThrownBy(() -> new TransformerSpec(10, 8, 2, 2, 16).build(CATEGORY, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("transformer needs a text feature; found a category; add a feature of type text");
    }

    @Test
    void badSizes_areNamed() {
        assertThatThrownBy(() -> new TransformerSpec(10, 8, 3, 1, 4))
                .hasMessageContaining("heads: 3 found with a width of 8, must divide it");
        assertThatThrownBy(() -> new TransformerSpec(0, 8, 2, 1, 4)).hasMessageContaining("tokens: 0 found");
        assertThatThrownBy(() -> new TransformerSpec(10, 8, 2, 0, 4)).hasMessageContaining("depth: 0 found");
        assertThatThrownBy(() -> new TextSpec(0, List.of(), Activation.TANH))
                .hasMessageContaining("embedding: 0 found");
        assertThatThrownBy(() -> new TextSpec(8, List.of(0), Activation.TANH))
                .hasMessageContaining("hidden: width 0 found");
    }
}
