package dev.reflux.jobs.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.CharacterFilter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.LogicalScopeProvider;
import org.apache.flink.metrics.Meter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.Scheduled;

/**
 * Forwards the metrics of the {@link MetricCatalog} from Flink to a Micrometer registry: those of our operators, and of
 * Flink's own the ones that the catalog names. The catalog also says what each is: a gauge of Flink's that only grows
 * becomes a counter, and a histogram of durations a timer.
 *
 * <p>Counters and gauges are read when the registry is; timers get what is new with each {@link #report}. Metrics with the
 * same name and tags share one meter: counters add up, of gauges the newest speaks. So a restarted operator takes over
 * from its predecessor, whose metrics Flink may remove later than it adds the new ones. A counter that starts again with
 * its operator is an ordinary counter reset.
 */
public final class MicrometerReporter implements MetricReporter, Scheduled {
    private static final int LOOKS = 10;

    private final MeterRegistry registry;
    private final AutoCloseable owned;
    private final Map<MeterName, Series> series = new HashMap<>();

    /** @param registry stays open when the reporter closes */
    public MicrometerReporter(MeterRegistry registry) {
        this(registry, () -> {});
    }

    /** @param owned closed with the reporter */
    MicrometerReporter(MeterRegistry registry, AutoCloseable owned) {
        this.registry = registry;
        this.owned = owned;
    }

    @Override
    public void open(MetricConfig config) {
        // made complete by its factory
    }

    @Override
    public synchronized void close() {
        report();
        series.values().forEach(Series::remove);
        series.clear();
        try {
            owned.close();
        } catch (Exception e) {
            throw new IllegalStateException("the metric reporter cannot be closed: " + e.getMessage(), e);
        }
    }

    @Override
    public synchronized void notifyOfAddedMetric(Metric metric, String metricName, MetricGroup group) {
        if (!isNumeric(metric)) {
            return;
        }
        Published.of(metricName, group)
                .ifPresent(published -> series.computeIfAbsent(published.name(), missing -> series(published))
                        .add(metric, published));
    }

    @Override
    public synchronized void notifyOfRemovedMetric(Metric metric, String metricName, MetricGroup group) {
        Published.of(metricName, group).map(Published::name).ifPresent(name -> {
            Series of = series.get(name);
            if (of != null && of.isEmptyWithout(metric)) {
                series.remove(name);
                of.remove();
            }
        });
    }

    @Override
    public synchronized void report() {
        series.values().forEach(Series::takeNew);
    }

    private Series series(Published published) {
        return published.description().kind() == MetricKind.TIMER ? new Durations(published) : new Numbers(published);
    }

    /** A gauge tells its type by its first value only; one that fails this early is taken for a number. */
    private static boolean isNumeric(Metric metric) {
        if (!(metric instanceof org.apache.flink.metrics.Gauge<?> gauge)) {
            return true;
        }
        try {
            Object value = gauge.getValue();
            return value == null || value instanceof Number || value instanceof Boolean;
        } catch (RuntimeException e) {
            return true;
        }
    }

    private static double value(Metric metric) {
        return switch (metric.getMetricType()) {
            case COUNTER -> ((Counter) metric).getCount();
            case METER -> ((Meter) metric).getRate();
            case HISTOGRAM -> ((Histogram) metric).getCount();
            case GAUGE -> gaugeValue(((org.apache.flink.metrics.Gauge<?>) metric).getValue());
        };
    }

    private static double gaugeValue(Object value) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        if (value instanceof Boolean bool) {
            return bool ? 1 : 0;
        }
        return Double.NaN;
    }

    /** What a metric of Flink's is outside. */
    private record Published(MeterName name, MetricDescription description, Optional<FlinkMetric> flink) {
        static Optional<Published> of(String metricName, MetricGroup group) {
            String scope = LogicalScopeProvider.castFrom(group).getLogicalScope(CharacterFilter.NO_OP_FILTER, '.');
            MeterName name = MeterName.of(scope, metricName, group.getAllVariables());
            Optional<FlinkMetric> flink = FlinkMetric.find(name.name());
            return flink.map(FlinkMetric::description)
                    .or(() -> MetricCatalog.find(name.name()))
                    .map(description -> new Published(
                            name.as(description, flink.map(FlinkMetric::fixed).orElse(List.of())), description, flink));
        }

        double convert(double value) {
            return flink.isPresent() ? flink.get().convert(value) : value;
        }
    }

    /** One meter, and the metrics of Flink's that it stands for. */
    private abstract class Series {
        final List<Metric> live = new CopyOnWriteArrayList<>();

        abstract io.micrometer.core.instrument.Meter meter();

        void add(Metric metric, Published published) {
            live.add(metric);
        }

        boolean isEmptyWithout(Metric metric) {
            live.remove(metric);
            return live.isEmpty();
        }

        void takeNew() {}

        final void remove() {
            registry.remove(meter());
        }
    }

    private final class Numbers extends Series {
        private final Published published;
        private final io.micrometer.core.instrument.Meter meter;

        Numbers(Published published) {
            this.published = published;
            MetricDescription what = published.description();
            String unit = what.unit().isEmpty() ? null : what.unit();
            meter = what.kind() == MetricKind.COUNTER
                    ? FunctionCounter.builder(what.name(), this, Numbers::sum)
                            .tags(published.name().tags())
                            .description(what.meaning())
                            .baseUnit(unit)
                            .register(registry)
                    : Gauge.builder(what.name(), this, Numbers::newest)
                            .tags(published.name().tags())
                            .description(what.meaning())
                            .baseUnit(unit)
                            .strongReference(true)
                            .register(registry);
        }

        @Override
        io.micrometer.core.instrument.Meter meter() {
            return meter;
        }

        private double sum() {
            double sum = 0;
            for (Metric metric : live) {
                double value = published.convert(value(metric));
                sum += Double.isNaN(value) ? 0 : value;
            }
            return sum;
        }

        private double newest() {
            double newest = Double.NaN;
            for (Metric metric : live) {
                newest = published.convert(value(metric));
            }
            return newest;
        }
    }

    private final class Durations extends Series {
        private final Timer timer;
        private final Map<Metric, Long> taken = new HashMap<>();

        Durations(Published published) {
            MetricDescription what = published.description();
            timer = Timer.builder(what.name())
                    .tags(published.name().tags())
                    .description(what.meaning())
                    .register(registry);
        }

        @Override
        io.micrometer.core.instrument.Meter meter() {
            return timer;
        }

        @Override
        boolean isEmptyWithout(Metric metric) {
            takeNew();
            taken.remove(metric);
            return super.isEmptyWithout(metric);
        }

        @Override
        void takeNew() {
            for (Metric metric : live) {
                takeNew((Histogram) metric);
            }
        }

        /** Values that come while they are read make the look inconsistent; the next one is soon enough. */
        private void takeNew(Histogram histogram) {
            long before = taken.getOrDefault(histogram, 0L);
            for (int attempt = 0; attempt < LOOKS; attempt++) {
                long count = histogram.getCount();
                long[] newest = histogram.getStatistics().getValues();
                if (histogram.getCount() == count) {
                    int fresh = (int) Math.min(newest.length, count - before);
                    for (int i = newest.length - fresh; i < newest.length; i++) {
                        timer.record(newest[i], TimeUnit.NANOSECONDS);
                    }
                    taken.put(histogram, count);
                    return;
                }
            }
        }
    }
}
