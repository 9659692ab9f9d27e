package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Options;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How an event is read. */
public record EventsSettings(
        @Option(description = "The class to learn") LabelSettings label,

        @Option(description = "The inputs, each of type numeric, category, text or tensor", count = "[1, inf)")
        List<FeatureSettings> features,

        @Option(
                description =
                        "What a teacher outside of the pipeline says in each event; {} reads /teacher. For teacher.from: events")
        @Nullable
        EventTeacherSettings teacher,

        @Option(
                description = "JSON pointer to the event's id, which its prediction repeats",
                pattern = Pointers.RULE,
                patternInWords = Pointers.WORDS)
        @Nullable
        String id,

        @Option(
                description =
                        "JSON pointer to the event's time (milliseconds since 1970 or ISO 8601); else the time of the Kafka record",
                pattern = Pointers.RULE,
                patternInWords = Pointers.WORDS)
        @Nullable
        String time,

        @Option(
                description = "Largest event; larger ones are dead letters",
                defaultValue = "1MiB",
                range = "[1, 1073741824]")
        DataSize maxBytes) {

    public EventsSettings {
        features = List.copyOf(features);
        Options.check(EventsSettings.class, label, features, teacher, id, time, maxBytes);
        Set<String> names = new HashSet<>();
        for (FeatureSettings feature : features) {
            if (!names.add(feature.name())) {
                throw new OptionException(
                        "features", "'" + feature.name() + "' is named twice; give each feature its own name");
            }
        }
        EventSchemas.of(label, features, teacher, id, time);
    }
}
