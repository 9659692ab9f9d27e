package dev.reflux.events;

import java.util.List;

/**
 * What is to be learned. An event names its class as a string, or as a number or boolean that equals a class name
 * ({@code 1} and {@code 1.0} are class {@code "1"}, {@code true} is class {@code "true"}). Null or absent: unlabelled.
 *
 * @param path JSON pointer (RFC 6901)
 * @param classes class names; a class's position is its code
 */
public record Label(String path, List<String> classes) {

    public Label {
        Checks.requirePath("label", path);
        classes = List.copyOf(classes);
        if (classes.size() < 2) {
            throw new IllegalArgumentException("label: classes " + classes + " found, needs at least 2 to tell apart");
        }
        Checks.requireDistinct("label", classes);
        Vocabulary.requireDistinctNumbers("label", classes);
    }
}
