package dev.reflux.service.monitor;

import dev.reflux.jobs.metrics.MetricDescription;
import dev.reflux.jobs.metrics.RefluxMetric;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The samples of one look at one or more processes, read from Prometheus' text format. */
public final class MetricValues {
    /** One series' value. */
    public record Sample(Map<String, String> labels, double value) {}

    private final Map<String, List<Sample>> samples = new HashMap<>();

    /** @param texts one per process */
    public MetricValues(List<String> texts) {
        texts.forEach(text -> text.lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .forEach(this::add));
    }

    private void add(String line) {
        int brace = line.indexOf('{');
        int nameEnd = brace >= 0 ? brace : line.indexOf(' ');
        Map<String, String> labels = new LinkedHashMap<>();
        int at = brace < 0 ? nameEnd : labels(line, brace + 1, labels);
        String value = line.substring(at).strip().split(" ")[0];
        samples.computeIfAbsent(line.substring(0, nameEnd), missing -> new ArrayList<>())
                .add(new Sample(labels, number(value)));
    }

    /** Reads {@code a="x",b="y"}}, in which backslash, quote and line feed are escaped; returns where it ends. */
    private static int labels(String line, int from, Map<String, String> labels) {
        int at = from;
        while (line.charAt(at) != '}') {
            int equals = line.indexOf('=', at);
            String name = line.substring(at, equals);
            StringBuilder value = new StringBuilder();
            at = equals + 2;
            while (line.charAt(at) != '"') {
                if (line.charAt(at) == '\\') {
                    at++;
                    value.append(line.charAt(at) == 'n' ? '\n' : line.charAt(at));
                } else {
                    value.append(line.charAt(at));
                }
                at++;
            }
            labels.put(name, value.toString());
            at++;
            if (line.charAt(at) == ',') {
                at++;
            }
        }
        return at + 1;
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    /** Every series of a name. */
    public List<Sample> of(String name) {
        return samples.getOrDefault(name, List.of());
    }

    /** Sum over the series with these labels that are numbers; NaN when there is none. */
    public double sum(String name, String... labels) {
        double sum = Double.NaN;
        for (Sample sample : of(name)) {
            if (matches(sample, labels) && !Double.isNaN(sample.value())) {
                sum = (Double.isNaN(sum) ? 0 : sum) + sample.value();
            }
        }
        return sum;
    }

    /** {@link #sum(String, String...)} of one of the job's own metrics. */
    public double sum(RefluxMetric metric, String... labels) {
        return sum(name(metric), labels);
    }

    static String name(RefluxMetric metric) {
        MetricDescription description = metric.description();
        return description.prometheusName();
    }

    private static boolean matches(Sample sample, String... labels) {
        for (int i = 0; i < labels.length; i += 2) {
            if (!labels[i + 1].equals(sample.labels().get(labels[i]))) {
                return false;
            }
        }
        return true;
    }
}
