package dev.reflux.jobs.pipeline.options;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rules of {@link Option}, for the compact constructors of the records that carry them. */
public final class Options {

    private Options() {}

    /**
     * Holds every component against its ranges and patterns.
     *
     * @param values in the order of the components
     * @throws OptionException for the first that breaks a rule
     */
    public static void check(Class<? extends Record> type, @Nullable Object... values) {
        List<OptionSpec> specs = Schema.of(type).options();
        for (int i = 0; i < values.length; i++) {
            OptionSpec spec = specs.get(i);
            Optional<String> broken = broken(spec, values[i]);
            if (broken.isPresent()) {
                throw new OptionException(spec.name(), broken.get());
            }
        }
    }

    /** An unmodifiable copy that keeps the order. */
    public static <V> Map<String, V> copyInOrder(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    /** The rule that a value breaks, with the value. */
    static Optional<String> broken(OptionSpec spec, @Nullable Object value) {
        if (value == null) {
            return spec.nullable() ? Optional.empty() : Optional.of("missing; must be given");
        }
        if (value instanceof Collection<?> elements) {
            return brokenCount(spec, elements.size())
                    .or(() -> elements.stream()
                            .flatMap(element -> brokenScalar(spec, element).stream())
                            .findFirst());
        }
        if (value instanceof Map<?, ?> map) {
            return brokenCount(spec, map.size());
        }
        return brokenScalar(spec, value);
    }

    static Optional<String> brokenCount(OptionSpec spec, int count) {
        return spec.count().contains(count)
                ? Optional.empty()
                : Optional.of(
                        count + " given, their number must be " + spec.count().inWords());
    }

    static Optional<String> brokenScalar(OptionSpec spec, Object value) {
        if (value instanceof String text) {
            return spec.pattern() == null || spec.pattern().matcher(text).matches()
                    ? Optional.empty()
                    : Optional.of("'" + text + "' found, must be " + spec.patternInWords());
        }
        if (!spec.range().isBounded()) {
            return Optional.empty();
        }
        double measure;
        String unit;
        String text;
        if (value instanceof Number number) {
            measure = number.doubleValue();
            unit = spec.unit().isEmpty() ? "" : " " + spec.unit();
            text = value instanceof Double || value instanceof Float ? Texts.number(measure) : value.toString();
        } else if (value instanceof Duration duration) {
            measure = duration.toMillis() / 1e3;
            unit = " seconds";
            text = Texts.duration(duration);
        } else if (value instanceof Measured measured) {
            measure = measured.measure();
            unit = " " + measured.baseUnit();
            text = value.toString();
        } else {
            return Optional.empty();
        }
        return spec.range().contains(measure)
                ? Optional.empty()
                : Optional.of(text + " found, must be " + spec.range().inWords() + unit);
    }
}
