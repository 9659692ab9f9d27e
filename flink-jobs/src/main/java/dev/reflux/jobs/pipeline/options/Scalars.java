package dev.reflux.jobs.pipeline.options;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Values that are written as one word. A type of one's own takes part by a static {@code parse(String)} and toString. */
final class Scalars {

    private Scalars() {}

    /** @throws IllegalArgumentException naming the value and what it must be */
    static Object parse(Class<?> type, String text) {
        if (type == String.class) {
            return text;
        }
        if (type == boolean.class) {
            return parseBoolean(text);
        }
        if (type == int.class || type == Integer.class) {
            return Math.toIntExact(whole(text, Integer.MIN_VALUE, Integer.MAX_VALUE));
        }
        if (type == long.class || type == Long.class) {
            return whole(text, Long.MIN_VALUE, Long.MAX_VALUE);
        }
        if (type == double.class || type == Double.class) {
            return parseDouble(text);
        }
        if (type.isEnum()) {
            return parseEnum(type, text);
        }
        if (type == Duration.class) {
            return Texts.parseDuration(text);
        }
        if (type == URI.class) {
            return parseUri(text);
        }
        return parseByMethod(type, text);
    }

    static String print(Object value) {
        if (value instanceof Double number) {
            return Texts.number(number);
        }
        if (value instanceof Enum<?> constant) {
            return Texts.wireName(constant);
        }
        if (value instanceof Duration duration) {
            return Texts.duration(duration);
        }
        return value.toString();
    }

    static List<String> constants(Class<?> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(constant -> Texts.wireName((Enum<?>) constant))
                .toList();
    }

    /** "one of a, b, c", with the one that was probably meant. */
    static String oneOf(String wrong, List<String> known) {
        return "one of " + String.join(", ", known)
                + Texts.nearest(wrong, known)
                        .map(word -> "; did you mean " + word + "?")
                        .orElse("");
    }

    private static boolean parseBoolean(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' found, must be true or false");
        };
    }

    private static long whole(String text, long low, long high) {
        try {
            long value = Long.parseLong(text.matches("[+-]?\\d+(_\\d+)*") ? text.replace("_", "") : text);
            if (value >= low && value <= high) {
                return value;
            }
        } catch (NumberFormatException e) {
            if (!text.matches("[+-]?\\d+(_\\d+)*")) {
                throw new IllegalArgumentException("'" + text + "' found, must be a whole number", e);
            }
        }
        throw new IllegalArgumentException(text + " found, must be a whole number in [" + low + ", " + high + "]");
    }

    private static double parseDouble(String text) {
        if (text.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?")) {
            double value = Double.parseDouble(text);
            if (!Double.isInfinite(value)) {
                return value;
            }
        }
        throw new IllegalArgumentException("'" + text + "' found, must be a finite number");
    }

    private static Object parseEnum(Class<?> type, String text) {
        for (Object constant : type.getEnumConstants()) {
            if (Texts.wireName((Enum<?>) constant).equals(text)) {
                return constant;
            }
        }
        throw new IllegalArgumentException("'" + text + "' found, must be " + oneOf(text, constants(type)));
    }

    private static URI parseUri(String text) {
        try {
            URI uri = new URI(text);
            if (uri.getScheme() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'" + text + "' found, must be a URI: " + e.getReason(), e);
        }
        throw new IllegalArgumentException("'" + text
                + "' found, must be a URI with its scheme, for example file:///var/models or s3://bucket/models");
    }

    private static Object parseByMethod(Class<?> type, String text) {
        try {
            Method parse = type.getMethod("parse", String.class);
            return parse.invoke(null, text);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException rule) {
                throw rule;
            }
            throw new IllegalStateException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type.getName() + " has no public static parse(String)", e);
        }
    }
}
