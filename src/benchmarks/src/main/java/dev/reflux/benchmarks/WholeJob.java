package dev.reflux.benchmarks;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.service.Interruption;
import dev.reflux.service.progress.ProgressView;
import dev.reflux.service.report.RunReport;
import dev.reflux.service.runs.BoundedRun;
import dev.reflux.service.runs.RunOutput;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CancellationException;

/** A pipeline as {@code reflux evaluate} runs it: embedded Kafka, embedded Flink, the events as JSON. */
public final class WholeJob {

    private WholeJob() {}

    /** @param cpuSeconds processor time by kind of thread */
    public record Result(RunReport report, Map<ThreadTimes.Who, Double> cpuSeconds) {

        /** Processor time of all threads. */
        public double processorSeconds() {
            return cpuSeconds.values().stream().mapToDouble(Double::doubleValue).sum();
        }
    }

    /** @throws CancellationException when the user interrupts it */
    public static Result run(Pipeline pipeline, Iterator<byte[]> stream, long events) {
        RunOutput silent = new RunOutput(new PrintWriter(Writer.nullWriter()), ProgressView.Style.LINES);
        try (Interruption interruption = new Interruption();
                ThreadTimes times = new ThreadTimes()) {
            RunReport report = new BoundedRun(pipeline, 1, silent, interruption)
                    .run("benchmark", stream, events, BoundedRun.Feed.FIRST)
                    .orElseThrow(() -> new CancellationException("interrupted"));
            return new Result(report, times.seconds());
        }
    }
}
