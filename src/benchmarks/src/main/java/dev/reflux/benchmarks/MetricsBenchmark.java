package dev.reflux.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.reflux.events.generated.DriftingStream;
import dev.reflux.events.generated.DriftingStreamSpec;
import dev.reflux.jobs.DistillationJob;
import dev.reflux.jobs.metrics.Registries;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.embedded.Restarts;
import dev.reflux.service.monitor.Monitor;
import dev.reflux.service.monitor.WatchedJob;
import dev.reflux.service.replay.Replay;
import dev.reflux.service.topics.TopicPlan;
import dev.reflux.service.topics.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code src/benchmarks/run metrics}. */
@Command(
        name = "metrics",
        mixinStandardHelpOptions = true,
        description = {
            "What being watched costs: a job of 50 features and 20 classes runs over the same events in turns, once with all"
                    + " metrics, a monitor, and a scrape every five seconds, once with nobody looking.",
            "Exit code 1 when the processor time per event grows by more than the limit."
        })
final class MetricsBenchmark implements Callable<Integer> {
    private static final DriftingStreamSpec STREAM =
            new DriftingStreamSpec(1, 50, 0, 20, 4, 1.2, 100_000, 0.02, 0.1, 0.005);
    private static final long WARM_UP = 150_000;
    private static final List<String> PIPELINE =
            List.of("drift.distances=[{type: psi, on: features}]", "monitor.port=0", "flink.checkpointInterval=1s");

    /** Three times as often as Prometheus is used to. */
    private static final long SCRAPE_SECONDS = 5;

    @Option(names = "--events", defaultValue = "2000000", description = "Default: ${DEFAULT-VALUE}.")
    private long events;

    @Option(names = "--repetitions", defaultValue = "5", description = "Pairs of runs (default: ${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(
            names = "--limit",
            paramLabel = "PERCENT",
            defaultValue = "2",
            description = "What being watched may cost in processor time (default: ${DEFAULT-VALUE}).")
    private double limit;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final List<Double> scrapeMillis = new ArrayList<>();
    private int scrapeBytes;
    private long scrapeSeries;

