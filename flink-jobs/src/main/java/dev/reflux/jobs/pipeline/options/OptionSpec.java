package dev.reflux.jobs.pipeline.options;

import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One option as reader, printer and table know it. The texts are those of {@link Option}.
 *
 * @param type class, or list or map of classes
 * @param nullable whether absence is a value
 */
public record OptionSpec(
        String name,
        Type type,
        String description,
        String unit,
        String defaultValue,
        Interval range,
        @Nullable Pattern pattern,
        String patternInWords,
        Interval count,
        boolean nullable) {

    /** A number that is described in code, not by a record component. */
    public static OptionSpec number(String name, String description, String unit, String defaultValue, String range) {
        return new OptionSpec(
                name,
                double.class,
                description,
                unit,
                defaultValue,
                Interval.parse(range),
                null,
                "",
                Interval.parse(""),
                false);
    }

    /** A text that is described in code, not by a record component. */
    public static OptionSpec text(String name, String description, String defaultValue) {
        return new OptionSpec(
                name,
                String.class,
                description,
                "",
                defaultValue,
                Interval.parse(""),
                null,
                "",
                Interval.parse(""),
                false);
    }

    static OptionSpec of(RecordComponent component) {
        Option option = component.getAnnotation(Option.class);
        if (option == null) {
            throw new IllegalStateException(
                    component.getDeclaringRecord().getName() + "." + component.getName() + " has no @Option");
        }
        return new OptionSpec(
                component.getName(),
                component.getGenericType(),
                option.description(),
                option.unit(),
                option.defaultValue(),
                Interval.parse(option.range()),
                option.pattern().isEmpty() ? null : Pattern.compile(option.pattern()),
                option.patternInWords(),
                Interval.parse(option.count()),
                component.getAnnotatedType().isAnnotationPresent(Nullable.class));
    }

    boolean isRequired() {
        return defaultValue.isEmpty() && !nullable;
    }
}
