package dev.reflux.service.monitor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflux.jobs.metrics.MetricCatalog;
import dev.reflux.jobs.metrics.Registries;
import dev.reflux.jobs.pipeline.Pipeline;
import io.micrometer.core.instrument.Gauge;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Watches one pipeline, in this process or on a cluster, and answers at an address: {@code /metrics} for Prometheus,
 * {@code /livez} and {@code /readyz} for who restarts and routes, {@code /} for people.
 */
public final class Monitor implements AutoCloseable {
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration ASK = Duration.ofSeconds(5);
    private static final Duration STOP = Duration.ofSeconds(5);
    private static final Duration STUCK = Duration.ofSeconds(30);

    private final MetricsSource source;
    private final Registries registries;
    private final PipelineView view;
    private final LiveState state;
    private final Readiness readiness;
    private final BrokerCheck brokers;
    private final TopicFeed feed;
    private final Thread following;
    private final ScheduledExecutorService looking;
    private final Map<String, AtomicInteger> ready = new ConcurrentHashMap<>();
    private final String pipeline;
    private final Clock clock = Clock.systemUTC();
    private final MonitorServer server;
    private volatile List<Readiness.Check> checks = List.of();
    private volatile boolean isFrozen;
    private volatile long lastLook = System.nanoTime();

    /**
     * Starts to watch and to answer.
     *
     * @param pipeline as it runs, with its {@code monitor} section
     * @param job that is looked at
     * @param source of the job's metrics
     * @param registries what {@code /metrics} shows; stay open
     * @throws IOException when the address is taken or cannot be listened at
     */
    public Monitor(Pipeline pipeline, WatchedJob job, MetricsSource source, Registries registries) throws IOException {
        this.pipeline = pipeline.pipeline();
        this.source = source;
        this.registries = registries;
        this.view = new PipelineView(pipeline, job, clock);
        this.state = new LiveState(view.header(pipeline.pipeline()));
        this.readiness = new Readiness(pipeline, job, clock);
        this.server = MonitorServer.start(pipeline.monitor(), System.getenv(), state, this::health, registries::scrape);
        this.brokers = new BrokerCheck(pipeline);
        this.feed = new TopicFeed(pipeline, state);
        this.following = new Thread(feed, "reflux-monitor-topics");
        following.setDaemon(true);
        following.start();
        this.looking = Executors.newScheduledThreadPool(2, work -> {
            Thread thread = new Thread(work, "reflux-monitor");
            thread.setDaemon(true);
            return thread;
        });
        looking.scheduleWithFixedDelay(brokers::ask, 0, ASK.toMillis(), TimeUnit.MILLISECONDS);
        looking.scheduleAtFixedRate(this::look, 0, LOOK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** {@link #Monitor} of a job in this process. */
    public static Monitor ofThisProcess(Pipeline pipeline, WatchedJob job, Registries registries) throws IOException {
        return new Monitor(pipeline, job, () -> List.of(registries.scrape(PipelineView.NAMES)), registries);
    }

    /** Where a pipeline's metrics are sent, beside being scraped. */
    public static Optional<Registries.Otlp> otlp(Pipeline pipeline) {
        return Optional.ofNullable(pipeline.monitor().otlp())
                .map(settings -> new Registries.Otlp(settings.url(), settings.step()));
    }

    /** Where it answers. */
    public URI address() {
        return server.address();
    }

    private void look() {
        try {
            MetricValues values = new MetricValues(source.read());
            checks = readiness.check(values, brokers.failure());
            checks.forEach(this::report);
            ObjectNode point = view.point(values);
            point.set("checks", Readiness.json(checks).get("checks"));
            state.addPoint(point, view.classErrors(values));
            lastLook = System.nanoTime();
        } catch (RuntimeException e) {
            // a schedule ends with its first exception; the next look may go well, and /livez tells when none does
            System.getLogger(Monitor.class.getName())
                    .log(System.Logger.Level.WARNING, "the pipeline''s metrics cannot be read: {0}", e.toString());
        }
    }

    private void report(Readiness.Check check) {
        ready.computeIfAbsent(check.name(), name -> {
                    AtomicInteger value = new AtomicInteger();
                    Gauge.builder(MetricCatalog.READY.name(), value, AtomicInteger::get)
                            .tags("pipeline", pipeline, "check", name)
                            .description(MetricCatalog.READY.meaning())
                            .register(registries.all());
                    return value;
                })
                .set(check.ok() ? 1 : 0);
    }

    /** Looks no more, since there will be nothing to see, and goes on showing what it saw. */
    public void freeze() {
        stopLooking();
        isFrozen = true;
        state.end();
    }

    private MonitorServer.Health health() {
        boolean live = isFrozen || System.nanoTime() - lastLook < STUCK.toNanos();
        return new MonitorServer.Health(live, checks);
    }

    private void stopLooking() {
        looking.shutdownNow();
        feed.stop();
        try {
            following.join(STOP.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stopLooking();
        state.close();
        server.close();
        brokers.close();
    }
}
