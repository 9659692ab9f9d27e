package dev.reflux.service.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflux.jobs.metrics.MetricCatalog;
import dev.reflux.jobs.metrics.MetricDescription;
import dev.reflux.jobs.metrics.MetricKind;
import dev.reflux.service.dashboards.Dashboards.Query;
import dev.reflux.service.dashboards.Dashboards.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Dashboards and alerts speak of what there is, and are built as those of others. */
class DashboardsTest {

    private static final Pattern SELECTOR = Pattern.compile("\\b[a-z0-9_]+\\{([^}]*)}");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{?([a-zA-Z_]+)");
    private static final Set<String> BUILT_IN = Set.of("__rate_interval", "__range");

    private final Map<String, JsonNode> dashboards;
    private final List<Query> queries;
    private final List<Rule> rules;

    DashboardsTest() throws IOException {
        dashboards = Dashboards.all();
        queries = Dashboards.queries();
        rules = Dashboards.rules();
    }

    @Test
    void dashboards_areTheFour_underStableNames() {
        assertThat(dashboards).containsOnlyKeys("Overview", "Learning", "Drift", "Runtime");
        dashboards.forEach((title, dashboard) -> {
            assertThat(dashboard.get("uid").textValue())
                    .isEqualTo("reflux-" + title.toLowerCase(java.util.Locale.ROOT));
            assertThat(dashboard.get("editable").booleanValue())
                    .as("files are the source; what is edited in Grafana is lost")
                    .isFalse();
            assertThat(dashboard.get("tags")).extracting(JsonNode::textValue).contains("reflux");
        });
    }

    @Test
    void variables_letTheUserChoose_andNothingIsFixed() {
        dashboards.forEach((title, dashboard) -> {
            JsonNode variables = dashboard.at("/templating/list");
            List<String> names = new ArrayList<>();
            variables.forEach(variable -> names.add(variable.get("name").textValue()));
            assertThat(names).as(title).startsWith("datasource", "job").contains("pipeline");
            variables.forEach(variable -> {
                assertThat(variable.get("label").textValue()).isNotBlank();
                if (variable.get("type").textValue().equals("query")) {
                    assertThat(variable.at("/datasource/uid").textValue()).isEqualTo("${datasource}");
                    assertThat(variable.get("refresh").intValue())
                            .as("on each change of the time range")
                            .isEqualTo(2);
                    assertThat(variable.get("multi").booleanValue()).isTrue();
                    assertThat(variable.get("allValue").textValue()).isEqualTo(".+");
                }
            });
            Matcher used = VARIABLE.matcher(expressions(title));
            while (used.find()) {
                if (!BUILT_IN.contains(used.group(1))) {
                    assertThat(names).as(title).contains(used.group(1));
                }
            }
            names.stream()
                    .filter(name -> !name.equals("datasource"))
                    .forEach(name -> assertThat(expressions(title))
                            .as(title + " uses it")
                            .contains("$" + name));
        });
    }

    private String expressions(String dashboard) {
        return queries.stream()
                .filter(query -> query.dashboard().equals(dashboard))
                .map(Query::expression)
                .collect(Collectors.joining("\n"));
    }

    @Test
    void panels_sayWhatTheyShow_inWhichUnit() {
        dashboards.forEach((title, dashboard) -> {
            Set<Integer> ids = new HashSet<>();
            dashboard
                    .get("panels")
                    .forEach(panel -> assertThat(ids.add(panel.get("id").intValue()))
                            .as("%s: id %s", title, panel.get("id"))
                            .isTrue());
            for (JsonNode panel : Dashboards.panels(dashboard)) {
                String name = title + " / " + panel.path("title").textValue();
                assertThat(panel.path("title").asText()).as(name).isNotBlank();
                assertThat(panel.path("description").asText()).as(name).endsWith(".");
                assertThat(panel.at("/fieldConfig/defaults/unit").asText())
                        .as(name)
                        .isNotBlank();
                assertThat(panel.at("/datasource/uid").asText()).as(name).isEqualTo("${datasource}");
                assertThat(panel.get("targets")).as(name).isNotEmpty();
                panel.get("targets").forEach(target -> {
                    assertThat(target.at("/datasource/uid").asText()).as(name).isEqualTo("${datasource}");
                    assertThat(target.get("legendFormat").asText()).as(name).isNotBlank();
                });
            }
        });
    }

    @Test
    void panels_lieBesideEachOther() {
        dashboards.forEach((title, dashboard) -> {
            Set<String> taken = new HashSet<>();
            dashboard.get("panels").forEach(panel -> {
                JsonNode at = panel.get("gridPos");
                for (int x = at.get("x").intValue();
                        x < at.get("x").intValue() + at.get("w").intValue();
                        x++) {
                    assertThat(x).isLessThan(24);
                    for (int y = at.get("y").intValue();
                            y < at.get("y").intValue() + at.get("h").intValue();
                            y++) {
                        assertThat(taken.add(x + "," + y))
                                .as("%s: %s lies over another panel", title, panel.get("title"))
                                .isTrue();
                    }
                }
            });
        });
    }

    @Test
    void selectors_followTheVariables() {
        for (Query query : queries) {
            Matcher selectors = SELECTOR.matcher(query.expression());
            int found = 0;
            while (selectors.find()) {
                assertThat(selectors.group(1)).as(query.toString()).startsWith("job=~\"$job\"");
                found++;
            }
            assertThat(found).as(query.toString()).isPositive();
            assertThat(query.expression())
                    .as("a fixed window is wrong for one zoom or the other")
                    .doesNotContainPattern("\\[\\d");
        }
    }

    @Test
    void counters_areReadAsRates() {
        Set<String> counters = MetricCatalog.all().stream()
                .filter(metric -> metric.kind() == MetricKind.COUNTER)
                .map(MetricDescription::prometheusName)
                .collect(Collectors.toSet());
        Stream.concat(queries.stream().map(Query::expression), rules.stream().map(Rule::expression))
                .forEach(expression -> counters.stream()
                        .filter(counter -> Dashboards.metrics(expression).contains(counter))
                        .forEach(counter -> assertThat(
                                        expression.replaceAll("(rate|increase|changes)\\(" + counter + "\\b", ""))
                                .doesNotContainPattern("\\b" + counter + "\\b")));
    }

    @Test
    void metrics_thatAreShown_areThoseOfTheCatalog() {
        Set<String> known = MetricCatalog.all().stream()
                .map(MetricDescription::prometheusName)
                .collect(Collectors.toSet());

        assertThat(queries).allSatisfy(query -> assertThat(known).containsAll(Dashboards.metrics(query.expression())));
        assertThat(rules).allSatisfy(rule -> assertThat(known).containsAll(Dashboards.metrics(rule.expression())));
    }

    @Test
    void metrics_ofTheCatalog_areShownWhereItSays() {
        for (MetricDescription metric : MetricCatalog.all()) {
            Set<String> shown = queries.stream()
                    .filter(query -> query.dashboard().equals(metric.dashboard().toString()))
                    .map(Query::expression)
                    .map(Dashboards::metrics)
                    .flatMap(Collection::stream)
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(shown)
                    .as("%s is to be on dashboard %s", metric.prometheusName(), metric.dashboard())
                    .contains(metric.prometheusName());
        }
    }

    @Test
    void labels_ofEveryExpression_areThoseOfItsMetrics() {
        Map<String, Set<String>> labels = MetricCatalog.all().stream()
                .collect(Collectors.toMap(MetricDescription::prometheusName, metric -> new HashSet<>(metric.labels())));
        Set<String> always = Set.of("job", "instance", "le");
        for (Query query : queries) {
            Set<String> allowed = new TreeSet<>(always);
            Dashboards.metrics(query.expression()).forEach(metric -> allowed.addAll(labels.get(metric)));
            Matcher matchers = Pattern.compile("([a-z_]+)\\s*(?:=~|!=|=)\\s*\"").matcher(query.expression());
            while (matchers.find()) {
                assertThat(allowed).as(query.toString()).contains(matchers.group(1));
            }
            Matcher grouped = Pattern.compile("(?:by|on) \\(([^)]*)\\)").matcher(query.expression());
            while (grouped.find()) {
                assertThat(allowed)
                        .as(query.toString())
                        .contains(grouped.group(1).split(",\\s*"));
            }
        }
    }

    @Test
    void alerts_haveSeveritySummaryAndRunbook() throws IOException {
        for (Rule rule : rules) {
            assertThat(rule.name()).startsWith("Reflux");
            assertThat(rule.json().at("/labels/severity").asText()).isIn("info", "warning", "critical");
            assertThat(rule.json().at("/annotations/summary").asText()).endsWith(".");
            assertThat(rule.json().at("/annotations/description").asText()).endsWith(".");
            String runbook = rule.json().at("/annotations/runbook_url").asText();
            assertThat(runbook).startsWith("dashboards/runbooks/");
            assertThat(Dashboards.FOLDER.getParent().resolve(runbook)).content().contains("\n## Look\n", "\n## Act\n");
        }
        try (Stream<java.nio.file.Path> runbooks = Files.list(Dashboards.FOLDER.resolve("runbooks"))) {
            assertThat(runbooks.map(path -> "dashboards/runbooks/" + path.getFileName()))
                    .containsExactlyInAnyOrderElementsOf(rules.stream()
                            .map(rule ->
                                    rule.json().at("/annotations/runbook_url").asText())
                            .collect(Collectors.toSet()));
        }
    }

    @Test
    void alerts_haveEachATestThatFiresAndOneThatDoesNot() throws IOException {
        String tests = Files.readString(Dashboards.ALERT_TESTS);

        assertThat(rules).allSatisfy(rule -> {
            assertThat(tests).containsPattern("alertname: " + rule.name() + "\n        exp_alerts:\n");
            assertThat(tests).contains("alertname: " + rule.name() + "\n        exp_alerts: []\n");
        });
    }
}
