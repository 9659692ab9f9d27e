package dev.reflux.service.runs;

import dev.reflux.jobs.DistillationJob;
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
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
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

/**
 * A pipeline from the first event of a stream to its last, through a broker and a cluster that exist for this run only.
 * All of the way is real: the events go through Kafka, the job is the one that {@code reflux run} runs.
 */
public final class BoundedRun {
    private static final long POLL_MILLIS = 20;
    private static final Duration CHECKPOINT_RETRY = Duration.ofMillis(250);
    private static final Duration CANCEL = Duration.ofSeconds(20);
    private static final int CURVE_POINTS = 100;

    private final Pipeline pipeline;
    private final double labelShare;
    private final RunOutput output;
    private final Interruption interruption;

    /** When the stream is brought into the topic. */
    public enum Feed {
        /** Before the job starts, so that reading a file takes nothing from what is measured. */
        FIRST,
        /** While the job runs, as in life. */
        ALONGSIDE
    }

    /** @param labelShare share of the labels, in [0, 1], that learning may see */
    public BoundedRun(Pipeline pipeline, double labelShare, RunOutput output, Interruption interruption) {
        this.pipeline = pipeline;
        this.labelShare = labelShare;
        this.output = output;
        this.interruption = interruption;
    }

    /**
     * Runs to the end of the stream.
     *
     * @param title what the progress view is headed with
     * @param events the stream, each event as JSON
     * @param count how many it has
     * @return the report, empty when the user interrupted the run
     */
    public Optional<RunReport> run(String title, Iterator<byte[]> events, long count, Feed feed) {
        Path folder = temporaryFolder();
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"))) {
            Pipeline embedded =
                    EmbeddedPipeline.forOneRun(kafka.bootstrapServers(), folder.resolve("models"), pipeline);
            try (Topics topics = new Topics(kafka.bootstrapServers(), Map.of())) {
                topics.ensure(TopicPlan.of(embedded), Topics.Creation.defaults());
            }
            Replay.Pace pace = Replay.Pace.unlimited(count);
            try (Replay replay = new Replay(
                    kafka.bootstrapServers(), Map.of(), embedded.topics().events(), pace)) {
                interruption.requested().thenRun(replay::stop);
                CompletableFuture<Long> feeding = feed(replay, events, feed);
                return interruption.isRequested()
                        ? Optional.empty()
                        : learn(title, embedded, folder.resolve("flink"), count, feeding);
            }
        } finally {
            delete(folder);
        }
    }

    private CompletableFuture<Long> feed(Replay replay, Iterator<byte[]> events, Feed feed) {
        if (feed == Feed.FIRST) {
            return CompletableFuture.completedFuture(replay.run(events));
        }
        CompletableFuture<Long> feeding = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        feeding.complete(replay.run(events));
                    } catch (RuntimeException e) {
                        feeding.completeExceptionally(e);
                    }
                },
                "reflux-replay");
        thread.setDaemon(true);
        thread.start();
        return feeding;
    }

    private Optional<RunReport> learn(
            String title, Pipeline embedded, Path checkpoints, long count, CompletableFuture<Long> feeding) {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        EmbeddedFlink.Settings settings = new EmbeddedFlink.Settings(
                org.apache.flink.core.fs.Path.fromLocalFile(checkpoints.toFile()), 1, Restarts.none(), registry);
        try (EmbeddedFlink flink = EmbeddedFlink.start(settings)) {
            StreamExecutionEnvironment environment = flink.environment();
            DistillationJob.build(
                    environment,
                    embedded,
                    new DistillationJob.Options(
                            embedded.kafka().bootstrapServers(),
                            OptionalLong.of(count),
                            labelShare,
                            Math.max(1, count / CURVE_POINTS)));
            EmbeddedJob job = flink.submit(environment);
            MeterProgress progress = new MeterProgress(registry, pipeline.pipeline(), studentNames());
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
                if (lastCheckpoint.isDone()
                        && System.nanoTime() - lastRequest > CHECKPOINT_RETRY.toNanos()
                        && progress.now().events() >= count) {
                    lastCheckpoint = job.requestCheckpoint();
                    lastRequest = System.nanoTime();
                }
            }
        } finally {
            registry.close();
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

    private List<String> studentNames() {
        return pipeline.students().stream().map(StudentSettings::name).toList();
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("reflux-");
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder can be made for the embedded Kafka", e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            System.Logger log = System.getLogger(BoundedRun.class.getName());
            log.log(System.Logger.Level.WARNING, "the temporary folder {0} is left behind: {1}", folder, e);
        }
    }
}
