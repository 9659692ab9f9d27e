package dev.reflux.jobs.pipeline.options;

import java.util.ArrayList;
import java.util.List;

/** Defaults as pieces of the file they stand in for. */
final class Defaults {

    private Defaults() {}

    /** A default whose placeholders are filled in. Only lists and mappings are YAML; a single value is taken as it is. */
    static YamlNode node(OptionSpec spec, String text) {
        if (!Schema.isObject(spec.type()) && !Schema.isList(spec.type()) && !Schema.isMap(spec.type())) {
            return new YamlNode.Scalar(Origin.DEFAULT, text);
        }
        List<Problem> problems = new ArrayList<>();
        YamlNode node = YamlTree.value(Origin.DEFAULT, text, problems);
        if (!problems.isEmpty()) {
            throw new IllegalStateException("default of " + spec.name() + ": " + problems);
        }
        return node;
    }
}
