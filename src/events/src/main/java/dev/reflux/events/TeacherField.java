package dev.reflux.events;

import org.jspecify.annotations.Nullable;

/**
 * What a teacher outside of the pipeline says about an event: its probability of each class, as an array in the order of the
 * classes or as an object of class names and probabilities, in which a class that is not named has none; they sum to 1
 * within {@value #SUM_TOLERANCE}. Or one class, of which it is then sure. Null or absent: it says nothing about this event.
 *
 * @param path JSON pointer (RFC 6901)
 * @param columns the CSV columns that hold the probabilities in the order of the classes; null when they do not come from a
 *     CSV
 */
public record TeacherField(String path, @Nullable ColumnRange columns) {

    /** How far from 1 probabilities may sum: ten of them rounded to two digits are that far away at most. */
    public static final double SUM_TOLERANCE = 0.05;

    public TeacherField {
        Checks.requirePath("teacher", path);
    }

    void requireClasses(Label label) {
        int classes = label.classes().size();
        if (columns != null && columns.count() != classes) {
            throw new IllegalArgumentException("teacher: columns " + columns + " are " + columns.count()
                    + ", but there are " + classes + " classes: give one column per class, in their order");
        }
    }
}
