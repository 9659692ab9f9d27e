package dev.reflux.jobs.pipeline.options;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A piece of YAML that knows where it was written. Scalars are text as written; their type is the reader's business. */
sealed interface YamlNode {

    Origin origin();

    /** What it is, for errors. */
    String inWords();

    record Scalar(Origin origin, String text) implements YamlNode {
        @Override
        public String inWords() {
            return "'" + text + "'";
        }
    }

    /** A key without a value: the same as no key. */
    record Nothing(Origin origin) implements YamlNode {
        @Override
        public String inWords() {
            return "nothing";
        }
    }

    record Sequence(Origin origin, List<YamlNode> elements) implements YamlNode {
        Sequence copy() {
            return new Sequence(origin, new ArrayList<>(elements));
        }

        @Override
        public String inWords() {
            return "a list";
        }
    }

    record Mapping(Origin origin, Map<String, YamlNode> entries) implements YamlNode {

        static Mapping empty(Origin origin) {
            return new Mapping(origin, new LinkedHashMap<>());
        }

        Mapping copy() {
            return new Mapping(origin, new LinkedHashMap<>(entries));
        }

        /** The value of a key; null where there is none. */
        @Nullable
        YamlNode get(String key) {
            YamlNode node = entries.get(key);
            return node instanceof Nothing ? null : node;
        }

        @Override
        public String inWords() {
            return "a mapping";
        }
    }
}
