package dev.reflux.jobs.pipeline;

import dev.reflux.distillation.committee.Combination;
import dev.reflux.distillation.external.Answer;
import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Options;
import dev.reflux.jobs.pipeline.options.Texts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The large network. */
public record TeacherSettings(
        @Option(
                description =
                        "Where it comes from: network (learns here, or is a snapshot of one that did), events (its probabilities stand in the events), torchscript or onnx (the file that load names). All but network are frozen and need the offline scheme",
                defaultValue = "network")
        From from,

        @Option(description = "Its network", defaultValue = "{type: mlp, hidden: [128, 128]}")
        NetworkSettings network,

        @Option(description = "Its optimizer", defaultValue = "{type: auto}")
        OptimizerSettings optimizer,

        @Option(
                description =
                        "When it teaches a step's events: stepwise (just before it learns their labels), after (in hindsight), or before (the whole batch, before it learns any of it; the labels wait for the students' feedback)",
                defaultValue = "stepwise")
        Teach teach,

        @Option(
                description =
                        "Names of the features that it sees; an empty list is all. Others than the students' make the distillation cross-modal",
                defaultValue = "[]")
        List<String> features,

        @Option(
                description =
                        "A committee in place of the one network, of up to 16 that learn side by side; an empty list is left to committee",
                defaultValue = "[]",
                count = "[0, 16]")
        List<MemberSettings> members,

        @Option(
                description =
                        "Without members: auto (perceptrons under the optimizer auto become a committee: the network and its first hidden layer alone, each with and without a memory of labels, each with its average), or none (the one network)",
                defaultValue = "auto")
        Committee committee,

        @Option(
                description =
                        "How a committee speaks: stacked (a logarithmic pool whose weights learn from the labels); mean; confidence (who knows the label of an event counts more for it); gradient (each student weighs the members by its own gradients)",
                defaultValue = "stacked")
        Combination.Kind combine,

        @Option(description = "Optimizer steps on each group of events", defaultValue = "1", range = "[1, 1000]")
        int steps,

        @Option(
                description = "Events over which the learning rate rises from 0 to its full size",
                unit = "events",
                defaultValue = "0",
                range = "[0, 1000000000]")
        long warmUp,

        @Option(description = "Past labelled events that it learns again", defaultValue = "{}")
        ReplaySettings replay,

        @Option(
                description =
                        "Path or URI of a teacher to start from: a snapshot that teacher.save wrote, or the file that teacher.from speaks of; required by the offline scheme, which freezes it, unless the events are the teacher")
        @Nullable
        String load,

        @Option(description = "What a TorchScript teacher returns for each class", defaultValue = "logits")
        Answer output,

        @Option(
                description =
                        "Path or URI where a snapshot of the teacher is written with every Flink checkpoint and at the end")
        @Nullable
        String save) {

    /** What the teacher is. */
    public enum From {
        /** A network of ours, or several. */
        NETWORK,
        /** Probabilities in the events. */
        EVENTS,
        /** A module that PyTorch wrote. */
        TORCHSCRIPT,
        /** An ONNX model that takes raw features. */
        ONNX
    }

    /** Whether the one network is multiplied. */
    public enum Committee {
        AUTO,
        NONE
    }

    /** When the teacher gives its soft labels. */
    public enum Teach {
        /** The soft labels are what it predicted, unaware of the labels. */
        BEFORE,
        /** The soft labels are what it predicted of each step's events; it learns these before it goes to the next step. */
        STEPWISE,
        /** In hindsight: it learns the labels first, then teaches what it now knows. */
        AFTER
    }

    public TeacherSettings {
        features = List.copyOf(features);
        members = List.copyOf(members);
        Options.check(
                TeacherSettings.class,
                from,
                network,
                optimizer,
                teach,
                features,
                members,
                committee,
                combine,
                steps,
                warmUp,
                replay,
                load,
                output,
                save);
        switch (from) {
            case NETWORK -> {}
            case EVENTS -> {
                refuse(load != null, "load", load + " found, but the events are the teacher; leave it out");
                refuse(
                        !features.isEmpty(),
                        "features",
                        features + " found, but the events are the teacher; leave them out");
            }
            case TORCHSCRIPT, ONNX ->
                refuse(load == null, "load", "missing; name the file of the " + Texts.wireName(from) + " teacher");
        }
        if (from != From.NETWORK) {
            refuse(
                    !members.isEmpty(),
                    "members",
                    "a committee found, its members are networks; leave it out, or set from to network");
            refuse(
                    save != null,
                    "save",
                    save + " found, but this teacher learns nothing that could be saved; leave it out");
        }
        refuse(
                output != Answer.LOGITS && from != From.TORCHSCRIPT,
                "output",
                Texts.wireName(output) + " found, which is for a TorchScript teacher; leave it out");
    }

    private static void refuse(boolean broken, String option, String rule) {
        if (broken) {
            throw new OptionException(option, rule);
        }
    }
}
