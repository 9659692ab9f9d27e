package dev.reflux.jobs.pipeline.options;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Values of a map whose keys are known names, each with options of its own: the losses of a student.
 *
 * @param <T> type of the map's values
 */
public interface Catalog<T> {

    Class<T> type();

    Set<String> names();

    List<OptionSpec> options(String name);

    /** The option that a bare value in place of a mapping sets. */
    String shorthand();

    /** Makes a value of checked options, one for each of {@link #options}. */
    T create(String name, Map<String, Object> options);

    /** The inverse of {@link #create}. */
    Map<String, Object> options(String name, T value);
}
