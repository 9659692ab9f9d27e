package dev.reflux.service.runs;

import dev.reflux.distillation.state.StateException;
import dev.reflux.jobs.RetainedCheckpoints;
import dev.reflux.jobs.metrics.Registries;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.StudentSettings;
import dev.reflux.jobs.publish.StudentAccess;
import dev.reflux.service.ErrorText;
import dev.reflux.service.ExitCode;
import dev.reflux.service.Interruption;
import dev.reflux.service.UsageException;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedFlinkException;
import dev.reflux.service.embedded.EmbeddedJob;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.embedded.FolderLock;
import dev.reflux.service.embedded.Restarts;
import dev.reflux.service.monitor.Monitor;
import dev.reflux.service.progress.MeterProgress;
import dev.reflux.service.progress.Progress;
import dev.reflux.service.progress.ProgressView;
import dev.reflux.service.topics.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;

/**
 * A pipeline that is always on: it goes on where the last run of it stopped, however that ended, restarts after failures
 * for as long as it takes, and stops between two events when asked to.
 */
public final class ContinuousRun {
    private static final long POLL_MILLIS = 100;
    private static final Duration STOP = Duration.ofSeconds(60);
    private static final Duration CANCEL = Duration.ofSeconds(20);

    private final ContinuousJob kind;
    private final Pipeline pipeline;
    private final Path folder;
    private final Start start;
    private final RunOutput output;
    private final Interruption interruption;

    /** Where a run begins. */
    public enum Start {
        /** Where the last run stopped; at the beginning when there was none. */
        RESUME,
        /** At the beginning; what earlier runs learned is left alone, but not used. */
        FRESH
    }

    /** @param folder where the job's files live on this machine; each job of a pipeline needs its own */
    public ContinuousRun(
            ContinuousJob kind,
            Pipeline pipeline,
            Path folder,
            Start start,
            RunOutput output,
            Interruption interruption) {
        this.kind = kind;
        this.pipeline = pipeline;
        this.folder = folder;
        this.start = start;
        this.output = output;
        this.interruption = interruption;
    }

    /**
     * Runs against the pipeline's own brokers until interrupted.
     *
     * @return the process's exit code
     */
    public int run() {
        FolderLock lock = lock();
        try {
            try (Topics topics = new Topics(
                    pipeline.kafka().bootstrapServers(), pipeline.kafka().properties())) {
                List<String> missing = topics.missing(kind.topics(pipeline));
                if (!missing.isEmpty()) {
                    throw new UsageException(
                            "the brokers at " + pipeline.kafka().bootstrapServers()
                                    + " have no topic " + String.join(", ", missing)
                                    + "; create them with: reflux topics PIPELINE.yaml");
                }
            }
            return runJob(pipeline);
        } finally {
            lock.close();
        }
    }

    /**
     * Runs against a broker inside this process until interrupted.
     *
     * @param port of the broker; empty for the one of the last run, or a free one
     * @return the process's exit code
     */
    public int runEmbedded(OptionalInt port) {
        FolderLock lock = lock();
        try (EmbeddedKafka kafka = new RememberedBroker(folder).start(port)) {
            Pipeline embedded = EmbeddedPipeline.on(
                    kafka.bootstrapServers(), pipeline.kafka().startFrom(), pipeline);
            try (Topics topics = new Topics(kafka.bootstrapServers(), Map.of())) {
                topics.ensure(kind.topics(embedded), Topics.Creation.defaults());
            }
            output.say("embedded Kafka at " + kafka.bootstrapServers() + ", data in " + kafka.directory());
            output.say("events go to topic " + embedded.topics().events());
            return runJob(embedded);
        } finally {
            lock.close();
        }
    }

