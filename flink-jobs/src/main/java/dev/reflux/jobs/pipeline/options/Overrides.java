package dev.reflux.jobs.pipeline.options;

import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Settings from the environment and from flags, written into the tree of the file. Elements of a list are named by their
 * number, from 0, or by their {@code name}.
 */
final class Overrides {

    private final Map<Class<?>, Catalog<?>> catalogs;
    private final Class<?> rootType;
    private final YamlNode.Mapping root;
    private final List<Problem> problems;

    Overrides(Map<Class<?>, Catalog<?>> catalogs, Class<?> rootType, YamlNode.Mapping root, List<Problem> problems) {
        this.catalogs = catalogs;
        this.rootType = rootType;
        this.root = root;
        this.problems = problems;
    }

    /**
     * {@code PREFIX_KAFKA_BOOTSTRAPSERVERS}: the path in upper case, with underscores. A variable whose first word is no
     * option of the root is not meant for us.
     */
    void environment(String prefix, Map<String, String> environment) {
        new TreeMap<>(environment).forEach((name, value) -> {
            if (!name.startsWith(prefix + "_")) {
                return;
            }
            List<String> words = List.of(name.substring(prefix.length() + 1).split("_", -1));
            if (Schema.of(rootType).names().stream()
                    .anyMatch(option -> Spelling.ENVIRONMENT.same(option, words.get(0)))) {
                Origin origin = Origin.of("environment variable " + name);
                new Walk(origin, Spelling.ENVIRONMENT).into(rootType, root, words, "", value);
            }
        });
    }

    /** {@code kafka.bootstrapServers=localhost:9092}; the value of a list or mapping is YAML. */
    void flag(String assignment) {
        int equals = assignment.indexOf('=');
        Origin origin = Origin.of("--set " + (equals < 0 ? assignment : assignment.substring(0, equals)));
        if (equals < 1) {
            problems.add(new Problem(
                    origin, "", "'" + assignment + "' found, must be PATH=VALUE, for example batch.size=128"));
            return;
        }
        List<String> keys = Arrays.asList(
                assignment.substring(0, equals).replaceAll("\\[(\\d+)]", ".$1").split("\\.", -1));
        new Walk(origin, Spelling.AS_IN_THE_FILE).into(rootType, root, keys, "", assignment.substring(equals + 1));
    }

    /** How a path is written. */
    private enum Spelling {
        AS_IN_THE_FILE {
            @Override
            boolean same(String name, String word) {
                return name.equals(word);
            }

            @Override
            String mapKey(List<String> words) {
                return String.join(".", words);
            }
        },
        ENVIRONMENT {
            @Override
            boolean same(String name, String word) {
                return name.replace('-', '_').equalsIgnoreCase(word);
            }

            @Override
            String mapKey(List<String> words) {
                return String.join(".", words).toLowerCase(Locale.ROOT);
            }
        };

        /** Whether a word of the path means this name; several words are joined by underscores. */
        abstract boolean same(String name, String word);

        /** The key of a free map that the rest of the path means. */
        abstract String mapKey(List<String> words);
    }

    /** One override on its way down the tree. */
    private final class Walk {

        private final Origin origin;
        private final Spelling spelling;

        Walk(Origin origin, Spelling spelling) {
            this.origin = origin;
            this.spelling = spelling;
        }

        void into(Class<?> type, YamlNode.Mapping mapping, List<String> keys, String path, String text) {
            into(options(type, mapping), mapping, keys, path, text);
        }

        private void into(
                List<OptionSpec> options, YamlNode.Mapping mapping, List<String> keys, String path, String text) {
            String key = keys.get(0);
            List<String> known =
                    options.stream().map(OptionSpec::name).distinct().toList();
            Optional<OptionSpec> found = options.stream()
                    .filter(spec -> spelling.same(spec.name(), key))
                    .findFirst();
            if (found.isEmpty()) {
                unknown(key, known, path);
                return;
            }
            OptionSpec spec = found.get();
            String childPath = Binder.child(path, spec.name());
            List<String> rest = keys.subList(1, keys.size());
            if (rest.isEmpty()) {
                mapping.entries().put(spec.name(), leaf(spec.type(), text));
            } else if (Schema.isObject(spec.type())) {
                into((Class<?>) spec.type(), descend(mapping, spec.name()), rest, childPath, text);
            } else if (Schema.isMap(spec.type())) {
                intoMap(spec, mapping, rest, childPath, text);
            } else if (Schema.isList(spec.type())) {
                intoList(spec, mapping, rest, childPath, text);
            } else {
                problems.add(new Problem(
                        origin,
                        childPath,
                        "is a single value, '" + String.join(".", rest) + "' below it does not exist"));
            }
        }

