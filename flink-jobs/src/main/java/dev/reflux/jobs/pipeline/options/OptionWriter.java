package dev.reflux.jobs.pipeline.options;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Prints a record of options as YAML that {@link OptionReader} reads back to an equal record. */
public final class OptionWriter {

    /** What becomes of passwords and keys. */
    public enum Secrets {
        /** Stars: for people and logs. */
        MASKED,
        /** As they are: for the program that will use them. */
        SHOWN
    }

    private static final String MASK = "********";
    private static final Pattern SECRET = Pattern.compile(
            ".*(password|passwd|secret|jaas|token|credential|keystore\\.key|user\\.info|api\\.key).*",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9./<][A-Za-z0-9 ._/:+<>@%~-]*");
    private static final Pattern SPECIAL = Pattern.compile(
            "(?i)true|false|null|yes|no|on|off|~|[+-]?[0-9][0-9_.]*([eE][+-]?[0-9]+)?|[+-]?\\.[0-9]+|\\.inf|\\.nan");

    private final Secrets secrets;
    private final Map<Class<?>, Catalog<?>> catalogs = new HashMap<>();

    private OptionWriter(Secrets secrets, List<Catalog<?>> catalogs) {
        this.secrets = secrets;
        catalogs.forEach(catalog -> this.catalogs.put(catalog.type(), catalog));
    }

    public static String write(Record options, List<Catalog<?>> catalogs, Secrets secrets) {
        OptionWriter writer = new OptionWriter(secrets, catalogs);
        StringBuilder out = new StringBuilder();
        print(writer.mapping(options), "", out);
        return out.toString();
    }

    /** The value as a tree whose scalars are quoted where they must be. */
    private YamlNode node(Object value) {
        if (value instanceof List<?> list) {
            List<YamlNode> elements = new ArrayList<>();
            list.forEach(element -> elements.add(node(element)));
            return new YamlNode.Sequence(Origin.DEFAULT, elements);
        }
        if (value instanceof Map<?, ?> map) {
            YamlNode.Mapping mapping = YamlNode.Mapping.empty(Origin.DEFAULT);
            map.forEach((key, element) -> mapping.entries().put((String) key, entry((String) key, element)));
            return mapping;
        }
        if (value instanceof Record options && Schema.isObject(options.getClass())) {
            return mapping(options);
        }
        return new YamlNode.Scalar(Origin.DEFAULT, value instanceof String text ? quote(text) : Scalars.print(value));
    }

    private YamlNode entry(String key, Object element) {
        Catalog<?> catalog = catalogs.get(element.getClass());
        if (catalog != null) {
            return node(catalogued(catalog, key, element));
        }
        return node(secrets == Secrets.MASKED && SECRET.matcher(key).matches() ? MASK : element);
    }

    private static <T> Map<String, Object> catalogued(Catalog<T> catalog, String name, Object element) {
        return catalog.options(name, catalog.type().cast(element));
    }

    private YamlNode.Mapping mapping(Record options) {
        YamlNode.Mapping mapping = YamlNode.Mapping.empty(Origin.DEFAULT);
        Variant variant = options.getClass().getAnnotation(Variant.class);
        if (variant != null) {
            mapping.entries().put(Schema.TYPE, node(variant.value()));
        }
        for (RecordComponent component : options.getClass().getRecordComponents()) {
            Object value = read(options, component);
            if (value != null) {
                mapping.entries().put(component.getName(), node(value));
            }
        }
        return mapping;
    }

    private static @Nullable Object read(Record options, RecordComponent component) {
        try {
            return component.getAccessor().invoke(options);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(component + " cannot be read", e);
        }
    }

    private static void print(YamlNode.Mapping mapping, String indent, StringBuilder out) {
        mapping.entries().forEach((key, value) -> {
            out.append(indent)
                    .append(PLAIN.matcher(key).matches() ? key : quote(key))
                    .append(':');
            if (value instanceof YamlNode.Mapping inner && !inner.entries().isEmpty()) {
                out.append('\n');
                print(inner, indent + "  ", out);
            } else if (value instanceof YamlNode.Sequence list
                    && list.elements().stream().anyMatch(YamlNode.Mapping.class::isInstance)) {
                out.append('\n');
                printElements(list, indent + "  ", out);
            } else {
                out.append(' ').append(inLine(value)).append('\n');
            }
        });
    }

    private static void printElements(YamlNode.Sequence list, String indent, StringBuilder out) {
        for (YamlNode element : list.elements()) {
            int start = out.length();
            print((YamlNode.Mapping) element, indent + "  ", out);
            out.replace(start, start + indent.length() + 2, indent + "- ");
        }
    }

    private static String inLine(YamlNode node) {
        if (node instanceof YamlNode.Scalar scalar) {
            return scalar.text();
        }
        return node instanceof YamlNode.Sequence list
                ? list.elements().stream().map(OptionWriter::inLine).collect(Collectors.joining(", ", "[", "]"))
                : "{}";
    }

    /** Plain where YAML reads it back as the same text, else in double quotes with JSON's escapes. */
    private static String quote(String text) {
        if (PLAIN.matcher(text).matches()
                && !SPECIAL.matcher(text).matches()
                && !text.contains(": ")
                && !text.endsWith(":")
                && !text.endsWith(" ")) {
            return text;
        }
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }
}
