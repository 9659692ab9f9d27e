package dev.reflux.events;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pipeline's events mean: which fields are features, which is the label, what an external teacher says, which
 * identify and date an event.
 *
 * @param features at least one; columns of a micro-batch follow this order within each kind
 * @param label the field to learn
 * @param teacher the field with an external teacher's probabilities; null when the events carry none
 * @param id JSON pointer to the event's own identity; null when it has none
 * @param time JSON pointer to the event's time, epoch milliseconds or ISO 8601; null for the record's timestamp
 */
public record EventSchema(
        List<Feature> features,
        Label label,
        @Nullable TeacherField teacher,
        @Nullable String id,
        @Nullable String time) {

    public EventSchema {
        features = List.copyOf(features);
        if (features.isEmpty()) {
            throw new IllegalArgumentException("no feature: list at least one field for the networks to read");
        }
        Checks.requireDistinct(
                "feature names", features.stream().map(Feature::name).toList());
        if (teacher != null) {
            teacher.requireClasses(label);
        }
        if (id != null) {
            Checks.requirePath("id", id);
        }
        if (time != null) {
            Checks.requirePath("time", time);
        }
        requireCompatible(fieldsOf(features, label, teacher, id, time));
    }

    /** A schema whose events carry no teacher's probabilities. */
    public EventSchema(List<Feature> features, Label label, @Nullable String id, @Nullable String time) {
        this(features, label, null, id, time);
    }

    /** A schema whose events have neither identity nor time of their own. */
    public static EventSchema of(List<Feature> features, Label label) {
        return new EventSchema(features, label, null, null, null);
    }

    /** The numeric features, in column order. */
    public List<NumericFeature> numerics() {
        return ofKind(NumericFeature.class);
    }

    /** The category features, in column order. */
    public List<CategoryFeature> categories() {
        return ofKind(CategoryFeature.class);
    }

    /** The text features, in column order. */
    public List<TextFeature> texts() {
        return ofKind(TextFeature.class);
    }

    /** The tensor features, in column order. */
    public List<TensorFeature> tensors() {
        return ofKind(TensorFeature.class);
    }

    /** This schema with only those of its features that are named, in its own order. */
    public EventSchema select(Collection<String> names) {
        return new EventSchema(
                features.stream()
                        .filter(feature -> names.contains(feature.name()))
                        .toList(),
                label,
                teacher,
                id,
                time);
    }

    /** The columns of this schema's micro-batches. */
    public BatchLayout layout() {
        return new BatchLayout(
                numerics().size(),
                categories().stream().map(CategoryFeature::size).toList(),
                texts().stream().map(TextFeature::buckets).toList(),
                tensors().stream().map(TensorFeature::shape).toList(),
                teacher == null ? 0 : label.classes().size());
    }

    private <F extends Feature> List<F> ofKind(Class<F> kind) {
        return features.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private record Field(String owner, JsonPointer pointer, boolean exclusive) {}

    private static List<Field> fieldsOf(
            List<Feature> features,
            Label label,
            @Nullable TeacherField teacher,
            @Nullable String id,
            @Nullable String time) {
        List<Field> fields = new ArrayList<>();
        fields.add(new Field("the label", JsonPointer.parse(label.path()), true));
        if (teacher != null) {
            fields.add(new Field("the teacher", JsonPointer.parse(teacher.path()), true));
        }
        for (Feature feature : features) {
            fields.add(new Field(
                    "feature '" + feature.name() + "'",
                    JsonPointer.parse(feature.path()),
                    feature instanceof TensorFeature));
        }
        if (id != null) {
            fields.add(new Field("the id", JsonPointer.parse(id), false));
        }
        if (time != null) {
            fields.add(new Field("the time", JsonPointer.parse(time), false));
        }
        return fields;
    }

    /** A field can be read twice (as number and as category, say), but is either a value or a parent of values. */
    private static void requireCompatible(List<Field> fields) {
        Map<List<String>, Field> byPlace = new HashMap<>();
        for (Field field : fields) {
            Field other = byPlace.putIfAbsent(field.pointer().segments(), field);
            if (other != null && (other.exclusive() || field.exclusive())) {
                throw new IllegalArgumentException(field.owner() + " and " + other.owner() + " both read '"
                        + field.pointer() + "': a label that is also a feature gives the answer away, and the field of"
                        + " a tensor or of the teacher can be nothing else; change one path");
            }
        }
        for (Field field : fields) {
            List<String> segments = field.pointer().segments();
            for (int depth = 1; depth < segments.size(); depth++) {
                Field parent = byPlace.get(segments.subList(0, depth));
                if (parent != null) {
                    throw new IllegalArgumentException(field.owner() + " at '" + field.pointer() + "' lies inside "
                            + parent.owner() + " at '" + parent.pointer()
                            + "': a field is either a value or holds fields; change one path");
                }
            }
        }
    }
}
