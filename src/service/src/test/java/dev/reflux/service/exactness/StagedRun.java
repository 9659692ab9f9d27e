package dev.reflux.service.exactness;

import dev.reflux.jobs.DistillationJob;
import dev.reflux.jobs.RetainedCheckpoints;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedJob;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.support.BoundedJob;
import dev.reflux.service.support.TestTopics;
import dev.reflux.service.support.Waiting;
import java.util.OptionalLong;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A job whose events come in three parts: it has a Flink checkpoint when it fails, and events behind that to read again.
 *
 * @param checkpoints folder of the cluster's checkpoints
 */
record StagedRun(EmbeddedKafka kafka, EmbeddedFlink flink, Path checkpoints, Events events) {

    /** Records of a student or teacher that are let through before it fails. */
    private static final int RECORDS = 7;

    /** Where the events come from. */
    interface Events {
        /** Sends events {@code from} to {@code to} and waits until they are there. */
        void send(String topic, long from, long to) throws Exception;
    }

    /**
     * Numbers of events.
     *
     * @param atStart that are there when the job starts
     * @param atCheckpoint that are there once it has a Flink checkpoint; the rest comes when it has failed
     * @param all in the end
     */
    record Parts(long atStart, long atCheckpoint, long all) {}

    static StagedRun of(EmbeddedKafka kafka, EmbeddedFlink flink, Path checkpoints, Events events) {
        return new StagedRun(kafka, flink, checkpoints, events);
    }

    /**
     * Makes the topics and runs to the end.
     *
     * @param labelShare share of the labels that learning may see
     */
    BoundedJob.Outcome run(Pipeline pipeline, Parts parts, double labelShare, Faults.Place place) throws Exception {
        String topic = pipeline.topics().events();
        Faults.arm(place);
        TestTopics.create(kafka.bootstrapServers(), pipeline);
        events.send(topic, 0, parts.atStart());
        StreamExecutionEnvironment environment = flink.environment();
        Faults.job(pipeline, options(kafka, parts.all(), labelShare)).build(environment);
        EmbeddedJob job = flink.submit(environment);
        Path own = new Path(checkpoints, job.id().toString());
        Waiting.until(
                "a Flink checkpoint", () -> RetainedCheckpoints.newest(own).isPresent());
        Faults.fireAfter(place == Faults.Place.SINK ? 1 : RECORDS);
        events.send(topic, parts.atStart(), parts.atCheckpoint());
        if (place != Faults.Place.NOWHERE) {
            Waiting.until("the " + place + " to fail", Faults::failed);
        }
        events.send(topic, parts.atCheckpoint(), parts.all());
        return BoundedJob.outcome(kafka, job, pipeline);
    }

    /** Of a run over so many events, with ten points to its curves. */
    static DistillationJob.Options options(EmbeddedKafka kafka, long events, double labelShare) {
        return new DistillationJob.Options(
                kafka.bootstrapServers(), OptionalLong.of(events), labelShare, Math.max(1, events / 10));
    }
}
