package dev.reflux.service.runs;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.service.Interruption;
import dev.reflux.service.report.RunReport;
import java.util.Iterator;
import java.util.Optional;

/** One pipeline over one {@link BoundedStream}. */
public final class BoundedRun {
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
        return run(title, events, count, feed, Watcher.NOBODY);
    }

    /** {@link #run(String, Iterator, long, Feed)} while someone looks. */
    public Optional<RunReport> run(String title, Iterator<byte[]> events, long count, Feed feed, Watcher watcher) {
        try (BoundedStream stream = new BoundedStream(pipeline, count, output, interruption)) {
            stream.watchedBy(watcher);
            stream.feed(events, feed);
            return stream.run(title, pipeline, labelShare);
        }
    }
}
