package dev.reflux.jobs.pipeline.options;

import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** All options of a record as Markdown: one table of what always is there, and one for each choice of type. */
public final class OptionTable {

    private static final String HEAD = "| option | default | meaning |\n|---|---|---|\n";

    private final Map<Class<?>, Catalog<?>> catalogs = new LinkedHashMap<>();
    private final Map<Class<?>, List<String>> variantPaths = new LinkedHashMap<>();
    private final Map<Class<?>, List<String>> catalogPaths = new LinkedHashMap<>();
    private final StringBuilder out = new StringBuilder();

    private OptionTable(List<Catalog<?>> catalogs) {
        catalogs.forEach(catalog -> this.catalogs.put(catalog.type(), catalog));
    }

    public static String markdown(Class<? extends Record> type, List<Catalog<?>> catalogs) {
        OptionTable table = new OptionTable(catalogs);
        table.out.append(HEAD);
        table.rows(Schema.of(type), "");
        table.variantPaths.forEach(table::variants);
        table.catalogPaths.forEach(table::catalog);
        return table.out.toString();
    }

    private void rows(Schema schema, String path) {
        for (OptionSpec spec : schema.options()) {
            String optionPath = Binder.child(path, spec.name());
            Type inner = Schema.isList(spec.type()) ? Schema.elementType(spec.type()) : spec.type();
            if (!Schema.isObject(inner)) {
                row(optionPath, spec);
                noteCatalog(spec, optionPath);
                continue;
            }
            Class<?> object = (Class<?>) inner;
            String objectPath = Schema.isList(spec.type()) ? optionPath + "[]" : optionPath;
            boolean hasOwnDefault = !spec.defaultValue().equals("{}") && !spec.isRequired();
            if (Schema.isVariants(object) || Schema.isList(spec.type()) || hasOwnDefault) {
                row(optionPath, spec);
            }
            if (Schema.isVariants(object)) {
                variantPaths.computeIfAbsent(object, any -> new ArrayList<>()).add(objectPath);
            } else if (!spec.defaultValue().startsWith("<")) {
                rows(Schema.of(object), objectPath);
            }
        }
    }

    private void noteCatalog(OptionSpec spec, String path) {
        if (Schema.isMap(spec.type()) && catalogs.containsKey(Schema.elementClass(spec.type()))) {
            catalogPaths
                    .computeIfAbsent(Schema.elementClass(spec.type()), any -> new ArrayList<>())
                    .add(path);
        }
    }

    private void variants(Class<?> sealed, List<String> paths) {
        Schema.variants(sealed).forEach((name, variant) -> {
            out.append("\n**")
                    .append(code(paths))
                    .append(" with `type: ")
                    .append(name)
                    .append("`**\n\n")
                    .append(HEAD);
            Schema.of(variant).options().forEach(spec -> row(spec.name(), spec));
        });
    }

    private void catalog(Class<?> type, List<String> paths) {
        Catalog<?> catalog = catalogs.get(type);
        if (catalog == null) {
            return;
        }
        for (String name : new TreeSet<>(catalog.names())) {
            out.append("\n**")
                    .append(code(paths))
                    .append(": `")
                    .append(name)
                    .append("`**\n\n")
                    .append(HEAD);
            catalog.options(name).forEach(spec -> row(spec.name(), spec));
        }
    }

    private static String code(List<String> paths) {
        return "`" + String.join("`, `", paths) + "`";
    }

    private void row(String path, OptionSpec spec) {
        out.append("| `")
                .append(path)
                .append("` | ")
                .append(defaultOf(spec))
                .append(" | ")
                .append(meaning(spec).replace("|", "\\|"))
                .append(" |\n");
    }

    private static String defaultOf(OptionSpec spec) {
        if (spec.isRequired()) {
            return "required";
        }
        return spec.defaultValue().isEmpty() ? "none" : "`" + spec.defaultValue() + "`";
    }

    private static String meaning(OptionSpec spec) {
        List<String> rules = new ArrayList<>();
        Type inner = Schema.isList(spec.type()) ? Schema.elementType(spec.type()) : spec.type();
        if (inner instanceof Class<?> type) {
            if (type.isEnum()) {
                rules.add("one of " + String.join(", ", Scalars.constants(type)));
            }
            if (Schema.isVariants(type)) {
                rules.add("type: " + String.join(", ", Schema.variants(type).keySet()));
            }
        }
        if (!spec.patternInWords().isEmpty()) {
            rules.add(spec.patternInWords());
        }
        if (spec.range().isBounded()) {
            rules.add(spec.range().inWords() + unit(spec, inner));
        } else if (!spec.unit().isEmpty()) {
            rules.add("in " + spec.unit());
        }
        if (spec.count().isBounded()) {
            rules.add("number of entries " + spec.count().inWords());
        }
        return spec.description() + (rules.isEmpty() ? "." : ". (" + String.join("; ", rules) + ")");
    }

    private static String unit(OptionSpec spec, Type type) {
        if (type == Duration.class) {
            return " seconds";
        }
        if (type instanceof Class<?> measured && Measured.class.isAssignableFrom(measured)) {
            return " bytes";
        }
        return spec.unit().isEmpty() ? "" : " " + spec.unit();
    }
}
