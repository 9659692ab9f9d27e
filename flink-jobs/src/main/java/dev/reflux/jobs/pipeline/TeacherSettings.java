package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import org.jspecify.annotations.Nullable;

/** The large network. */
public record TeacherSettings(
        @Option(description = "Its network", defaultValue = "{type: mlp, hidden: [128, 128]}")
        NetworkSettings network,

        @Option(description = "Its optimizer", defaultValue = "{type: sgd, learningRate: 0.02}")
        OptimizerSettings optimizer,

        @Option(
                description = "Whether it teaches a step's events before or after it learned their labels (hindsight)",
                defaultValue = "after")
        Teach teach,

        @Option(
                description =
                        "Path or URI of a teacher's snapshot to start from; required by the offline scheme, which freezes it")
        @Nullable
        String load,

        @Option(
                description =
                        "Path or URI where a snapshot of the teacher is written with every Flink checkpoint and at the end")
        @Nullable
        String save) {

    /** When the teacher gives its soft labels. */
    public enum Teach {
        /** The soft labels are what it predicted, unaware of the labels. */
        BEFORE,
        /** In hindsight: it learns the labels first, then teaches what it now knows. */
        AFTER
    }

    public TeacherSettings {
        Options.check(TeacherSettings.class, network, optimizer, teach, load, save);
    }
}
