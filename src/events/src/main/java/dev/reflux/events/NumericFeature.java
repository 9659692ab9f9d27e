package dev.reflux.events;

/** A JSON number, kept raw as a float; null is a missing value. */
public record NumericFeature(String name, String path, Presence presence) implements Feature {

    public NumericFeature {
        Checks.requireNameAndPath(name, path);
    }

    /** A required number in the top-level field of its name. */
    public static NumericFeature of(String name) {
        return new NumericFeature(name, Feature.defaultPath(name), Presence.REQUIRED);
    }
}