        private void intoMap(OptionSpec spec, YamlNode.Mapping parent, List<String> keys, String path, String text) {
            Class<?> elementType = Schema.elementClass(spec.type());
            Catalog<?> catalog = catalogs.get(elementType);
            YamlNode.Mapping map = descend(parent, spec.name(), spec);
            if (catalog == null) {
                String key = spelling.mapKey(keys);
                map.entries().put(key, leaf(elementType, text));
                return;
            }
            for (int words = 1; words <= keys.size(); words++) {
                String joined = String.join("_", keys.subList(0, words));
                String name = catalog.names().stream()
                        .filter(one -> spelling.same(one, joined))
                        .findFirst()
                        .orElse(null);
                if (name == null) {
                    continue;
                }
                List<String> rest = keys.subList(words, keys.size());
                if (rest.isEmpty()) {
                    map.entries().put(name, YamlTree.value(origin, text, problems));
                    return;
                }
                if (map.get(name) instanceof YamlNode.Scalar bare) {
                    YamlNode.Mapping expanded = YamlNode.Mapping.empty(bare.origin());
                    expanded.entries().put(catalog.shorthand(), bare);
                    map.entries().put(name, expanded);
                }
                into(catalog.options(name), descend(map, name), rest, path + "." + name, text);
                return;
            }
            unknown(keys.get(0), catalog.names(), path);
        }

        private void intoList(OptionSpec spec, YamlNode.Mapping parent, List<String> keys, String path, String text) {
            YamlNode given = parent.get(spec.name());
            YamlNode start = given == null ? Defaults.node(spec, spec.defaultValue()) : given;
            if (!(start instanceof YamlNode.Sequence elements)) {
                return;
            }
            YamlNode.Sequence list = elements.copy();
            parent.entries().put(spec.name(), list);
            Type elementType = Schema.elementType(spec.type());
            int index = -1;
            int words = 0;
            while (index < 0 && words < keys.size()) {
                words++;
                index = indexOf(list, elementType, String.join("_", keys.subList(0, words)));
            }
            if (index < 0) {
                problems.add(new Problem(
                        origin,
                        path,
                        "no element '" + keys.get(0) + "'; there are "
                                + list.elements().size() + ", named by number from 0 or by their name"));
                return;
            }
            List<String> rest = keys.subList(words, keys.size());
            if (rest.isEmpty()) {
                list.elements().set(index, leaf(elementType, text));
            } else if (list.elements().get(index) instanceof YamlNode.Mapping element && Schema.isObject(elementType)) {
                YamlNode.Mapping copy = element.copy();
                list.elements().set(index, copy);
                into((Class<?>) elementType, copy, rest, path + "[" + index + "]", text);
            } else {
                problems.add(new Problem(
                        origin,
                        path + "[" + index + "]",
                        "has nothing below it named '" + String.join(".", rest) + "'"));
            }
        }

        private int indexOf(YamlNode.Sequence list, Type elementType, String key) {
            if (key.matches("\\d{1,6}")) {
                int index = Integer.parseInt(key);
                return index < list.elements().size() ? index : -1;
            }
            for (int i = 0; i < list.elements().size(); i++) {
                if (list.elements().get(i) instanceof YamlNode.Mapping element
                        && elementType instanceof Class<?> type) {
                    String name = element.get("name") instanceof YamlNode.Scalar scalar
                            ? scalar.text()
                            : options(type, element).stream()
                                    .filter(spec -> spec.name().equals("name"))
                                    .map(OptionSpec::defaultValue)
                                    .findFirst()
                                    .orElse("");
                    if (spelling.same(name, key)) {
                        return i;
                    }
                }
            }
            return -1;
        }

        private void unknown(String key, Collection<String> known, String path) {
            problems.add(new Problem(origin, Binder.child(path, key), Binder.unknown(key, known)));
        }

        private YamlNode leaf(Type type, String text) {
            return Schema.isObject(type) || Schema.isList(type) || Schema.isMap(type)
                    ? YamlTree.value(origin, text, problems)
                    : new YamlNode.Scalar(origin, text);
        }

        private YamlNode.Mapping descend(YamlNode.Mapping parent, String key) {
            return descend(parent, key, null);
        }

        private YamlNode.Mapping descend(YamlNode.Mapping parent, String key, @Nullable OptionSpec ofDefault) {
            YamlNode child = parent.get(key);
            if (child == null && ofDefault != null) {
                child = Defaults.node(ofDefault, ofDefault.defaultValue());
            }
            YamlNode.Mapping mapping =
                    child instanceof YamlNode.Mapping existing ? existing.copy() : YamlNode.Mapping.empty(origin);
            parent.entries().put(key, mapping);
            return mapping;
        }
    }

    /** The options that a mapping may hold; of all variants, with the choice, where it is one of several. */
    private static List<OptionSpec> options(Class<?> type, YamlNode.Mapping mapping) {
        if (!Schema.isVariants(type)) {
            return Schema.of(type).options();
        }
        List<OptionSpec> options = new ArrayList<>();
        options.add(new OptionSpec(
                Schema.TYPE, String.class, "", "", "", Interval.parse(""), null, "", Interval.parse(""), false));
        Map<String, Class<?>> variants = Schema.variants(type);
        Class<?> chosen =
                mapping.get(Schema.TYPE) instanceof YamlNode.Scalar scalar ? variants.get(scalar.text()) : null;
        for (Class<?> variant : chosen == null ? variants.values() : List.<Class<?>>of(chosen)) {
            options.addAll(Schema.of(variant).options());
        }
        return options;
    }
}
