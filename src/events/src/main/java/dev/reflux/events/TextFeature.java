package dev.reflux.events;

/**
 * Free text, read as the hash buckets of its words (see {@link TokenHasher}); null has no words.
 *
 * @param buckets number of hash buckets
 */
public record TextFeature(String name, String path, int buckets, Presence presence) implements Feature {

    public TextFeature {
        Checks.requireNameAndPath(name, path);
        if (buckets < 1) {
            throw new IllegalArgumentException(
                    "text '" + name + "': " + buckets + " buckets found, must be at least 1; 32768 is a usual number");
        }
    }

    /** A required text in the top-level field of its name. */
    public static TextFeature of(String name, int buckets) {
        return new TextFeature(name, Feature.defaultPath(name), buckets, Presence.REQUIRED);
    }
}
