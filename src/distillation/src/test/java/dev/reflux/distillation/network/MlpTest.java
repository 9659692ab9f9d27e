package dev.reflux.distillation.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MlpTest {

    @Test
    void parameters_lieWithoutGaps() {
        Network network = Network.of(new MlpSpec(List.of(6, 6), Activation.GELU, true, true, 0), 4, 3);

        int offset = 0;
        for (Parameter parameter : network.parameters()) {
            assertThat(parameter.offset()).isEqualTo(offset);
            offset += parameter.size();
        }
        assertThat(network.parameterCount()).isEqualTo(offset).isEqualTo(4 * 6 + 3 * 6 + 6 * 6 + 3 * 6 + 6 * 3 + 3);
        assertThat(network.parameters()).extracting(Parameter::name).doesNotHaveDuplicates();
        assertThat(network.describe()).isEqualTo("mlp 4-6-6-3 gelu norm residual");
    }

    @Test
    void layers_residualOnlyWhereWidthsAgree() {
        Mlp network = (Mlp) Network.of(new MlpSpec(List.of(4, 6, 6), Activation.RELU, false, true, 0), 4, 6);

        assertThat(network.layers()).extracting(Mlp.Layer::residual).containsExactly(true, false, true, false);
        assertThat(network.layers()).noneMatch(Mlp.Layer::hasNorm);
    }

    @Test
    void of_tooFewInputsOrClasses_isRefused() {
        assertThatThrownBy(() -> Network.of(MlpSpec.of(4), 0, 3)).hasMessageContaining("inputs: 0");
        assertThatThrownBy(() -> Network.of(MlpSpec.of(4), 3, 1)).hasMessageContaining("classes: 1");
        assertThatThrownBy(() -> MlpSpec.of(4, 0)).hasMessageContaining("width 0");
    }
}
