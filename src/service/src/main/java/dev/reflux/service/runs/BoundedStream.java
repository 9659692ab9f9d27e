package dev.reflux.service.runs;

import dev.reflux.jobs.DistillationJob;
import dev.reflux.jobs.metrics.Registries;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.StudentSettings;
import dev.reflux.service.Interruption;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedJob;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.embedded.Restarts;
import dev.reflux.service.progress.MeterProgress;
import dev.reflux.service.progress.ProgressView;
import dev.reflux.service.replay.Replay;
import dev.reflux.service.report.RunReport;
import dev.reflux.service.topics.TopicPlan;
import dev.reflux.service.topics.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * A stream in a broker of its own, over which pipelines run from the first event to the last, one after the other, each
 * in a cluster of its own. All of the way is real: the events go through Kafka, the job is the one that {@code reflux run}
 * runs. Nothing is left of it when it is closed.
 */
public final class BoundedStream implements AutoCloseable {
    private static final long POLL_MILLIS = 20;
    private static final Duration CHECKPOINT_RETRY = Duration.ofMillis(250);
    private static final Duration CANCEL = Duration.ofSeconds(20);
    private static final int CURVE_POINTS = 100;

    private final Pipeline pipeline;
    private final long count;
    private final RunOutput output;
    private final Interruption interruption;
    private final Path folder;
    private final EmbeddedKafka kafka;
    private @Nullable Replay replay;
    private CompletableFuture<Long> feeding = CompletableFuture.completedFuture(0L);
    private int runs;
    private Watcher watcher = Watcher.NOBODY;

    /**
     * Starts the broker.
     *
     * @param pipeline whose events the stream holds
     * @param count number of the events
     */
    public BoundedStream(Pipeline pipeline, long count, RunOutput output, Interruption interruption) {
        this.pipeline = pipeline;
        this.count = count;
        this.output = output;
        this.interruption = interruption;
        this.folder = temporaryFolder();
        try {
            this.kafka = EmbeddedKafka.start(folder.resolve("kafka"));
        } catch (RuntimeException e) {
            delete(folder);
            throw e;
        }
    }

    /**
     * Brings the events into the topic; call it once, before the first run.
     *
     * @param events each event as JSON
     */
    public void feed(Iterator<byte[]> events, BoundedRun.Feed feed) {
        createTopics(pipeline);
        Replay replaying = new Replay(
                kafka.bootstrapServers(), Map.of(), pipeline.topics().events(), Replay.Pace.unlimited(count));
        replay = replaying;
        interruption.requested().thenRun(replaying::stop);
        if (feed == BoundedRun.Feed.FIRST) {
            feeding = CompletableFuture.completedFuture(replaying.run(events));
            return;
        }
        feeding = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        feeding.complete(replaying.run(events));
                    } catch (RuntimeException e) {
                        feeding.completeExceptionally(e);
                    }
                },
                "reflux-replay");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Runs a pipeline over the whole stream; what it publishes goes to topics of its own.
     *
     * @param title what the progress view is headed with
     * @param variant a pipeline that reads the events as the stream's own does
     * @param labelShare share of the labels, in [0, 1], that learning may see
     * @return the report, empty when the user interrupted the run
     */
    public Optional<RunReport> run(String title, Pipeline variant, double labelShare) {
        if (!variant.topics().events().equals(pipeline.topics().events())) {
            throw new IllegalArgumentException("the pipeline reads topic "
                    + variant.topics().events() + ", the stream is in "
                    + pipeline.topics().events());
        }
        runs++;
        Path own = folder.resolve("run-" + runs);
        Pipeline embedded = EmbeddedPipeline.forOneRun(
                kafka.bootstrapServers(), own.resolve("models"), runs == 1 ? "" : "-" + runs, variant);
        createTopics(embedded);
        try {
            return interruption.isRequested()
                    ? Optional.empty()
                    : learn(title, embedded, own.resolve("flink"), labelShare);
        } finally {
            delete(own);
        }
    }

    @Override
    public void close() {
        try {
            if (replay != null) {
                replay.close();
            }
            kafka.close();
        } finally {
            delete(folder);
        }
    }

    /** Events per point of the learning curves, for a stream of so many. */
    public static long curveWindow(long events) {
        return Math.max(1, events / CURVE_POINTS);
    }

    private void createTopics(Pipeline of) {
        try (Topics topics = new Topics(kafka.bootstrapServers(), Map.of())) {
            topics.ensure(TopicPlan.of(of), Topics.Creation.defaults());
        }
    }

    /** From the next run on, someone looks. */
    public void watchedBy(Watcher who) {
        watcher = who;
    }

    private Optional<RunReport> learn(String title, Pipeline embedded, Path checkpoints, double labelShare) {
        Registries registries = Registries.open(Optional.empty());
        EmbeddedFlink.Settings settings = new EmbeddedFlink.Settings(
                org.apache.flink.core.fs.Path.fromLocalFile(checkpoints.toFile()),
                1,
                Restarts.none(),
                registries.all());
        try (EmbeddedFlink flink = EmbeddedFlink.start(settings)) {
            Watcher.Watch watch = watcher.watch(embedded, registries);
            try {
                return learn(title, embedded, flink, registries.all(), labelShare);
            } finally {
                watch.close();
            }
        } finally {
            registries.close();
        }
    }

    private Optional<RunReport> learn(
            String title, Pipeline embedded, EmbeddedFlink flink, MeterRegistry registry, double labelShare) {
        StreamExecutionEnvironment environment = flink.environment();
        DistillationJob.build(
                environment,
                embedded,
                new DistillationJob.Options(
                        embedded.kafka().bootstrapServers(), OptionalLong.of(count), labelShare, curveWindow(count)));
        EmbeddedJob job = flink.submit(environment);
        MeterProgress progress = new MeterProgress(
                registry,
                embedded.pipeline(),
                embedded.students().stream().map(StudentSettings::name).toList());
        ProgressView view = output.view(title, progress);
        LessonClock clock = new LessonClock(registry);
        CompletableFuture<?> lastCheckpoint = CompletableFuture.completedFuture(null);
        long lastRequest = System.nanoTime();
        while (true) {
            Optional<JobExecutionResult> ended = poll(job);
            clock.sample(System.nanoTime());
            if (ended.isPresent()) {
                view.erase();
                return Optional.of(RunReport.of(DistillationJob.report(ended.get(), embedded), clock.seconds()));
            }
            if (interruption.isRequested()) {
                view.finish();
                job.cancel(CANCEL);
                return Optional.empty();
            }
            if (feeding.isCompletedExceptionally()) {
                job.cancel(CANCEL);
                feeding.join();
            }
            view.update();
            // The job ends with a checkpoint after its last event; the next one that is due may be a while off.
            if (lastCheckpoint.isDone() && System.nanoTime() - lastRequest > CHECKPOINT_RETRY.toNanos()) {
                lastRequest = System.nanoTime();
                if (progress.now().events() >= count) {
                    lastCheckpoint = job.requestCheckpoint();
                }
            }
        }
    }

    private static Optional<JobExecutionResult> poll(EmbeddedJob job) {
        try {
            return Optional.of(job.result().get(POLL_MILLIS, TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new RunException("the job failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while the job ran");
        }
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("reflux-");
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder can be made for the embedded Kafka", e);
        }
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            System.Logger log = System.getLogger(BoundedStream.class.getName());
            log.log(System.Logger.Level.WARNING, "the temporary folder {0} is left behind: {1}", folder, e);
        }
    }
}
