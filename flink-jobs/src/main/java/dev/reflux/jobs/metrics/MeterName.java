package dev.reflux.jobs.metrics;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Name and tags of a Flink metric in Micrometer's form: {@code flink.taskmanager.job.task.num.records.in}, and
 * {@code reflux.teacher.accuracy} for our own. The Prometheus registry writes dots as underscores.
 *
 * <p>The name is the logical scope without the names of variables, which are tags.
 */
record MeterName(String name, Tags tags) {
    /** The metric group that our operators open; what is under it is named from there on. */
    static final String OWN_GROUP = "reflux";

    /**
     * @param logicalScope the groups' names from the outermost on, joined by dots
     * @param variables Flink's, with names in angle brackets
     */
    static MeterName of(String logicalScope, String metricName, Map<String, String> variables) {
        Map<String, String> named = new TreeMap<>();
        variables.forEach((key, value) -> named.put(key.replaceAll("[<>]", ""), value));

        List<String> scope = List.of(logicalScope.split("\\."));
        int own = scope.indexOf(OWN_GROUP);
        List<String> parts = new ArrayList<>(own < 0 ? List.of("flink") : List.of());
        for (String group : scope.subList(Math.max(own, 0), scope.size())) {
            if (!named.containsKey(group)) {
                parts.add(dotted(group));
            }
        }
        parts.add(dotted(metricName));

        List<Tag> tags = new ArrayList<>();
        named.forEach((key, value) -> tags.add(Tag.of(dotted(key), value.isEmpty() ? "none" : value)));
        parts.removeIf(String::isEmpty);
        return new MeterName(String.join(".", parts), Tags.of(tags));
    }

    /**
     * The name that a metric is published under, with no other tags than it is described with: ids that change with each
     * start of a job would make a new time series at every restart.
     *
     * @param fixed tags that are no variables
     */
    MeterName as(MetricDescription description, List<Tag> fixed) {
        List<Tag> all = new ArrayList<>(fixed);
        tags.stream().filter(tag -> description.tags().contains(tag.getKey())).forEach(all::add);
        return new MeterName(description.name(), Tags.of(all));
    }

    /** {@code numRecordsIn}, {@code num_records_in} and {@code num-records-in} all become {@code num.records.in}. */
    private static String dotted(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1.$2")
                .replaceAll("([A-Z]+)([A-Z][a-z])", "$1.$2")
                .replaceAll("[^A-Za-z0-9]+", ".")
                .replaceAll("^\\.|\\.$", "")
                .toLowerCase(Locale.ROOT);
    }
}
