package dev.reflux.jobs.pipeline;

import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.InputSelection;
import dev.reflux.distillation.adversarial.AdversarialSpec;
import dev.reflux.distillation.engine.OptimizerSpec;
import dev.reflux.distillation.exits.ExitsSpec;
import dev.reflux.distillation.exits.SelfDistillationSpec;
import dev.reflux.distillation.loss.LossSpec;
import dev.reflux.distillation.network.CnnSpec;
import dev.reflux.distillation.network.MlpSpec;
import dev.reflux.distillation.network.Network;
import dev.reflux.distillation.network.NetworkProviders;
import dev.reflux.distillation.network.NetworkSpec;
import dev.reflux.distillation.network.TextSpec;
import dev.reflux.distillation.network.TransformerSpec;
import dev.reflux.distillation.reaction.ReactionSpec;
import dev.reflux.distillation.replay.ReplaySpec;
import dev.reflux.events.BatchLayout;
import dev.reflux.events.EventSchema;
import dev.reflux.events.Feature;
import dev.reflux.jobs.pipeline.options.Texts;
import java.util.List;
import java.util.stream.IntStream;

/** Settings in the terms of the modules that act on them. */
public final class PipelineSpecs {

    /** Step size of scaled SGD, the same for any stream and network. */
    private static final double SCALED_RATE = 0.5;

    private PipelineSpecs() {}

    /** The meaning of the pipeline's events. */
    public static EventSchema eventSchema(Pipeline pipeline) {
        EventsSettings events = pipeline.events();
        return EventSchemas.of(events.label(), events.features(), events.teacher(), events.id(), events.time());
    }

    /** The columns of a schema as the networks see them. */
    public static InputLayout inputLayout(EventSchema schema) {
        BatchLayout layout = schema.layout();
        return new InputLayout(layout.numeric(), layout.categorySizes(), layout.textBuckets(), layout.tensorShapes());
    }

    /** @throws IllegalArgumentException when its sizes do not go together, or no such network is installed */
    public static NetworkSpec network(NetworkSettings settings) {
        if (settings instanceof NetworkSettings.Mlp mlp) {
            return new MlpSpec(mlp.hidden(), mlp.activation(), mlp.layerNorm(), mlp.residual(), mlp.embedding());
        }
        if (settings instanceof NetworkSettings.Cnn cnn) {
            return new CnnSpec(
                    cnn.channels(),
                    cnn.kernel(),
                    cnn.downsampling(),
                    cnn.residual(),
                    cnn.activation(),
                    cnn.readout(),
                    cnn.hidden());
        }
        if (settings instanceof NetworkSettings.Text text) {
            return new TextSpec(text.embedding(), text.hidden(), text.activation());
        }
        if (settings instanceof NetworkSettings.Transformer transformer) {
            return new TransformerSpec(
                    transformer.tokens(),
                    transformer.width(),
                    transformer.heads(),
                    transformer.depth(),
                    transformer.feedForward());
        }
        if (settings instanceof NetworkSettings.Custom custom) {
            return NetworkProviders.create(custom.name(), custom.options());
        }
        throw new IllegalStateException("no network for " + settings);
    }

    /**
     * The optimizer of a network. Left to choose, it is scaled SGD for dense layers, and plain SGD for all else.
     *
     * @param plainRate rate of plain SGD, where that is chosen
     */
    public static OptimizerSpec optimizer(OptimizerSettings settings, Network network, double plainRate) {
        if (settings instanceof OptimizerSettings.Auto auto) {
            if (auto.learningRate() != null) {
                return new OptimizerSpec.Sgd(auto.learningRate(), 0, 0);
            }
            return network.sources().isEmpty()
                    ? new OptimizerSpec.Sgd(plainRate, 0, 0)
                    : new OptimizerSpec.Scaled(SCALED_RATE);
        }
        if (settings instanceof OptimizerSettings.Scaled scaled) {
            return new OptimizerSpec.Scaled(scaled.learningRate());
        }
        if (settings instanceof OptimizerSettings.Sgd sgd) {
            return new OptimizerSpec.Sgd(sgd.learningRate(), sgd.momentum(), sgd.clipNorm());
        }
        if (settings instanceof OptimizerSettings.Adam adam) {
            return new OptimizerSpec.Adam(
                    adam.learningRate(), adam.beta1(), adam.beta2(), adam.epsilon(), adam.clipNorm());
        }
        throw new IllegalStateException("no optimizer for " + settings);
    }

    /** The network of a student that teaches itself. */
    public static ExitsSpec exits(StudentSettings student) {
        ExitsSettings exits = student.distillation().exits();
        return new ExitsSpec(network(student.network()), exits.at(), exits.publish());
    }

    public static SelfDistillationSpec selfDistillation(ExitsSettings settings) {
        return new SelfDistillationSpec(
                settings.at().size() + 1, settings.weight(), settings.temperature(), settings.featureWeight());
    }

    public static ReplaySpec replay(ReplaySettings settings) {
        return new ReplaySpec(
                settings.capacity(), settings.share(), settings.policy(), settings.darkWeight(), settings.relearn());
    }

    public static ReactionSpec reaction(ReactionSettings settings) {
        return new ReactionSpec(
                settings.learningRate(),
                settings.batches(),
                settings.keepReplay(),
                settings.alternative(),
                settings.alternativeLearningRate(),
                settings.trial());
    }

    public static AdversarialSpec adversarial(AdversarialSettings settings) {
        return new AdversarialSpec(
                settings.epsilon(),
                settings.steps(),
                settings.stepSize(),
                settings.hardFor(),
                settings.loss(),
                settings.weight());
    }

    /**
     * The columns that a network reads.
     *
     * @param features names; none stands for all
     */
    public static InputSelection inputs(EventSchema schema, InputLayout layout, List<String> features) {
        if (features.isEmpty()) {
            return InputSelection.all(layout);
        }
        return new InputSelection(
                layout,
                indices(schema.numerics(), features),
                indices(schema.categories(), features),
                indices(schema.texts(), features),
                indices(schema.tensors(), features));
    }

    private static List<Integer> indices(List<? extends Feature> columns, List<String> chosen) {
        return IntStream.range(0, columns.size())
                .filter(i -> chosen.contains(columns.get(i).name()))
                .boxed()
                .toList();
    }

    /** The losses of a student, in the order of the file. */
    public static List<LossSpec> losses(DistillationSettings settings) {
        return settings.losses().entrySet().stream()
                .map(loss -> new LossSpec(
                        loss.getKey(), loss.getValue().weight(), loss.getValue().options()))
                .toList();
    }

    /** The policy's name in {@code dev.reflux.distillation.feedback.FeedbackPolicies}. */
    public static String policy(FeedbackSettings settings) {
        return Texts.wireName(settings.policy());
    }
}
