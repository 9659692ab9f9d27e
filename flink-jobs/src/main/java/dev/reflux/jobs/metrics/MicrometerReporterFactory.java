package dev.reflux.jobs.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Properties;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * Makes the reporter from Flink's configuration:
 *
 * <pre>
 * metrics.reporter.micrometer.factory.class: dev.reflux.jobs.metrics.MicrometerReporterFactory
 * metrics.reporter.micrometer.registry: key of a {@link MeterRegistries.Loan}
 * </pre>
 */
public final class MicrometerReporterFactory implements MetricReporterFactory {
    /** Key of the reporter's configuration that names the registry. */
    public static final String REGISTRY = "registry";

    @Override
    public MicrometerReporter createMetricReporter(Properties properties) {
        String key = properties.getProperty(REGISTRY);
        if (key == null) {
            throw new IllegalArgumentException("the metric reporter " + MicrometerReporterFactory.class.getName()
                    + " has no setting '" + REGISTRY + "'; set it to the key of a registry lent in this process");
        }
        MeterRegistry registry = MeterRegistries.find(key)
                .orElseThrow(() -> new IllegalArgumentException(
                        "no registry is lent under '" + key + "' in this process; lend it before the cluster starts"));
        return new MicrometerReporter(registry);
    }
}
