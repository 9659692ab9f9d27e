package dev.reflux.jobs.pipeline;

import dev.reflux.events.CategoryFeature;
import dev.reflux.events.EventSchema;
import dev.reflux.events.Feature;
import dev.reflux.events.Label;
import dev.reflux.events.NumericFeature;
import dev.reflux.events.Presence;
import dev.reflux.events.TeacherField;
import dev.reflux.events.TensorFeature;
import dev.reflux.events.TextFeature;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The settings of events as the schema that decodes them. */
final class EventSchemas {

    private EventSchemas() {}

    /** @throws IllegalArgumentException when two fields cannot be read side by side */
    static EventSchema of(
            LabelSettings label,
            List<FeatureSettings> features,
            @Nullable EventTeacherSettings teacher,
            @Nullable String id,
            @Nullable String time) {
        return new EventSchema(
                features.stream().map(EventSchemas::feature).toList(),
                new Label(label.path(), label.classes()),
                teacher == null ? null : new TeacherField(teacher.path(), teacher.columns()),
                id,
                time);
    }

    private static Feature feature(FeatureSettings settings) {
        Presence presence = settings.required() ? Presence.REQUIRED : Presence.OPTIONAL;
        if (settings instanceof FeatureSettings.Numeric numeric) {
            return new NumericFeature(numeric.name(), numeric.path(), presence);
        }
        if (settings instanceof FeatureSettings.Category category) {
            return new CategoryFeature(category.name(), category.path(), category.codes(), category.values(), presence);
        }
        if (settings instanceof FeatureSettings.Text text) {
            return new TextFeature(text.name(), text.path(), text.buckets(), presence);
        }
        if (settings instanceof FeatureSettings.Tensor tensor) {
            return new TensorFeature(tensor.name(), tensor.path(), tensor.shape(), tensor.columns(), presence);
        }
        throw new IllegalStateException("no feature for " + settings);
    }
}
