package dev.reflux.distillation.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.distillation.network.CnnSpec.Downsampling;
import dev.reflux.distillation.network.CnnSpec.Readout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CnnTest {

    private static CnnSpec spec(Downsampling downsampling, boolean residual, Readout readout, Integer... hidden) {
        return new CnnSpec(List.of(4, 8), 3, downsampling, residual, Activation.RELU, readout, List.of(hidden));
    }

    private static InputShape tensor(Integer... sides) {
        InputShape.Tensor tensor = new InputShape.Tensor(0, List.of(sides));
        return new InputShape(tensor.width(), List.of(tensor));
    }

    @Test
    void image_blocksHalveTheSides_thenTheDensePart() {
        Cnn network = spec(Downsampling.POOL, false, Readout.FLATTEN, 10).build(tensor(1, 28, 28), 5);

        assertThat(network.layers())
                .containsExactly(
                        new FeatureLayer("hidden-1", List.of(4, 14, 14)),
                        new FeatureLayer("hidden-2", List.of(8, 7, 7)),
                        FeatureLayer.flat("pooled", 8 * 7 * 7),
                        FeatureLayer.flat("hidden-3", 10));
        assertThat(network.layer(Network.LAST).name()).isEqualTo("hidden-3");
        assertThat(network.parameterCount()).isEqualTo(9 * 4 + 4 + 4 * 9 * 8 + 8 + (8 * 49 * 10 + 10) + (10 * 5 + 5));
        assertThat(network.describe())
                .isEqualTo("cnn [1, 28, 28] to [4, 14, 14] [8, 7, 7] kernel 3 relu pool, flatten 392-10-5");
    }

    @ParameterizedTest
    @EnumSource(Downsampling.class)
    void oddSides_areCutByPooling_andKeptByStrides(Downsampling downsampling) {
        Cnn network = spec(downsampling, false, Readout.AVERAGE).build(tensor(3, 1, 5), 5);

        List<Integer> first = downsampling == Downsampling.POOL ? List.of(4, 1, 2) : List.of(4, 1, 3);
        List<Integer> second = downsampling == Downsampling.POOL ? List.of(8, 1, 1) : List.of(8, 1, 2);
        assertThat(network.layers())
                .containsExactly(
                        new FeatureLayer("hidden-1", first),
                        new FeatureLayer("hidden-2", second),
                        FeatureLayer.flat("pooled", 8));
        assertThat(network.layer(Network.LAST).name()).isEqualTo("pooled");
    }

    @Test
    void signal_isAnImageOfHeightOne_andItsKernelsLookAlongIt() {
        Cnn network = spec(Downsampling.STRIDE, false, Readout.AVERAGE).build(tensor(2, 100), 5);

        assertThat(network.layers().get(0).shape()).containsExactly(4, 1, 50);
        assertThat(network.parameters().get(0).shape()).containsExactly(4, 2, 1, 3);
        assertThat(network.parameterCount()).isEqualTo(2 * 3 * 4 + 4 + 4 * 3 * 8 + 8 + 8 * 5 + 5);
    }

    @Test
    void residual_shortcutOnlyWhereMapsChange() {
        CnnSpec spec =
                new CnnSpec(List.of(4, 4), 3, Downsampling.POOL, true, Activation.RELU, Readout.AVERAGE, List.of());

        assertThat(spec.build(tensor(1, 8, 8), 2).parameters())
                .extracting(Parameter::name)
                .containsExactly(
                        "block1.conv1.weight",
                        "block1.conv1.bias",
                        "block1.conv2.weight",
                        "block1.conv2.bias",
                        "block1.shortcut.weight",
                        "block1.shortcut.bias",
                        "block2.conv1.weight",
                        "block2.conv1.bias",
                        "block2.conv2.weight",
                        "block2.conv2.bias",
                        "head.weight",
                        "head.bias");
    }

    @Test
    void otherParts_standBesideTheReadout() {
        InputShape shape = new InputShape(
                2 + 3 + 12 + 5,
                List.of(
                        new InputShape.Numbers(0, 2),
                        new InputShape.Tensor(2, List.of(3)),
                        new InputShape.Tensor(5, List.of(1, 3, 4)),
                        new InputShape.Embedding(17, 5)));

        assertThat(spec(Downsampling.POOL, false, Readout.AVERAGE)
                        .build(shape, 2)
                        .layer("pooled")
                        .width())
                .isEqualTo(8 + 2 + 3 + 5);
    }

    @Test
    void noImage_isNamedWithTheMend() {
        InputShape flat =
                new InputShape(787, List.of(new InputShape.Numbers(0, 3), new InputShape.Tensor(3, List.of(784))));

        assertThatThrownBy(() -> spec(Downsampling.POOL, false, Readout.AVERAGE).build(flat, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cnn needs a tensor feature of shape [C,H,W] or [C,L]")
                .hasMessageContaining("found 3 numeric, a tensor [784];")
                .hasMessageContaining("shape: [1, 28, 28]");
    }

    @Test
    void badSizes_areNamed() {
        assertThatThrownBy(() -> new CnnSpec(
                        List.of(), 3, Downsampling.POOL, false, Activation.RELU, Readout.AVERAGE, List.of()))
                .hasMessageContaining("channels: none found");
        assertThatThrownBy(() -> new CnnSpec(
                        List.of(0), 3, Downsampling.POOL, false, Activation.RELU, Readout.AVERAGE, List.of()))
                .hasMessageContaining("channels: 0 found");
        assertThatThrownBy(() -> new CnnSpec(
                        List.of(4), 4, Downsampling.POOL, false, Activation.RELU, Readout.AVERAGE, List.of()))
                .hasMessageContaining("kernel: 4 found, must be odd");
        assertThatThrownBy(() -> spec(Downsampling.POOL, false, Readout.AVERAGE, 0))
                .hasMessageContaining("hidden: width 0 found");
    }
}
