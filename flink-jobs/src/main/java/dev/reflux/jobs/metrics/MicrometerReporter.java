package dev.reflux.jobs.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToDoubleFunction;
import org.apache.flink.metrics.CharacterFilter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.HistogramStatistics;
import org.apache.flink.metrics.LogicalScopeProvider;
import org.apache.flink.metrics.Meter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;

/**
 * Forwards Flink's metrics to a Micrometer registry: a counter stays a counter, gauges of numbers and booleans and the
 * rate of a meter become gauges, a histogram becomes a gauge per quantile and a counter of its values. Gauges of
 * anything else (texts, lists) have no place in a time series and are left out.
 *
 * <p>Values are read when the registry is. Metrics with the same name and tags share one meter: counters add up, of
 * gauges the newest speaks. So a restarted operator takes over from its predecessor, whose metrics Flink may remove
 * later than it adds the new ones. A counter that starts again with its operator is an ordinary counter reset.
 */
public final class MicrometerReporter implements MetricReporter {
    private static final double[] QUANTILES = {0.5, 0.9, 0.99};

    private final MeterRegistry registry;
    private final Map<MeterName, Series> series = new HashMap<>();
    /** By the name that Flink's metric has, which for a histogram is not yet that of a meter. */
    private final Map<MeterName, List<Source>> sources = new HashMap<>();

    public MicrometerReporter(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void open(MetricConfig config) {
        // made complete by its factory
    }

    @Override
    public synchronized void close() {
        series.values().forEach(one -> registry.remove(one.meter));
        series.clear();
        sources.clear();
    }

    @Override
    public synchronized void notifyOfAddedMetric(Metric metric, String metricName, MetricGroup group) {
        MeterName name = name(metricName, group);
        List<Source> added = sources.computeIfAbsent(name, missing -> new ArrayList<>());
        switch (metric.getMetricType()) {
            case COUNTER -> added.add(add(name, Kind.COUNTER, metric, m -> ((Counter) m).getCount()));
            case METER -> added.add(add(name, Kind.GAUGE, metric, m -> ((Meter) m).getRate()));
            case GAUGE -> {
                if (isNumeric((org.apache.flink.metrics.Gauge<?>) metric)) {
                    added.add(add(name, Kind.GAUGE, metric, MicrometerReporter::gaugeValue));
                }
            }
            case HISTOGRAM -> {
                added.add(add(name.plus("count"), Kind.COUNTER, metric, m -> ((Histogram) m).getCount()));
                for (double quantile : QUANTILES) {
                    MeterName one = name.with("quantile", Double.toString(quantile));
                    added.add(add(one, Kind.GAUGE, metric, m -> statistics(m).getQuantile(quantile)));
                }
            }
        }
    }

    @Override
    public synchronized void notifyOfRemovedMetric(Metric metric, String metricName, MetricGroup group) {
        MeterName name = name(metricName, group);
        List<Source> ofThisName = sources.getOrDefault(name, List.of());
        // One metric may be registered in several groups, so its identity alone does not say which is removed.
        for (Source source : List.copyOf(ofThisName)) {
            if (source.metric == metric) {
                ofThisName.remove(source);
                remove(source);
            }
        }
        if (ofThisName.isEmpty()) {
            sources.remove(name);
        }
    }

    private void remove(Source source) {
        Series of = series.get(source.name);
        if (of == null) {
            return;
        }
        of.live.remove(source);
        if (of.live.isEmpty()) {
            series.remove(source.name);
            registry.remove(of.meter);
        }
    }

    private static MeterName name(String metricName, MetricGroup group) {
        String scope = LogicalScopeProvider.castFrom(group).getLogicalScope(CharacterFilter.NO_OP_FILTER, '.');
        return MeterName.of(scope, metricName, group.getAllVariables());
    }

    private Source add(MeterName name, Kind kind, Metric metric, ToDoubleFunction<Metric> read) {
        Source source = new Source(name, metric, read);
        series.computeIfAbsent(name, missing -> new Series(missing, kind)).live.add(source);
        return source;
    }

    private static HistogramStatistics statistics(Metric metric) {
        return ((Histogram) metric).getStatistics();
    }

    /** A gauge tells its type by its first value only; one that fails this early is taken for a number. */
    private static boolean isNumeric(org.apache.flink.metrics.Gauge<?> gauge) {
        Object value;
        try {
            value = gauge.getValue();
        } catch (RuntimeException e) {
            return true;
        }
        return value == null || value instanceof Number || value instanceof Boolean;
    }

    private static double gaugeValue(Metric metric) {
        Object value = ((org.apache.flink.metrics.Gauge<?>) metric).getValue();
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        if (value instanceof Boolean bool) {
            return bool ? 1 : 0;
        }
        return Double.NaN;
    }

    private enum Kind {
        COUNTER,
        GAUGE
    }

    private record Source(MeterName name, Metric metric, ToDoubleFunction<Metric> read) {
        double value() {
            return read.applyAsDouble(metric);
        }
    }

    private final class Series {
        private final List<Source> live = new CopyOnWriteArrayList<>();
        private final io.micrometer.core.instrument.Meter meter;

        private Series(MeterName name, Kind kind) {
            meter = switch (kind) {
                case COUNTER ->
                    FunctionCounter.builder(name.name(), live, Series::sum)
                            .tags(name.tags())
                            .register(registry);
                case GAUGE ->
                    Gauge.builder(name.name(), live, Series::newest)
                            .tags(name.tags())
                            .strongReference(true)
                            .register(registry);
            };
        }

        private static double sum(List<Source> live) {
            double sum = 0;
            for (Source source : live) {
                sum += source.value();
            }
            return sum;
        }

        private static double newest(List<Source> live) {
            double newest = Double.NaN;
            for (Source source : live) {
                newest = source.value();
            }
            return newest;
        }
    }
}
