package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.network.Activation;
import dev.reflux.distillation.network.MlpSpec;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ModelStateTest {

    private static final MlpSpec NETWORK = new MlpSpec(List.of(12, 12), Activation.TANH, true, true, 0);
    private static final OptimizerSpec SGD = new OptimizerSpec.Sgd(0.05, 0, 1);
    private static final OptimizerSpec MOMENTUM = new OptimizerSpec.Sgd(0.02, 0.9, 0);
    private static final OptimizerSpec ADAM = new OptimizerSpec.Adam(0.003, 0.9, 0.999, 1e-8, 1);

    static Stream<Arguments> models() {
        List<Arguments> all = new ArrayList<>();
        for (EngineChoice engine : List.of(EngineChoice.FUSED, EngineChoice.TENSOR)) {
            for (OptimizerSpec optimizer : List.of(SGD, MOMENTUM, ADAM)) {
                all.add(Arguments.of(engine, optimizer));
            }
        }
        return all.stream();
    }

    private static ModelSpec spec(EngineChoice engine, OptimizerSpec optimizer) {
        return new ModelSpec(NETWORK, optimizer, engine, 7);
    }

    private static Model create(ModelSpec spec) {
        return Model.create(spec, Fixtures.MIXED, Fixtures.CLASSES, 1);
    }

    private static byte[] bytes(Model model) {
        StateWriter out = new StateWriter();
        model.write(out);
        return out.toBytes();
    }

    private static Model restore(ModelSpec spec, byte[] bytes) {
        return Model.read(spec, Fixtures.MIXED, Fixtures.CLASSES, new StateReader(bytes));
    }

    @ParameterizedTest
    @MethodSource("models")
    void restored_continuesBitForBit(EngineChoice engine, OptimizerSpec optimizer) {
        ModelSpec spec = spec(engine, optimizer);
        Examples first = Fixtures.mixed(210, 1);
        Examples second = Fixtures.mixed(210, 2);
        try (Model undisturbed = create(spec);
                Model stopped = create(spec)) {
            Fixtures.train(undisturbed, first, 7);
            Fixtures.train(stopped, first, 7);
            try (Model restored = restore(spec, bytes(stopped))) {
                assertThat(restored.sha256()).isEqualTo(undisturbed.sha256());
                Fixtures.train(undisturbed, second, 7);
                Fixtures.train(restored, second, 7);
                assertThat(restored.sha256()).isEqualTo(undisturbed.sha256());
                assertThat(bytes(restored)).isEqualTo(bytes(undisturbed));
                assertThat(restored.sha256()).isNotEqualTo(stopped.sha256());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void restored_inTheOtherEngine_continuesWithinRounding(EngineChoice engine, OptimizerSpec optimizer) {
        EngineChoice other = engine == EngineChoice.FUSED ? EngineChoice.TENSOR : EngineChoice.FUSED;
        Examples first = Fixtures.mixed(210, 1);
        Examples second = Fixtures.mixed(210, 2);
        try (Model model = create(spec(engine, optimizer))) {
            Fixtures.train(model, first, 7);
            byte[] state = bytes(model);
            try (Model moved = restore(spec(other, optimizer), state)) {
                assertThat(bytes(moved)).isEqualTo(state);
                Fixtures.train(model, second, 7);
                Fixtures.train(moved, second, 7);
                assertThat(Fixtures.predict(moved, first))
                        .containsExactly(Fixtures.predict(model, first), within(1e-4f));
            }
        }
    }

    @Test
    void read_learningRateChanged_isAllowed() {
        try (Model model = create(spec(EngineChoice.FUSED, SGD));
                Model restored = restore(spec(EngineChoice.FUSED, new OptimizerSpec.Sgd(0.001, 0, 0)), bytes(model))) {
            assertThat(restored.sha256()).isEqualTo(model.sha256());
        }
    }

    @Test
    void read_otherShape_saysWhat() {
        try (Model model = create(spec(EngineChoice.FUSED, SGD))) {
            byte[] state = bytes(model);

            ModelSpec wider = new ModelSpec(MlpSpec.of(13), SGD, EngineChoice.FUSED, 1);
            assertThatThrownBy(() -> restore(wider, state))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("-12-12-3 tanh norm residual")
                    .hasMessageContaining("-13-3 relu");
            assertThatThrownBy(() -> restore(spec(EngineChoice.FUSED, ADAM), state))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("moments of 'sgd'")
                    .hasMessageContaining("'adam'");
            // As wide as the mixed layout, of other columns.
            InputLayout numeric = InputLayout.ofNumeric(model.encoder().width());
            assertThatThrownBy(() -> Model.read(spec(EngineChoice.FUSED, SGD), numeric, 3, new StateReader(state)))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("the state was learned on 'numeric 4, category 4x3");
        }
    }

    @Test
    void read_newerVersion_saysWhichVersionsItReads() {
        StateWriter newer = new StateWriter().section("model", 2, body -> body.putString("?"));

        assertThatThrownBy(() -> restore(spec(EngineChoice.FUSED, SGD), newer.toBytes()))
                .isInstanceOf(StateException.class)
                .hasMessageContaining("version 2 found, this build reads up to 1");
    }

    @Test
    void read_cutOff_isRefused() {
        try (Model model = create(spec(EngineChoice.FUSED, SGD))) {
            byte[] state = bytes(model);
            byte[] half = Arrays.copyOf(state, state.length / 2);

            assertThatThrownBy(() -> restore(spec(EngineChoice.FUSED, SGD), half))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("cut off");
        }
    }
}
