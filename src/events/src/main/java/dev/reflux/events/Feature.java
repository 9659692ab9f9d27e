package dev.reflux.events;

/** One input of the networks and where an event holds it. */
public sealed interface Feature permits NumericFeature, CategoryFeature, TextFeature, TensorFeature {

    /** Unique within the schema; also the name of its CSV column. */
    String name();

    /** JSON pointer (RFC 6901) to its value. */
    String path();

    /** What an event without the field means. */
    Presence presence();

    /** Where a feature is looked for when its path is not given: the top-level field of its name. */
    static String defaultPath(String name) {
        return JsonPointer.toField(name).toString();
    }
}
