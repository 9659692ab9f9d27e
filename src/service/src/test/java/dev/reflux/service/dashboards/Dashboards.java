package dev.reflux.service.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.reflux.jobs.metrics.MetricCatalog;
import dev.reflux.jobs.metrics.MetricDescription;
import dev.reflux.jobs.metrics.MetricKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The folder {@code dashboards}, read. */
final class Dashboards {

    static final Path FOLDER =
            Path.of("..", "..", "dashboards").toAbsolutePath().normalize();
    static final Path ALERTS = FOLDER.resolve("alerts.yaml");
    static final Path ALERT_TESTS = FOLDER.resolve("alerts.test.yaml");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final Pattern METRIC =
            Pattern.compile("\\b(?:reflux|flink|kafka|jvm|process|system)_[a-z0-9_]+\\b(?!\\s*=)");

    private Dashboards() {}

    /** A panel's or an annotation's expression. */
    record Query(String dashboard, String panel, String expression) {
        @Override
        public String toString() {
            return dashboard + " / " + panel + ": " + expression;
        }
    }

    /** An alert rule. */
    record Rule(String name, String expression, JsonNode json) {}

    /** Title and text of each. */
    static Map<String, JsonNode> all() throws IOException {
        Map<String, JsonNode> all = new TreeMap<>();
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".json")).toList()) {
                JsonNode dashboard = JSON.readTree(file.toFile());
                all.put(dashboard.get("title").textValue().replace("Reflux / ", ""), dashboard);
            }
        }
        return all;
    }

    static List<JsonNode> panels(JsonNode dashboard) {
        List<JsonNode> panels = new ArrayList<>();
        for (JsonNode panel : dashboard.get("panels")) {
            if (!panel.get("type").textValue().equals("row")) {
                panels.add(panel);
            }
        }
        return panels;
    }

    static List<Query> queries() throws IOException {
        List<Query> queries = new ArrayList<>();
        all().forEach((title, dashboard) -> {
            for (JsonNode panel : panels(dashboard)) {
                for (JsonNode target : panel.get("targets")) {
                    queries.add(new Query(
                            title,
                            panel.get("title").textValue(),
                            target.get("expr").textValue()));
                }
            }
            for (JsonNode annotation : dashboard.at("/annotations/list")) {
                if (annotation.has("expr")) {
                    queries.add(new Query(
                            title,
                            "annotation " + annotation.get("name").textValue(),
                            annotation.get("expr").textValue()));
                }
            }
        });
        return queries;
    }

    static List<Rule> rules() throws IOException {
        List<Rule> rules = new ArrayList<>();
        for (JsonNode group : YAML.readTree(ALERTS.toFile()).get("groups")) {
            for (JsonNode rule : group.get("rules")) {
                rules.add(
                        new Rule(rule.get("alert").textValue(), rule.get("expr").textValue(), rule));
            }
        }
        return rules;
    }

    /** Names of the metrics that an expression reads, a histogram's without the ending of its series. */
    static Set<String> metrics(String expression) {
        Set<String> names = new TreeSet<>();
        Matcher matcher = METRIC.matcher(expression.replaceAll("\"[^\"]*\"", "\"\""));
        while (matcher.find()) {
            names.add(family(matcher.group()));
        }
        return names;
    }

    private static String family(String name) {
        for (MetricDescription metric : MetricCatalog.all()) {
            if (metric.kind() == MetricKind.TIMER
                    && name.matches(metric.prometheusName() + "_(bucket|sum|count|max)")) {
                return metric.prometheusName();
            }
        }
        return name;
    }
}
