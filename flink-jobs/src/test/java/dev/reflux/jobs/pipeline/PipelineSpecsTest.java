package dev.reflux.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.distillation.engine.OptimizerSpec;
import dev.reflux.distillation.feedback.FeedbackPolicies;
import dev.reflux.distillation.loss.Losses;
import dev.reflux.distillation.network.Activation;
import dev.reflux.distillation.network.CnnSpec;
import dev.reflux.distillation.network.CnnSpec.Downsampling;
import dev.reflux.distillation.network.CnnSpec.Readout;
import dev.reflux.distillation.network.InputShape;
import dev.reflux.distillation.network.MlpSpec;
import dev.reflux.distillation.network.Network;
import dev.reflux.distillation.network.TextSpec;
import dev.reflux.distillation.network.TransformerSpec;
import dev.reflux.events.CategoryFeature;
import dev.reflux.events.ColumnRange;
import dev.reflux.events.EventSchema;
import dev.reflux.events.Label;
import dev.reflux.events.NumericFeature;
import dev.reflux.events.Presence;
import dev.reflux.events.TeacherField;
import dev.reflux.events.TensorFeature;
import dev.reflux.events.TextFeature;
import dev.reflux.jobs.pipeline.FeedbackSettings.Policy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PipelineSpecsTest {

    @Test
    void eventSchema_everyKindOfFeature_carriesItsSettings() {
        Pipeline pipeline = PipelineReader.read("""
                pipeline: small
                events:
                  id: /id
                  time: /at
                  label: {path: /y, classes: [a, b]}
                  features:
                    - {name: n, type: numeric, required: false}
                    - {name: c, type: category, size: 7, path: /deep/c}
                    - {name: v, type: category, values: [x, y]}
                    - {name: t, type: text, buckets: 16}
                    - {name: i, type: tensor, shape: [1, 2], columns: p0..p1}
                  teacher: {path: /llm/says, columns: t0..t1}
                teacher: {from: events}
                distillation: {scheme: offline}
                """);

        assertThat(PipelineSpecs.eventSchema(pipeline))
                .isEqualTo(new EventSchema(
                        List.of(
                                new NumericFeature("n", "/n", Presence.OPTIONAL),
                                new CategoryFeature("c", "/deep/c", 7, List.of(), Presence.REQUIRED),
                                new CategoryFeature("v", "/v", 2, List.of("x", "y"), Presence.REQUIRED),
                                new TextFeature("t", "/t", 16, Presence.REQUIRED),
                                new TensorFeature(
                                        "i", "/i", List.of(1, 2), new ColumnRange("p", 0, 1), Presence.REQUIRED)),
                        new Label("/y", List.of("a", "b")),
                        new TeacherField("/llm/says", new ColumnRange("t", 0, 1)),
                        "/id",
                        "/at"));
    }

    @Test
    void networkAndOptimizer_ofEachType_carryTheirSettings() {
        assertThat(PipelineSpecs.network(new NetworkSettings.Mlp(List.of(3, 3), Activation.GELU, true, true, 4)))
                .isEqualTo(new MlpSpec(List.of(3, 3), Activation.GELU, true, true, 4));
        assertThat(PipelineSpecs.network(new NetworkSettings.Cnn(
                        List.of(2, 3), 5, Downsampling.STRIDE, true, Activation.TANH, Readout.AVERAGE, List.of(7))))
                .isEqualTo(new CnnSpec(
                        List.of(2, 3), 5, Downsampling.STRIDE, true, Activation.TANH, Readout.AVERAGE, List.of(7)));
        assertThat(PipelineSpecs.network(new NetworkSettings.Text(9, List.of(4), Activation.RELU)))
                .isEqualTo(new TextSpec(9, List.of(4), Activation.RELU));
        assertThat(PipelineSpecs.network(new NetworkSettings.Transformer(10, 8, 4, 3, 20)))
                .isEqualTo(new TransformerSpec(10, 8, 4, 3, 20));
        assertThat(PipelineSpecs.network(new NetworkSettings.Custom("house", Map.of("width", "6"))))
                .isEqualTo(MlpSpec.of(6, 6));
        Network dense = MlpSpec.of(6).build(InputShape.ofNumbers(2), 2);
        assertThat(PipelineSpecs.optimizer(new OptimizerSettings.Sgd(0.1, 0.2, 0.3), dense, 0.02))
                .isEqualTo(new OptimizerSpec.Sgd(0.1, 0.2, 0.3));
        assertThat(PipelineSpecs.optimizer(new OptimizerSettings.Adam(0.1, 0.2, 0.3, 0.4, 0.5), dense, 0.02))
                .isEqualTo(new OptimizerSpec.Adam(0.1, 0.2, 0.3, 0.4, 0.5));
        assertThat(PipelineSpecs.optimizer(new OptimizerSettings.Scaled(0.7), dense, 0.02))
                .isEqualTo(new OptimizerSpec.Scaled(0.7));
    }

    @Test
    void optimizer_thatIsLeftToChoose_isScaledForDenseLayersAndPlainForOthers() {
        Network dense = MlpSpec.of(6).build(InputShape.ofNumbers(2), 2);
        InputShape image = new InputShape(16, List.of(new InputShape.Tensor(0, List.of(1, 4, 4))));
        Network cnn = new CnnSpec(List.of(2), 3, Downsampling.POOL, false, Activation.RELU, Readout.FLATTEN, List.of())
                .build(image, 2);

        assertThat(PipelineSpecs.optimizer(new OptimizerSettings.Auto(null), dense, 0.02))
                .isEqualTo(new OptimizerSpec.Scaled(0.5));
        assertThat(PipelineSpecs.optimizer(new OptimizerSettings.Auto(null), cnn, 0.02))
                .isEqualTo(new OptimizerSpec.Sgd(0.02, 0, 0));
        assertThat(PipelineSpecs.optimizer(new OptimizerSettings.Auto(0.3), dense, 0.02))
                .isEqualTo(new OptimizerSpec.Sgd(0.3, 0, 0));
    }

    @Test
    void losses_ofADistillation_carryWeightsAndOptions() {
        DistillationSettings settings = PipelineReader.read("""
                        pipeline: p
                        events: { label: { classes: [a, b] }, features: [ { name: x, type: numeric } ] }
                        distillation: { losses: { kd: { weight: 0.5, temperature: 2 } } }
                        """).distillation();
        assertThat(PipelineSpecs.losses(settings)).singleElement().satisfies(loss -> {
            assertThat(loss.name()).isEqualTo("kd");
            assertThat(loss.weight()).isEqualTo(0.5);
            assertThat(loss.options()).containsEntry("temperature", 2.0);
        });
    }

    @Test
    void losses_thatAFileMayName_areThoseThatExist() {
        assertThat(LossCatalog.STANDARD.names()).isEqualTo(Losses.names());
    }

    @Test
    void policies_thatAFileMayName_areThoseThatExist() {
        assertThat(Arrays.stream(Policy.values())
                        .map(policy -> PipelineSpecs.policy(new FeedbackSettings(policy, 1, 1))))
                .containsExactlyInAnyOrderElementsOf(FeedbackPolicies.names());
    }
}
