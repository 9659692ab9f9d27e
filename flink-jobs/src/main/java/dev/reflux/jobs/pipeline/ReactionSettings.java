package dev.reflux.jobs.pipeline;

import dev.reflux.distillation.reaction.ReactionSpec.Alternative;
import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import java.util.ArrayList;
import java.util.List;

/** What is done when a detector alarms: by a student about its own alarms, by the teacher about its own and the students'. */
public record ReactionSettings(
        @Option(
                description = "Factor on the learning rate after an alarm; 1 leaves it",
                defaultValue = "1",
                range = "(0, 100]")
        double learningRate,

        @Option(
                description = "How long that factor holds",
                unit = "batches",
                defaultValue = "20",
                range = "[1, 1000000]")
        int batches,

        @Option(
                description =
                        "Share of the replay memory that an alarm leaves, the newest of it; 0 clears it, 1 leaves it",
                defaultValue = "1",
                range = "[0, 1]")
        double keepReplay,

        @Option(
                description =
                        "A second teacher that learns beside the first from a warning on, and takes its place after an alarm once it clearly errs less: none, fresh (with parameters drawn anew), or warm (a copy, without replay memory)",
                defaultValue = "none")
        Alternative alternative,

        @Option(description = "Factor on the second teacher's learning rate", defaultValue = "2", range = "(0, 100]")
        double alternativeLearningRate,

        @Option(
                description =
                        "How long after the last warning or alarm the second teacher is kept while it is no better",
                unit = "batches",
                defaultValue = "40",
                range = "[1, 1000000]")
        int trial,

        @Option(
                description =
                        "Batches after an alarm at which a student is offered out of turn and published if it is no worse than the published one on the same events and better than chance, whatever its window says; 0 is never. What holds publication back is checkpoints.gate.hold",
                unit = "batches",
                defaultValue = "4",
                range = "[0, 1000000]")
        int publishAfter) {

    public ReactionSettings {
        Options.check(
                ReactionSettings.class,
                learningRate,
                batches,
                keepReplay,
                alternative,
                alternativeLearningRate,
                trial,
                publishAfter);
    }

    /** What follows from an alarm of the teacher, in words for the drift records. */
    public List<String> ofTeacher() {
        List<String> reactions = new ArrayList<>();
        if (learningRate != 1) {
            reactions.add("learning-rate");
        }
        if (keepReplay < 1) {
            reactions.add("replay");
        }
        if (alternative != Alternative.NONE) {
            reactions.add("alternative");
        }
        return reactions;
    }

    /** What follows from an alarm of a student, which the teacher hears of. */
    public List<String> ofStudent() {
        List<String> reactions = ofTeacher();
        if (publishAfter > 0) {
            reactions.add("publication");
        }
        return reactions;
    }
}
