package dev.reflux.benchmarks;

import dev.reflux.jobs.DistillationJob;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.StudentSettings;
import dev.reflux.jobs.report.IntakeReport;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedJob;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.embedded.Restarts;
import dev.reflux.service.progress.MeterProgress;
import dev.reflux.service.replay.Replay;
import dev.reflux.service.topics.TopicPlan;
import dev.reflux.service.topics.Topics;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A job over more events than a disk should hold: the producer stays a little ahead of the job, and the broker drops
 * what has been read.
 */
final class SoakJob {

    private static final long POLL_MILLIS = 20;
    private static final long CHECKPOINT_RETRY_NANOS = 250_000_000;
    private static final int SAMPLES = 100;
    private static final Map<String, String> SMALL_TOPIC = Map.of(
            "retention.bytes", Integer.toString(256 << 20),
            "segment.bytes", Integer.toString(32 << 20));

    private final Pipeline pipeline;
    private final Length length;
    private final Consumer<MemorySample> observer;
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final MeterProgress progress;
    private long arrays = -1;
    /** Events that the job had read when it was looked at last; the producer's lead is over this, so no percent is missed. */
    private volatile long seen;

    private SoakJob(Pipeline pipeline, Length length, Consumer<MemorySample> observer) {
        this.pipeline = pipeline;
        this.length = length;
        this.observer = observer;
        this.progress = new MeterProgress(
                registry,
                pipeline.pipeline(),
                pipeline.students().stream().map(StudentSettings::name).toList());
    }

    /**
     * How long a soak is.
     *
     * @param events in all
     * @param ahead how many the producer may be ahead of where the job was when it was looked at last
     */
    record Length(long events, long ahead) {}

    /** Runs to the last event; the observer gets a sample at every percent. */
    static IntakeReport run(
            Pipeline pipeline, LongFunction<byte[]> stream, Length length, Consumer<MemorySample> observer) {
        return new SoakJob(pipeline, length, observer).run(stream);
    }

    private IntakeReport run(LongFunction<byte[]> stream) {
        Path folder = temporaryFolder();
        ThrottledEvents events = new ThrottledEvents(stream, length.events(), length.ahead(), () -> seen);
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"))) {
            String topic = pipeline.topics().events();
            createTopics(kafka.bootstrapServers(), topic);
            try (Replay replay =
                    new Replay(kafka.bootstrapServers(), Map.of(), topic, Replay.Pace.unlimited(length.events()))) {
                CompletableFuture<Long> feeding = CompletableFuture.supplyAsync(() -> replay.run(events));
                return learn(kafka.bootstrapServers(), folder.resolve("flink"), feeding);
            } finally {
                events.end();
            }
        } finally {
            registry.close();
            delete(folder);
        }
    }

    private void createTopics(String bootstrapServers, String events) {
        List<TopicPlan> plans = TopicPlan.of(pipeline).stream()
                .map(plan -> plan.name().equals(events)
                        ? new TopicPlan(plan.name(), plan.cleanupPolicy(), plan.minMessageBytes(), SMALL_TOPIC)
                        : plan)
                .toList();
        try (Topics topics = new Topics(bootstrapServers, Map.of())) {
            topics.ensure(plans, Topics.Creation.defaults());
        }
    }

    private IntakeReport learn(String bootstrapServers, Path checkpoints, CompletableFuture<Long> feeding) {
        EmbeddedFlink.Settings settings = new EmbeddedFlink.Settings(
                org.apache.flink.core.fs.Path.fromLocalFile(checkpoints.toFile()), 1, Restarts.none(), registry);
        try (EmbeddedFlink flink = EmbeddedFlink.start(settings)) {
            StreamExecutionEnvironment environment = flink.environment();
            DistillationJob.build(
                    environment,
                    pipeline,
                    new DistillationJob.Options(bootstrapServers, OptionalLong.of(length.events()), 1, 0));
            EmbeddedJob job = flink.submit(environment);
            long start = System.nanoTime();
            watch(job, feeding, start);
            JobExecutionResult result = job.result().join();
            return DistillationJob.report(result, pipeline).intake();
        }
    }

    /** Samples until the job has ended. */
    private void watch(EmbeddedJob job, CompletableFuture<Long> feeding, long start) {
        long percent = Math.max(1, length.events() / SAMPLES);
        long due = percent;
        CompletableFuture<?> lastCheckpoint = CompletableFuture.completedFuture(null);
        long lastRequest = start;
        while (!ended(job)) {
            long now = System.nanoTime();
            long read = progress.now().events();
            arrays = Math.max(arrays, liveArrays());
            if (read >= due) {
                observer.accept(MemorySample.now(read, (now - start) / 1e9, arrays));
                arrays = -1;
                due = (read / percent + 1) * percent;
            }
            seen = read;
            if (feeding.isCompletedExceptionally()) {
                feeding.join();
            }
            // the job ends with a checkpoint after its last event; the next one that is due may be a while off
            if (read >= length.events() && lastCheckpoint.isDone() && now - lastRequest > CHECKPOINT_RETRY_NANOS) {
                lastCheckpoint = job.requestCheckpoint();
                lastRequest = now;
            }
        }
    }

    private static boolean ended(EmbeddedJob job) {
        try {
            job.result().get(POLL_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the job failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while the job ran");
        }
    }

    /** Native arrays of teacher and students; -1 when the job does not report them. */
    private long liveArrays() {
        long sum = -1;
        for (Gauge gauge : registry.getMeters().stream()
                .filter(Gauge.class::isInstance)
                .map(Gauge.class::cast)
                .filter(gauge -> gauge.getId().getName().endsWith("live.arrays"))
                .toList()) {
            sum = Math.max(sum, 0) + (long) gauge.value();
        }
        return sum;
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("reflux-soak-");
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