    private FolderLock lock() {
        try {
            return FolderLock.take(folder)
                    .orElseThrow(() -> new UsageException("pipeline " + pipeline.pipeline()
                            + " is already running over " + folder + "; stop that run first"));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the folder " + folder + " cannot be written to: " + e.getMessage()
                            + "; choose another with --data",
                    e);
        }
    }

    private int runJob(Pipeline effective) {
        if (kind == ContinuousJob.DISTILLATION) {
            requireKey(effective);
        }
        org.apache.flink.core.fs.Path checkpoints = checkpointFolder();
        Optional<org.apache.flink.core.fs.Path> from =
                start == Start.RESUME ? RetainedCheckpoints.newest(checkpoints) : Optional.empty();
        Registries registries = Registries.open(Monitor.otlp(effective));
        MeterRegistry registry = registries.all();
        try (Monitor monitor = monitor(effective, registries);
                EmbeddedFlink flink = EmbeddedFlink.start(new EmbeddedFlink.Settings(
                        checkpoints, kind.slots(effective), Restarts.unlimited(), registry))) {
            output.say("live page, metrics and health at " + monitor.address());
            StreamExecutionEnvironment environment = flink.environment();
            kind.build(environment, effective);
            EmbeddedJob job;
            if (from.isPresent()) {
                output.say("resuming from " + from.get());
                job = flink.resume(environment, from.get());
            } else {
                output.say("starting from nothing; Flink checkpoints go to " + checkpoints);
                job = flink.submit(environment);
            }
            return watch(job, registry, checkpoints, from);
        } finally {
            registries.close();
        }
    }

    private Monitor monitor(Pipeline effective, Registries registries) {
        try {
            return Monitor.ofThisProcess(effective, kind.watched(), registries);
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    /** The job would fail for want of it, and be restarted for ever. */
    private static void requireKey(Pipeline effective) {
        try {
            StudentAccess.signer(effective, System.getenv());
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    private int watch(
            EmbeddedJob job,
            MeterRegistry registry,
            org.apache.flink.core.fs.Path checkpoints,
            Optional<org.apache.flink.core.fs.Path> from) {
        MeterProgress progress = new MeterProgress(
                registry,
                pipeline.pipeline(),
                pipeline.students().stream().map(StudentSettings::name).toList());
        ProgressView view = output.view("reflux run " + pipeline.pipeline(), progress, kind.text());
        long restarts = 0;
        while (!interruption.isRequested()) {
            failIfEnded(job, from);
            Progress now = progress.now();
            if (now.restarts() > restarts) {
                restarts = now.restarts();
                Optional<Throwable> failure = job.lastFailure();
                if (failure.isPresent() && cannotBeRestored(failure.get())) {
                    job.cancel(CANCEL);
                    throw failed(from, failure.get());
                }
                view.say("the job failed and starts again (" + restarts + "): "
                        + failure.map(ErrorText::of).orElse("reason unknown"));
            }
            view.update();
        }
        view.finish();
        return stop(job, checkpoints);
    }

    private int stop(EmbeddedJob job, org.apache.flink.core.fs.Path checkpoints) {
        output.say("stopping: saving what was learned ...");
        try {
            org.apache.flink.core.fs.Path saved = job.stopWithSavepoint(checkpoints, STOP);
            output.say("stopped; the next run goes on from " + saved);
            return interruption.exitCode();
        } catch (EmbeddedFlinkException e) {
            job.cancel(CANCEL);
            output.say("could not save now (" + ErrorText.of(e) + "); the next run goes on from "
                    + RetainedCheckpoints.newest(checkpoints)
                            .map(Object::toString)
                            .orElse("the beginning"));
            return ExitCode.FAILED;
        }
    }

    private static void failIfEnded(EmbeddedJob job, Optional<org.apache.flink.core.fs.Path> from) {
        try {
            job.result().get(POLL_MILLIS, TimeUnit.MILLISECONDS);
            throw new IllegalStateException("the job ended by itself, which a job without an end must not do");
        } catch (TimeoutException e) {
            // it runs
        } catch (ExecutionException e) {
            throw failed(from, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while the job ran");
        }
    }

    private static RunException failed(Optional<org.apache.flink.core.fs.Path> from, Throwable cause) {
        String what = from.map(path ->
                        "the run cannot go on from " + path + " (--fresh starts anew and forgets what was learned)")
                .orElse("the job failed");
        return new RunException(what, cause);
    }

    /** However often the job is restarted: state that this build cannot read stays so, and deleted events stay deleted. */
    private static boolean cannotBeRestored(Throwable failure) {
        return ErrorText.chain(failure).stream()
                .anyMatch(cause -> cause instanceof StateException || cause instanceof OffsetOutOfRangeException);
    }

    private org.apache.flink.core.fs.Path checkpointFolder() {
        String configured = pipeline.flink().checkpointDirectory() + kind.suffix();
        return configured.matches("[a-zA-Z][a-zA-Z0-9+.-]+:.*")
                ? new org.apache.flink.core.fs.Path(configured)
                : org.apache.flink.core.fs.Path.fromLocalFile(new File(configured).getAbsoluteFile());
    }
}
