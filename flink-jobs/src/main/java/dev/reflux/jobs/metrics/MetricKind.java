package dev.reflux.jobs.metrics;

/** How a metric behaves over time. */
public enum MetricKind {
    /** Only grows, and begins anew with the process, or goes on from the job's state. */
    COUNTER("counter"),
    /** Goes up and down. */
    GAUGE("gauge"),
    /** Durations in buckets that add up over processes. */
    TIMER("histogram");

    private final String prometheusType;

    MetricKind(String prometheusType) {
        this.prometheusType = prometheusType;
    }

    /** Its {@code # TYPE} in Prometheus' text format. */
    public String prometheusType() {
        return prometheusType;
    }
}
