package dev.reflux.jobs.metrics;

import java.util.List;
import java.util.Locale;

/**
 * What is known of a metric before anyone measures it.
 *
 * @param name in Micrometer's form, lower case with dots, without the unit: {@code reflux.student.accuracy}
 * @param unit in Prometheus' base units ({@code seconds}, {@code bytes}, {@code ratio}); empty for plain counts
 * @param tags names of its tags, as Micrometer has them
 * @param meaning one sentence, without a full stop
 * @param dashboard where it is shown
 * @param appears when it is there; empty for one that every run of the job registers
 */
public record MetricDescription(
        String name,
        MetricKind kind,
        String unit,
        List<String> tags,
        String meaning,
        Dashboard dashboard,
        String appears) {

    /** The dashboards that there are. */
    public enum Dashboard {
        OVERVIEW,
        LEARNING,
        DRIFT,
        RUNTIME;

        @Override
        public String toString() {
            return name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);
        }
    }

    public MetricDescription {
        tags = List.copyOf(tags);
        if (!name.matches("[a-z0-9]+(\\.[a-z0-9]+)*")) {
            throw new IllegalArgumentException(
                    "metric name '" + name + "' found, must be lower-case words joined by dots");
        }
    }

    /**
     * The name in Prometheus' form: with the unit, and {@code _total} for a counter. A timer has this name with
     * {@code _bucket}, {@code _sum}, {@code _count} and {@code _max}.
     */
    public String prometheusName() {
        String words = name.replace('.', '_');
        String withUnit = unit.isEmpty() || words.endsWith("_" + unit) ? words : words + "_" + unit;
        return kind == MetricKind.COUNTER ? withUnit + "_total" : withUnit;
    }

    /** Tags in Prometheus' form. */
    public List<String> labels() {
        return tags.stream().map(tag -> tag.replace('.', '_')).toList();
    }
}
