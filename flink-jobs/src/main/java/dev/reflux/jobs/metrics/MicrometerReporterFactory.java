package dev.reflux.jobs.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * Makes the reporter from Flink's configuration. In a process that owns a registry and has lent it:
 *
 * <pre>
 * metrics.reporter.reflux.factory.class: dev.reflux.jobs.metrics.MicrometerReporterFactory
 * metrics.reporter.reflux.registry: key of a {@link MeterRegistries.Loan}
 * </pre>
 *
 * <p>On a cluster, from {@code plugins/}, where JobManager and TaskManagers each get a registry and an address of their
 * own, at the first port of the range that is free:
 *
 * <pre>
 * metrics.reporter.reflux.factory.class: dev.reflux.jobs.metrics.MicrometerReporterFactory
 * metrics.reporter.reflux.port: 9249-9259
 * metrics.reporter.reflux.host: 0.0.0.0          # 127.0.0.1 unless given: metrics are not for everyone
 * metrics.reporter.reflux.interval: 5 SECONDS    # how often histograms are brought up to date
 * metrics.reporter.reflux.otlp.url: http://collector:4318/v1/metrics    # sends them there as well, if given
 * metrics.reporter.reflux.otlp.step: PT30S
 * </pre>
 */
public final class MicrometerReporterFactory implements MetricReporterFactory {
    /** Key of the reporter's configuration that names a registry in this process. */
    public static final String REGISTRY = "registry";

    private static final String PORT = "port";
    private static final String HOST = "host";
    private static final String OTLP_URL = "otlp.url";
    private static final String OTLP_STEP = "otlp.step";

    @Override
    public MicrometerReporter createMetricReporter(Properties properties) {
        String key = properties.getProperty(REGISTRY);
        String port = properties.getProperty(PORT);
        if (key != null) {
            return new MicrometerReporter(lent(key));
        }
        if (port == null) {
            throw new IllegalArgumentException("the metric reporter " + MicrometerReporterFactory.class.getName()
                    + " has neither the setting '" + REGISTRY + "' nor '" + PORT + "'; set '" + PORT
                    + "' to the port, or the range of ports, at which Prometheus shall find it");
        }
        return serving(properties.getProperty(HOST, "127.0.0.1"), port, otlp(properties));
    }

    private static MeterRegistry lent(String key) {
        return MeterRegistries.find(key)
                .orElseThrow(() -> new IllegalArgumentException(
                        "no registry is lent under '" + key + "' in this process; lend it before the cluster starts"));
    }

    private static Optional<Registries.Otlp> otlp(Properties properties) {
        Duration step = Duration.parse(properties.getProperty(OTLP_STEP, "PT30S"));
        return Optional.ofNullable(properties.getProperty(OTLP_URL)).map(url -> new Registries.Otlp(url, step));
    }

    private static MicrometerReporter serving(String host, String ports, Optional<Registries.Otlp> otlp) {
        Registries registries = Registries.open(otlp);
        try {
            ScrapeServer server = ScrapeServer.start(host, ports, registries::scrape);
            return new MicrometerReporter(registries.all(), () -> {
                server.close();
                registries.close();
            });
        } catch (IOException e) {
            registries.close();
            throw new UncheckedIOException(
                    "the metric reporter cannot listen at " + host + ":" + ports + ": " + e.getMessage()
                            + "; give it another '" + PORT
                            + "', or a range with a port for each process of this machine",
                    e);
        }
    }
}
