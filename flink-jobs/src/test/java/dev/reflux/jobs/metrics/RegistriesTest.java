package dev.reflux.jobs.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.FunctionCounter;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class RegistriesTest {
    @Test
    void otlp_configured_receivesTheSameMetrics() throws Exception {
        BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
        HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        receiver.createContext("/v1/metrics", exchange -> {
            received.add(exchange.getRequestBody().readAllBytes());
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        receiver.start();
        String url = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/v1/metrics";
        try (Registries registries = Registries.open(Optional.of(new Registries.Otlp(url, Duration.ofMillis(100))))) {
            registries.all().timer("reflux.loop.delay", "pipeline", "demo").record(3, TimeUnit.MILLISECONDS);
            AtomicLong batches = new AtomicLong(7);
            FunctionCounter.builder("reflux.batches", batches, AtomicLong::get)
                    .tag("pipeline", "demo")
                    .register(registries.all());

            List<Metric> metrics = metrics(received);
            while (metrics.stream().noneMatch(metric -> metric.getName().equals("reflux.batches"))) {
                metrics = metrics(received);
            }

            Metric delay = named(metrics, "reflux.loop.delay");
            assertThat(delay.getHistogram().getDataPoints(0).getExplicitBoundsCount())
                    .isEqualTo(Registries.BUCKETS.length);
            assertThat(named(metrics, "reflux.batches")
                            .getSum()
                            .getDataPoints(0)
                            .getAsDouble())
                    .isEqualTo(7);
            assertThat(registries.scrape()).contains("reflux_batches_total{pipeline=\"demo\"} 7.0");
        } finally {
            receiver.stop(0);
        }
    }

    @Test
    void tags_withoutEnd_areCutOff() {
        try (Registries registries = Registries.open(Optional.empty())) {
            for (int i = 0; i < Registries.MAX_TAG_VALUES + 100; i++) {
                registries
                        .all()
                        .counter("reflux.labels", "pipeline", "demo", "class", "c" + i)
                        .increment();
            }

            assertThat(registries.scrape().lines().filter(line -> line.startsWith("reflux_labels_total{")))
                    .hasSize(Registries.MAX_TAG_VALUES);
        }
    }

    @Test
    void scrape_ofSomeMetrics_hasTheseAndNoOthers() {
        try (Registries registries = Registries.open(Optional.empty())) {
            registries.all().counter("reflux.batches", "pipeline", "demo").increment(5);
            registries.all().gauge("reflux.published.step", 3);
            registries.all().timer("reflux.loop.delay", "pipeline", "demo").record(3, TimeUnit.MILLISECONDS);
            registries.all().counter("reflux.labels", "pipeline", "demo").increment();

            String text = registries.scrape(
                    Set.of("reflux_batches_total", "reflux_published_step", "reflux_loop_delay_seconds"));

            assertThat(text)
                    .contains("reflux_batches_total{pipeline=\"demo\"} 5.0")
                    .contains("reflux_published_step 3.0")
                    .contains("reflux_loop_delay_seconds_count{pipeline=\"demo\"} 1")
                    .contains("reflux_loop_delay_seconds_sum")
                    .doesNotContain("reflux_labels")
                    .doesNotContain("jvm_memory");
        }
    }

    /** Of the next sending; an early one may know little. */
    private static List<Metric> metrics(BlockingQueue<byte[]> received) throws Exception {
        byte[] body = received.poll(1, TimeUnit.MINUTES);
        assertThat(body).as("what was sent within a minute").isNotNull();
        return ExportMetricsServiceRequest.parseFrom(body).getResourceMetricsList().stream()
                .flatMap(resource -> resource.getScopeMetricsList().stream())
                .flatMap(scope -> scope.getMetricsList().stream())
                .toList();
    }

    private static Metric named(List<Metric> metrics, String name) {
        return metrics.stream()
                .filter(metric -> metric.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not among "
                        + metrics.stream().map(Metric::getName).toList()));
    }
}
