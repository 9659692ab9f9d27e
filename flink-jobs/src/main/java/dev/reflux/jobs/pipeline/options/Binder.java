package dev.reflux.jobs.pipeline.options;

import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes records of a YAML tree. Goes on after a problem, so that one reading finds all of them. */
final class Binder {

    private static final Pattern PLACEHOLDER = Pattern.compile("<(\\w+)>");

    private final Map<Class<?>, Catalog<?>> catalogs;
    private final YamlNode.Mapping root;
    private final List<Problem> problems;

    Binder(Map<Class<?>, Catalog<?>> catalogs, YamlNode.Mapping root, List<Problem> problems) {
        this.catalogs = catalogs;
        this.root = root;
        this.problems = problems;
    }

    /** The root as a record; null where problems were found. */
    @Nullable
    Object bind(Class<?> type) {
        return object(type, root, "");
    }

    private @Nullable Object value(OptionSpec spec, Type type, YamlNode node, String path) {
        if (Schema.isList(type)) {
            return list(spec, type, node, path);
        }
        if (Schema.isMap(type)) {
            return map(spec, type, node, path);
        }
        if (Schema.isObject(type)) {
            return object((Class<?>) type, node, path);
        }
        if (!(node instanceof YamlNode.Scalar scalar)) {
            return problem(node, path, node.inWords() + " found, must be a single value");
        }
        try {
            Object value = Scalars.parse((Class<?>) type, scalar.text());
            Optional<String> broken = Options.brokenScalar(spec, value);
            return broken.isPresent() ? problem(node, path, broken.get()) : value;
        } catch (IllegalArgumentException e) {
            return problem(node, path, rule(e));
        }
    }

