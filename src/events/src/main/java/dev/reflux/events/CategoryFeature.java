package dev.reflux.events;

import java.util.List;

/**
 * One of a fixed set of values. Null is missing, a value outside the set is unknown; both are code -1.
 *
 * @param size number of known codes
 * @param values the known values, whose position is their code; empty when events carry the codes
 *     {@code 0..size-1} themselves
 */
public record CategoryFeature(String name, String path, int size, List<String> values, Presence presence)
        implements Feature {

    public CategoryFeature {
        Checks.requireNameAndPath(name, path);
        values = List.copyOf(values);
        if (!values.isEmpty() && size != values.size()) {
            throw new IllegalArgumentException("category '" + name + "': size " + size + " found, but " + values.size()
                    + " values are listed: drop the size or mend the list");
        }
        if (size < 1) {
            throw new IllegalArgumentException(
                    "category '" + name + "': size " + size + " found, must be at least 1; or list its values");
        }
        Checks.requireDistinct("category '" + name + "'", values);
        Vocabulary.requireDistinctNumbers("category '" + name + "'", values);
    }

    /** A required field of codes {@code 0..size-1} in the top-level field of its name. */
    public static CategoryFeature ofCodes(String name, int size) {
        return new CategoryFeature(name, Feature.defaultPath(name), size, List.of(), Presence.REQUIRED);
    }

    /** A required field of the listed values in the top-level field of its name. */
    public static CategoryFeature ofValues(String name, List<String> values) {
        return new CategoryFeature(name, Feature.defaultPath(name), values.size(), values, Presence.REQUIRED);
    }

    /** Whether events carry the code itself, rather than a value to look up. */
    public boolean coded() {
        return values.isEmpty();
    }
}
