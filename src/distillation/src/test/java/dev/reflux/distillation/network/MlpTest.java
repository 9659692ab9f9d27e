package dev.reflux.distillation.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MlpTest {

    @Test
    void parameters_lieWithoutGaps() {
        Network network = new MlpSpec(List.of(6, 6), Activation.GELU, true, true, 0).build(InputShape.ofNumbers(4), 3);

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
        Mlp network = new MlpSpec(List.of(4, 6, 6), Activation.RELU, false, true, 0).build(InputShape.ofNumbers(4), 6);

        assertThat(network.blocks()).extracting(Mlp.Block::residual).containsExactly(true, false, true, false);
        assertThat(network.blocks()).noneMatch(Mlp.Block::hasNorm);
    }

    @Test
    void of_tooFewInputsOrClasses_isRefused() {
        assertThatThrownBy(() -> MlpSpec.of(4).build(InputShape.ofNumbers(0), 3))
                .hasMessageContaining("inputs: 0");
        assertThatThrownBy(() -> MlpSpec.of(4).build(InputShape.ofNumbers(3), 1))
                .hasMessageContaining("classes: 1");
        assertThatThrownBy(() -> MlpSpec.of(4, 0)).hasMessageContaining("width 0");
    }
}