    /** What one run took; the seconds of the processor are those of the whole process. */
    private record Run(double seconds, double cpuSeconds) {}

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        DriftingStream stream = new DriftingStream(STREAM);
        Pipeline pipeline = GeneratedPipeline.of(
                stream.schema(), 256, new GeneratedPipeline.Hidden(List.of(128, 128), List.of(32)), PIPELINE);
        out.println(Texts.machine());
        out.println(Texts.format(
                "%,d events of 50 numerics, 20 classes, features watched; %d pairs of runs", events, repetitions));
        out.flush();
        Path folder = temporaryFolder();
        List<Double> cpu = new ArrayList<>();
        List<Double> wall = new ArrayList<>();
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"))) {
            fill(kafka.bootstrapServers(), pipeline, stream);
            Pipeline running = GeneratedPipeline.of(
                    stream.schema(),
                    256,
                    new GeneratedPipeline.Hidden(List.of(128, 128), List.of(32)),
                    with(PIPELINE, "kafka.bootstrapServers=" + kafka.bootstrapServers()));
            run(running, folder, true, Math.min(events, WARM_UP));
            run(running, folder, false, Math.min(events, WARM_UP));
            scrapeMillis.clear();
            for (int i = 0; i < repetitions; i++) {
                // who goes first changes, so that what the machine does meanwhile favours neither
                boolean first = i % 2 == 0;
                Run one = run(running, folder, first, events);
                Run other = run(running, folder, !first, events);
                Run watched = first ? one : other;
                Run alone = first ? other : one;
                cpu.add(100 * (watched.cpuSeconds() / alone.cpuSeconds() - 1));
                wall.add(100 * (watched.seconds() / alone.seconds() - 1));
                out.println(Texts.format(
                        "pair %d: watched %.1f s (%.1f us of processor per event), alone %.1f s (%.1f us)",
                        i + 1,
                        watched.seconds(),
                        1e6 * watched.cpuSeconds() / events,
                        alone.seconds(),
                        1e6 * alone.cpuSeconds() / events));
                out.flush();
            }
        } finally {
            delete(folder);
        }
        return print(out, Spread.of(cpu), Spread.of(wall));
    }

    private int print(PrintWriter out, Spread cpu, Spread wall) {
        Spread millis = Spread.of(scrapeMillis.isEmpty() ? List.of(Double.NaN) : scrapeMillis);
        out.println();
        out.println(Texts.format(
                "a scrape: %,d series, %,d bytes, %.1f ms (%.1f..%.1f)",
                scrapeSeries, scrapeBytes, millis.median(), millis.least(), millis.most()));
        out.println(Texts.format(
                "being watched, processor time: %+.1f %% (%+.1f..%+.1f)", cpu.median(), cpu.least(), cpu.most()));
        out.println(Texts.format(
                "being watched, wall clock:     %+.1f %% (%+.1f..%+.1f)", wall.median(), wall.least(), wall.most()));
        boolean cheap = cpu.median() <= limit;
        out.println(Texts.format(cheap ? "within %.1f %%" : "MORE THAN %.1f %%", limit));
        out.flush();
        return cheap ? 0 : 1;
    }

    private static List<String> with(List<String> settings, String another) {
        return Stream.concat(settings.stream(), Stream.of(another)).toList();
    }

    private void fill(String bootstrapServers, Pipeline pipeline, DriftingStream stream) {
        try (Topics topics = new Topics(bootstrapServers, Map.of())) {
            topics.ensure(TopicPlan.of(pipeline), Topics.Creation.defaults());
        }
        try (Replay replay =
                new Replay(bootstrapServers, Map.of(), pipeline.topics().events(), Replay.Pace.unlimited(events))) {
            replay.run(LongStream.range(0, events).mapToObj(stream::event).iterator());
        }
    }

    private Run run(Pipeline pipeline, Path folder, boolean watched, long count) {
        if (!watched) {
            // without a registry in it, a composite keeps nothing
            return run(pipeline, folder, new CompositeMeterRegistry(), count);
        }
        try (Registries registries = Registries.open(Optional.empty());
                Monitor monitor = Monitor.ofThisProcess(pipeline, WatchedJob.LEARNING, registries)) {
            ScheduledExecutorService prometheus = Executors.newSingleThreadScheduledExecutor();
            URI metrics = monitor.address().resolve("metrics");
            HttpClient client = HttpClient.newHttpClient();
            prometheus.scheduleAtFixedRate(() -> scrape(client, metrics), 1, SCRAPE_SECONDS, TimeUnit.SECONDS);
            try {
                return run(pipeline, folder, registries.all(), count);
            } finally {
                prometheus.shutdownNow();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Run run(Pipeline pipeline, Path folder, MeterRegistry registry, long count) {
        EmbeddedFlink.Settings settings = new EmbeddedFlink.Settings(
                org.apache.flink.core.fs.Path.fromLocalFile(
                        folder.resolve("flink").toFile()),
                1,
                Restarts.none(),
                registry);
        try (EmbeddedFlink flink = EmbeddedFlink.start(settings)) {
            StreamExecutionEnvironment environment = flink.environment();
            DistillationJob.build(
                    environment,
                    pipeline,
                    new DistillationJob.Options(pipeline.kafka().bootstrapServers(), OptionalLong.of(count), 1, 0));
            System.gc();
            long start = System.nanoTime();
            long cpu = cpuNanos();
            flink.submit(environment).result().join();
            return new Run((System.nanoTime() - start) / 1e9, (cpuNanos() - cpu) / 1e9);
        }
    }

    private void scrape(HttpClient client, URI metrics) {
        long start = System.nanoTime();
        try {
            String text = client.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            scrapeMillis.add((System.nanoTime() - start) / 1e6);
            scrapeBytes = Math.max(scrapeBytes, text.length());
            scrapeSeries = Math.max(
                    scrapeSeries,
                    text.lines().filter(line -> !line.startsWith("#")).count());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("reflux-metrics-");
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder can be made for the embedded Kafka", e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the temporary folder " + folder + " is left behind", e);
        }
    }
}
