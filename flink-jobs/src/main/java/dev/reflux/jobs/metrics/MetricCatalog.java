package dev.reflux.jobs.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Every metric that a process of Reflux exposes, each described once. */
public final class MetricCatalog {
    /** A part of the catalog, as the page shows it. */
    public record Section(String title, String introduction, List<MetricDescription> metrics) {
        public Section {
            metrics = List.copyOf(metrics);
        }
    }

    /** Of the monitor: how {@code /readyz} sees the pipeline. */
    public static final MetricDescription READY = new MetricDescription(
            "reflux.ready",
            MetricKind.GAUGE,
            "",
            List.of("pipeline", "check"),
            "1 where a check of `/readyz` holds, else 0; check is broker, job, checkpoint, or student and a name",
            MetricDescription.Dashboard.OVERVIEW,
            "in the process of `reflux run`, `reflux demo` or `reflux monitor`");

    private static final List<Section> SECTIONS = List.of(
            new Section(
                    "Learning",
                    "Recorded by the job's operators, in the process that runs them (the TaskManager of a cluster).",
                    Arrays.stream(RefluxMetric.values())
                            .map(RefluxMetric::description)
                            .toList()),
            new Section(
                    "Flink and Kafka clients",
                    "Recorded by Flink, and by the Kafka clients in its sources and sinks; a choice of them, under names"
                            + " and in units of these conventions. `kafka_producer` metrics come once per writer.",
                    Arrays.stream(FlinkMetric.values())
                            .map(FlinkMetric::description)
                            .distinct()
                            .toList()),
            new Section("Monitor", "Of the endpoint with the live page.", List.of(READY)),
            new Section("Process", "Of each process by itself.", ProcessMetrics.DESCRIPTIONS));

    private static final Map<String, MetricDescription> BY_NAME = byName();

    private MetricCatalog() {}

    private static Map<String, MetricDescription> byName() {
        Map<String, MetricDescription> all = new LinkedHashMap<>();
        for (Section section : SECTIONS) {
            for (MetricDescription metric : section.metrics()) {
                if (all.put(metric.name(), metric) != null) {
                    throw new IllegalStateException("metric " + metric.name() + " is described twice");
                }
            }
        }
        return all;
    }

    public static List<Section> sections() {
        return SECTIONS;
    }

    public static List<MetricDescription> all() {
        return new ArrayList<>(BY_NAME.values());
    }

    /** @param name in Micrometer's form */
    public static Optional<MetricDescription> find(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }
}
