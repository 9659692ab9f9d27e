package dev.reflux.jobs.pipeline.options;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The one place where an option is described. The component's name is its key and its type says what is legal; reader,
 * printer, environment names and the README's table all follow from it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Option {

    /** What the option does, one sentence without a full stop. */
    String description();

    /** Unit of a bare number; empty where the value carries its own or has none. */
    String unit() default "";

    /**
     * The value of an absent option, as it would be written in the file. {@code <key>} stands for the value of that key
     * beside it or at the top of the file. Empty means no default: the option is required, or null where the component
     * is nullable.
     */
    String defaultValue() default "";

    /** Numbers, durations (in seconds) and sizes (in bytes) allowed, such as {@code [0, 1)} or {@code (0, inf)}. */
    String range() default "";

    /** Regular expression that text must match as a whole. */
    String pattern() default "";

    /** The pattern in words, for the error. */
    String patternInWords() default "";

    /** Fewest and most elements of a list or map, such as {@code [1, inf)}. */
    String count() default "";
}
