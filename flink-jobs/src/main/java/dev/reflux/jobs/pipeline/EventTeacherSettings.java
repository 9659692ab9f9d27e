package dev.reflux.jobs.pipeline;

import dev.reflux.events.ColumnRange;
import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import org.jspecify.annotations.Nullable;

/** Where an event has the probabilities that a teacher outside of the pipeline gives. */
public record EventTeacherSettings(
        @Option(
                description =
                        "JSON pointer to the probabilities of a teacher outside of the pipeline: an array in the order of the classes, an object of class names and probabilities, or one class; a missing or null one is legal",
                defaultValue = "/teacher",
                pattern = Pointers.RULE,
                patternInWords = Pointers.WORDS)
        String path,

        @Option(description = "The range of CSV columns that hold the probabilities, one per class, such as t0..t9")
        @Nullable
        ColumnRange columns) {

    public EventTeacherSettings {
        Options.check(EventTeacherSettings.class, path, columns);
    }
}
