package dev.reflux.events;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rules that several parts of a schema share. */
final class Checks {

    private Checks() {}

    static void requireNameAndPath(String name, String path) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("feature name '" + name + "' is blank: give each feature a name");
        }
        requirePath("feature '" + name + "'", path);
    }

    static void requirePath(String owner, String path) {
        try {
            JsonPointer.parse(path);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(owner + ": " + e.getMessage(), e);
        }
    }

    static void requireDistinct(String owner, List<String> values) {
        Set<String> seen = new HashSet<>();
        for (String value : values) {
            if (!seen.add(value)) {
                throw new IllegalArgumentException(owner + ": '" + value + "' is listed twice: remove one of them");
            }
        }
    }
}
