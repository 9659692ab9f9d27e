package dev.reflux.service.commands;

import dev.reflux.events.csv.CsvEvents;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.service.ExitCode;
import dev.reflux.service.Interruption;
import dev.reflux.service.UsageException;
import dev.reflux.service.progress.ProgressView;
import dev.reflux.service.replay.Replay;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reflux replay}. */
@Command(
        name = "replay",
        description = "Produces the rows of a CSV file, as JSON events and in order, into the pipeline's events topic.")
public final class ReplayCommand implements Callable<Integer> {
    @Mixin
    private PipelineFile pipelineFile = new PipelineFile();

    @Mixin
    private CsvFile csv = new CsvFile();

    @Option(names = "--rate", paramLabel = "R", description = "Events per second (default: as fast as it goes).")
    private double rate = Double.POSITIVE_INFINITY;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        if (!(rate > 0)) {
            throw new UsageException("--rate is " + rate + ", must be above 0 events/s");
        }
        Pipeline pipeline = pipelineFile.read();
        String brokers = pipeline.kafka().bootstrapServers();
        String topic = pipeline.topics().events();
        try (CsvEvents events = csv.open(pipeline);
                Interruption interruption = new Interruption()) {
            PipelineTopic.require(pipeline, topic);
            try (Replay replay =
                    new Replay(brokers, pipeline.kafka().properties(), topic, new Replay.Pace(csv.limit(), rate))) {
                interruption.requested().thenRun(replay::stop);
                return replay(replay, events, topic, interruption);
            }
        }
    }

    private int replay(Replay replay, CsvEvents events, String topic, Interruption interruption) {
        PrintWriter out = spec.commandLine().getOut();
        boolean terminal = ProgressView.Style.ofStandardOutput() == ProgressView.Style.TERMINAL;
        long start = System.nanoTime();
        CompletableFuture<Long> running = CompletableFuture.supplyAsync(() -> replay.run(events));
        while (true) {
            try {
                long sent = running.get(terminal ? 250 : 5000, TimeUnit.MILLISECONDS);
                out.println((terminal ? "\r\u001b[K" : "") + text(sent, start) + " into " + topic
                        + (interruption.isRequested() ? ", then interrupted" : ""));
                out.flush();
                return interruption.isRequested() ? interruption.exitCode() : ExitCode.OK;
            } catch (TimeoutException e) {
                out.print((terminal ? "\r\u001b[K" : "") + text(replay.sent(), start) + (terminal ? "" : "\n"));
                out.flush();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException failure) {
                    throw failure;
                }
                throw new IllegalStateException("the replay failed", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return ExitCode.FAILED;
            }
        }
    }

    private static String text(long sent, long startNanos) {
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        return String.format(
                Locale.ROOT, "%,d events in %.1f s (%,.0f events/s)", sent, seconds, sent / Math.max(seconds, 1e-3));
    }
}
