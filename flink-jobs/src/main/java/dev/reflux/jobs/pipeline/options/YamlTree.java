package dev.reflux.jobs.pipeline.options;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads YAML into {@link YamlNode}s. Refused: duplicate keys, aliases, tags with a type of their own, further documents. */
final class YamlTree {

    private static final YAMLFactory YAML = new YAMLFactory();

    private final String source;
    private final @Nullable Origin fixed;
    private final YAMLParser parser;
    private final List<Problem> problems;

    private YamlTree(String source, @Nullable Origin fixed, YAMLParser parser, List<Problem> problems) {
        this.source = source;
        this.fixed = fixed;
        this.parser = parser;
        this.problems = problems;
    }

    /** Reads a file's text; what is wrong is added to {@code problems}. */
    static YamlNode file(String source, String text, List<Problem> problems) {
        return read(source, null, text, problems);
    }

    /** Reads a value from elsewhere; all of it has one origin. */
    static YamlNode value(Origin origin, String text, List<Problem> problems) {
        return read(origin.source(), origin, text, problems);
    }

    private static YamlNode read(String source, @Nullable Origin fixed, String text, List<Problem> problems) {
        try (YAMLParser parser = YAML.createParser(text)) {
            YamlTree tree = new YamlTree(source, fixed, parser, problems);
            Origin start = fixed == null ? new Origin(source, 1, 1) : fixed;
            YamlNode root = parser.nextToken() == null ? new YamlNode.Nothing(start) : tree.node("");
            if (parser.nextToken() != null) {
                problems.add(new Problem(
                        tree.here(), "", "a second document found, a file holds one; remove the line '---'"));
            }
            return root;
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            Origin origin = fixed != null || at == null
                    ? Origin.of(source)
                    : new Origin(source, at.getLineNr(), at.getColumnNr());
            problems.add(new Problem(origin, "", "not YAML: " + firstLine(e.getOriginalMessage())));
            return new YamlNode.Nothing(origin);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private YamlNode node(String path) throws IOException {
        Origin origin = here();
        if (parser.isCurrentAlias()) {
            problems.add(new Problem(
                    origin,
                    path,
                    "alias '*" + parser.getText() + "' found, aliases are not read here; write the value out"));
            return new YamlNode.Nothing(origin);
        }
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            return mapping(origin, path);
        }
        if (token == JsonToken.START_ARRAY) {
            List<YamlNode> elements = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                elements.add(node(path + "[" + elements.size() + "]"));
            }
            return new YamlNode.Sequence(origin, elements);
        }
        if (token == JsonToken.VALUE_NULL) {
            return new YamlNode.Nothing(origin);
        }
        if (token == JsonToken.VALUE_EMBEDDED_OBJECT) {
            problems.add(new Problem(origin, path, "a tagged value found, tags are not read here; write plain text"));
            return new YamlNode.Nothing(origin);
        }
        return new YamlNode.Scalar(origin, parser.getText());
    }

    private YamlNode mapping(Origin origin, String path) throws IOException {
        Map<String, YamlNode> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            String keyPath = path.isEmpty() ? key : path + "." + key;
            Origin keyOrigin = here();
            parser.nextToken();
            YamlNode value = node(keyPath);
            YamlNode first = entries.putIfAbsent(key, value);
            if (first != null) {
                problems.add(new Problem(
                        keyOrigin,
                        keyPath,
                        "written twice, first in line " + first.origin().line() + "; keep one of them"));
            }
        }
        return new YamlNode.Mapping(origin, entries);
    }

    private Origin here() {
        if (fixed != null) {
            return fixed;
        }
        JsonLocation at = parser.currentTokenLocation();
        return new Origin(source, at.getLineNr(), at.getColumnNr());
    }

    private static String firstLine(String message) {
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }
}