    private @Nullable Object list(OptionSpec spec, Type type, YamlNode node, String path) {
        if (!(node instanceof YamlNode.Sequence sequence)) {
            return problem(node, path, node.inWords() + " found, must be a list, such as [a, b]");
        }
        Optional<String> broken = Options.brokenCount(spec, sequence.elements().size());
        if (broken.isPresent()) {
            return problem(node, path, broken.get());
        }
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < sequence.elements().size(); i++) {
            YamlNode element = sequence.elements().get(i);
            String elementPath = path + "[" + i + "]";
            Object value = element instanceof YamlNode.Nothing
                    ? problem(element, elementPath, "nothing found, must be a value")
                    : value(spec, Schema.elementType(type), element, elementPath);
            if (value != null) {
                values.add(value);
            }
        }
        return values.size() == sequence.elements().size() ? values : null;
    }

    private @Nullable Object map(OptionSpec spec, Type type, YamlNode node, String path) {
        if (!(node instanceof YamlNode.Mapping mapping)) {
            return problem(node, path, node.inWords() + " found, must be a mapping, such as {key: value}");
        }
        Optional<String> broken = Options.brokenCount(spec, mapping.entries().size());
        if (broken.isPresent()) {
            return problem(node, path, broken.get());
        }
        Catalog<?> catalog = catalogs.get(Schema.elementClass(type));
        Map<String, Object> values = new LinkedHashMap<>();
        mapping.entries().forEach((key, element) -> {
            String elementPath = path + "." + key;
            Object value;
            if (catalog != null) {
                value = catalogued(catalog, key, element, elementPath);
            } else if (element instanceof YamlNode.Nothing) {
                value = problem(element, elementPath, "nothing found, must be a value; write '' for an empty text");
            } else {
                value = value(spec, Schema.elementType(type), element, elementPath);
            }
            if (value != null) {
                values.put(key, value);
            }
        });
        return values.size() == mapping.entries().size() ? values : null;
    }

    private <T> @Nullable Object catalogued(Catalog<T> catalog, String name, YamlNode node, String path) {
        if (!catalog.names().contains(name)) {
            return unknown(node, path, name, catalog.names());
        }
        YamlNode expanded = node;
        if (node instanceof YamlNode.Scalar scalar) {
            YamlNode.Mapping mapping = YamlNode.Mapping.empty(node.origin());
            mapping.entries().put(catalog.shorthand(), scalar);
            expanded = mapping;
        }
        if (!(expanded instanceof YamlNode.Mapping mapping)) {
            return problem(
                    node,
                    path,
                    node.inWords() + " found, must be a value of " + catalog.shorthand() + " or a mapping of "
                            + String.join(", ", Schema.of(catalog, name).names()));
        }
        return fields(Schema.of(catalog, name), mapping, path);
    }

    private @Nullable Object object(Class<?> type, YamlNode node, String path) {
        if (!(node instanceof YamlNode.Mapping mapping)) {
            return problem(node, path, node.inWords() + " found, must be a mapping, such as {key: value}");
        }
        if (!Schema.isVariants(type)) {
            return fields(Schema.of(type), mapping, path);
        }
        Map<String, Class<?>> variants = Schema.variants(type);
        List<String> names = List.copyOf(variants.keySet());
        YamlNode choice = mapping.get(Schema.TYPE);
        String choicePath = child(path, Schema.TYPE);
        if (choice == null && names.size() > 1) {
            return problem(node, choicePath, "missing; must be one of " + String.join(", ", names));
        }
        String name = choice == null ? names.get(0) : choice instanceof YamlNode.Scalar text ? text.text() : "";
        Class<?> variant = variants.get(name);
        if (variant == null) {
            YamlNode at = choice == null ? node : choice;
            return problem(at, choicePath, at.inWords() + " found, must be " + Scalars.oneOf(name, names));
        }
        YamlNode.Mapping rest = mapping.copy();
        rest.entries().remove(Schema.TYPE);
        return fields(Schema.of(variant), rest, path);
    }

    private @Nullable Object fields(Schema schema, YamlNode.Mapping mapping, String path) {
        boolean complete = true;
        for (Map.Entry<String, YamlNode> entry : mapping.entries().entrySet()) {
            if (schema.option(entry.getKey()).isEmpty()) {
                unknown(entry.getValue(), child(path, entry.getKey()), entry.getKey(), schema.names());
                complete = false;
            }
        }
        Map<String, Object> values = new LinkedHashMap<>();
        for (OptionSpec spec : schema.options()) {
            String optionPath = child(path, spec.name());
            YamlNode node = withDefault(spec, mapping);
            if (node == null) {
                if (!spec.nullable()) {
                    problem(mapping, optionPath, "missing; must be given: " + spec.description());
                    complete = false;
                }
                continue;
            }
            Object value = value(spec, spec.type(), node, optionPath);
            if (value == null) {
                complete = false;
            } else {
                values.put(spec.name(), value);
            }
        }
        if (!complete) {
            return null;
        }
        try {
            return schema.factory().create(values);
        } catch (OptionException e) {
            return problem(locate(mapping, e.option()), child(path, e.option()), e.rule());
        } catch (IllegalArgumentException e) {
            return problem(mapping, path, rule(e));
        }
    }

    /** What was given, completed by the default where both are mappings of the same variant. */
    private @Nullable YamlNode withDefault(OptionSpec spec, YamlNode.Mapping mapping) {
        YamlNode given = mapping.get(spec.name());
        if (spec.defaultValue().isEmpty()) {
            return given;
        }
        Matcher whole = PLACEHOLDER.matcher(spec.defaultValue());
        YamlNode fallback;
        if (Schema.isObject(spec.type()) && whole.matches()) {
            YamlNode referenced = root.get(whole.group(1));
            fallback = referenced == null ? YamlNode.Mapping.empty(Origin.DEFAULT) : referenced;
        } else {
            fallback = Defaults.node(spec, substitute(spec.defaultValue(), mapping));
        }
        return given == null ? fallback : merge(spec.type(), given, fallback);
    }

    private static YamlNode merge(Type type, YamlNode given, YamlNode fallback) {
        if (!Schema.isObject(type)
                || !(given instanceof YamlNode.Mapping over)
                || !(fallback instanceof YamlNode.Mapping under)) {
            return given;
        }
        Class<?> target = (Class<?>) type;
        if (Schema.isVariants(target)) {
            YamlNode choice = over.get(Schema.TYPE);
            YamlNode usual = under.get(Schema.TYPE);
            if (choice != null && !(usual != null && choice.inWords().equals(usual.inWords()))) {
                return given;
            }
        }
        YamlNode.Mapping merged = over.copy();
        under.entries().forEach((key, value) -> {
            YamlNode own = over.get(key);
            if (own == null) {
                merged.entries().put(key, value);
            } else if (!Schema.isVariants(target)) {
                Schema.of(target)
                        .option(key)
                        .ifPresent(spec -> merged.entries().put(key, merge(spec.type(), own, value)));
            }
        });
        return merged;
    }

    private String substitute(String text, YamlNode.Mapping mapping) {
        if (text.indexOf('<') < 0) {
            return text;
        }
        return PLACEHOLDER.matcher(text).replaceAll(match -> {
            YamlNode node = mapping.get(match.group(1));
            if (node == null) {
                node = root.get(match.group(1));
            }
            String value = node instanceof YamlNode.Scalar scalar ? scalar.text() : "unnamed";
            String escaped = text.startsWith("/") ? value.replace("~", "~0").replace("/", "~1") : value;
            return Matcher.quoteReplacement(escaped);
        });
    }

    /** What lies nearest to the end of a path such as {@code students[0].network}. */
    private static YamlNode locate(YamlNode.Mapping mapping, String path) {
        YamlNode at = mapping;
        for (String key : path.split("\\.|\\[|]\\.?")) {
            YamlNode next = null;
            if (at instanceof YamlNode.Mapping parent) {
                next = parent.get(key);
            } else if (at instanceof YamlNode.Sequence list) {
                next = list.elements().get(Integer.parseInt(key));
            }
            if (next == null) {
                return at;
            }
            at = next;
        }
        return at;
    }

    private @Nullable Object unknown(YamlNode node, String path, String key, Collection<String> known) {
        return problem(node, path, unknown(key, known));
    }

    /** The rule that an unknown key breaks. */
    static String unknown(String key, Collection<String> known) {
        return "no such option"
                + Texts.nearest(key, known)
                        .map(word -> "; did you mean " + word + "?")
                        .orElse(";")
                + " Known here: " + String.join(", ", known);
    }

    private @Nullable Object problem(YamlNode node, String path, String rule) {
        Problem problem = new Problem(node.origin(), path, rule);
        boolean known = problems.stream()
                .anyMatch(other -> other.origin().equals(problem.origin())
                        && other.origin().line() > 0
                        && other.rule().equals(rule));
        if (!known) {
            problems.add(problem);
        }
        return null;
    }

    private static String rule(IllegalArgumentException e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message;
    }

    static String child(String path, String key) {
        return path.isEmpty() ? key : key.isEmpty() ? path : path + "." + key;
    }
}
