package dev.reflux.jobs.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;

/** The page that lists every metric. */
public final class MetricsPage {
    private static final String HEAD = """
            # Metrics

            Every metric that a process of Reflux exposes at `/metrics`, in Prometheus' text format. Written from the code:
            do not edit, a test fails when it is stale.

            Counters end in `_total`. A histogram has the series `_bucket`, `_sum` and `_count`, with buckets that add up
            over processes, and `_max`, its largest value of the last minutes. All values of time are in seconds, of size in
            bytes; shares are from 0 to 1. Tags are bounded by the pipeline file (its students, classes, features and
            detectors); classes and features are each cut off at %d values of a tag. Ids that change with every start of a
            job are no tags.

            """;

    private MetricsPage() {}

    public static String text() {
        StringBuilder page = new StringBuilder(String.format(Locale.ROOT, HEAD, Registries.MAX_TAG_VALUES));
        for (MetricCatalog.Section section : MetricCatalog.sections()) {
            page.append("## ").append(section.title()).append("\n\n");
            page.append(section.introduction()).append("\n\n");
            page.append("| metric | type | unit | tags | meaning | dashboard | there |\n");
            page.append("|---|---|---|---|---|---|---|\n");
            section.metrics().forEach(metric -> page.append(row(metric)));
            page.append('\n');
        }
        return page.toString().stripTrailing() + "\n";
    }

    private static String row(MetricDescription metric) {
        return "| `" + metric.prometheusName() + "` | "
                + metric.kind().prometheusType() + " | "
                + metric.unit() + " | "
                + metric.labels().stream().map(tag -> "`" + tag + "`").collect(Collectors.joining(", ")) + " | "
                + metric.meaning() + ". | "
                + metric.dashboard() + " | "
                + (metric.appears().isEmpty() ? "always" : metric.appears()) + " |\n";
    }

    /** Writes the file named by the first argument. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            throw new IllegalArgumentException(arguments.length + " arguments found, must be the file to write");
        }
        Files.writeString(Path.of(arguments[0]), text());
    }
}
