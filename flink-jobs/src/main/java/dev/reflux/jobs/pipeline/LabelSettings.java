package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Options;
import java.util.HashSet;
import java.util.List;

/** Where an event's class stands and which classes there are. */
public record LabelSettings(
        @Option(
                description = "JSON pointer to the label; a missing or null label is legal",
                defaultValue = "/label",
                pattern = Pointers.RULE,
                patternInWords = Pointers.WORDS)
        String path,

        @Option(description = "Names of the classes, in the order of the students' outputs", count = "[2, inf)")
        List<String> classes) {

    public LabelSettings {
        classes = List.copyOf(classes);
        Options.check(LabelSettings.class, path, classes);
        if (new HashSet<>(classes).size() < classes.size()) {
            throw new OptionException("classes", classes + " found, each class must be named once");
        }
    }
}
