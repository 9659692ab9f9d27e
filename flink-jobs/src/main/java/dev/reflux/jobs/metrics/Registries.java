package dev.reflux.jobs.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micrometer.registry.otlp.OtlpConfig;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The registries of one process: one that Prometheus scrapes, and one that sends to an OTLP receiver where that is
 * configured.
 */
public final class Registries implements AutoCloseable {
    /** Values of a bounded tag that get a series; what comes later is left out. */
    public static final int MAX_TAG_VALUES = 512;

    private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";
    private static final List<String> COUNTED_TAGS = List.of("class", "feature");

    /** Upper bounds of the buckets of all timers, in seconds: half-decades from 100 microseconds on. */
    static final double[] BUCKETS = {
        1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60
    };

    private final PrometheusMeterRegistry prometheus;
    private final CompositeMeterRegistry all = new CompositeMeterRegistry();
    private final ProcessMetrics process;

    /**
     * Where metrics are sent in the OpenTelemetry protocol.
     *
     * @param url of the receiver's HTTP endpoint, such as {@code http://localhost:4318/v1/metrics}
     * @param step time between two sendings
     */
    public record Otlp(String url, Duration step) {}

    private Registries(PrometheusMeterRegistry prometheus, Optional<Otlp> otlp) {
        this.prometheus = prometheus;
        all.config().meterFilter(new Buckets());
        COUNTED_TAGS.forEach(tag -> all.config()
                .meterFilter(MeterFilter.maximumAllowableTags("reflux", tag, MAX_TAG_VALUES, MeterFilter.deny())));
        all.add(prometheus);
        otlp.ifPresent(settings ->
                all.add(OtlpMeterRegistry.builder(new SentTo(settings)).build()));
        process = new ProcessMetrics(all);
    }

    public static Registries open(Optional<Otlp> otlp) {
        return new Registries(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), otlp);
    }

    /** Where to register; it reaches all of them. */
    public MeterRegistry all() {
        return all;
    }

    /** What Prometheus scrapes, in its text format. */
    public String scrape() {
        return prometheus.scrape();
    }

    /** The same of some metrics only, which is quicker. */
    public String scrape(Set<String> prometheusNames) {
        Set<String> known = new HashSet<>(prometheusNames);
        // the registry knows a counter by its name without the ending
        prometheusNames.forEach(name -> known.add(name.replaceFirst("_total$", "")));
        return prometheus.scrape(TEXT_FORMAT, known);
    }

    /** Sends the last values where they are sent, and closes. */
    @Override
    public void close() {
        process.close();
        all.getRegistries().forEach(MeterRegistry::close);
        all.close();
    }

    /** Buckets for every timer, those of libraries too; the same everywhere, so that they add up. */
    private static final class Buckets implements MeterFilter {
        private static final double[] NANOS = nanos();

        private static double[] nanos() {
            double[] nanos = BUCKETS.clone();
            for (int i = 0; i < nanos.length; i++) {
                nanos[i] *= 1e9;
            }
            return nanos;
        }

        @Override
        public MeterFilterReply accept(Meter.Id id) {
            return MeterFilterReply.NEUTRAL;
        }

        @Override
        public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
            return id.getType() == Meter.Type.TIMER
                    ? DistributionStatisticConfig.builder()
                            .serviceLevelObjectives(NANOS)
                            .build()
                            .merge(config)
                    : config;
        }
    }

    private record SentTo(Otlp settings) implements OtlpConfig {
        @Override
        public @Nullable String get(String key) {
            return null;
        }

        @Override
        public String url() {
            return settings.url();
        }

        @Override
        public Duration step() {
            return settings.step();
        }

        @Override
        public Map<String, String> resourceAttributes() {
            return Map.of("service.name", "reflux");
        }
    }
}
