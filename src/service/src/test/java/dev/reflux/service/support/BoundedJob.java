package dev.reflux.service.support;

import dev.reflux.jobs.DistillationJob;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.report.JobReport;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedJob;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.embedded.Restarts;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The whole job over a topic's first events. */
public final class BoundedJob {

    private static final long CURVE_WINDOW = 1_000;

    private BoundedJob() {}

    /**
     * What a job that ended left behind.
     *
     * @param published committed checkpoint records
     * @param drift distinct drift records, which after a failure may have come twice
     */
    public record Outcome(JobReport report, List<PublishedStudent> published, Set<String> drift) {

        /** What one student published, in order: of several, only each one's records have an order. */
        public List<PublishedStudent> published(String student) {
            return published.stream().filter(one -> one.key().equals(student)).toList();
        }
    }

    /**
     * Runs to the end in a cluster of its own; the topics must be there.
     *
     * @param events offset at which the stream ends
     * @param labelShare share of the labels that learning may see
     * @param folder where the cluster may write
     * @throws java.util.concurrent.ExecutionException when the job fails, with its reason
     */
    public static Outcome run(EmbeddedKafka kafka, Pipeline pipeline, long events, double labelShare, Path folder)
            throws Exception {
        org.apache.flink.core.fs.Path checkpoints = org.apache.flink.core.fs.Path.fromLocalFile(
                folder.resolve(pipeline.topics().events()).toFile());
        EmbeddedFlink.Settings settings =
                new EmbeddedFlink.Settings(checkpoints, 1, Restarts.none(), new SimpleMeterRegistry());
        try (EmbeddedFlink flink = EmbeddedFlink.start(settings)) {
            return run(
                    kafka,
                    flink,
                    pipeline,
                    new DistillationJob.Options(
                            kafka.bootstrapServers(), OptionalLong.of(events), labelShare, CURVE_WINDOW));
        }
    }

    /** {@link #run(EmbeddedKafka, Pipeline, long, double, Path)} in a cluster that is there. */
    public static Outcome run(
            EmbeddedKafka kafka, EmbeddedFlink flink, Pipeline pipeline, DistillationJob.Options options)
            throws Exception {
        StreamExecutionEnvironment environment = flink.environment();
        DistillationJob.build(environment, pipeline, options);
        return outcome(kafka, flink.submit(environment), pipeline);
    }

    /** Waits for a job's end. */
    public static Outcome outcome(EmbeddedKafka kafka, EmbeddedJob job, Pipeline pipeline) throws Exception {
        JobReport report = DistillationJob.report(job.result().get(5, TimeUnit.MINUTES), pipeline);
        Set<String> drift = new TreeSet<>();
        TopicReader.readCommitted(kafka.bootstrapServers(), pipeline.topics().drift())
                .forEach(record -> drift.add(new String(record.value(), StandardCharsets.UTF_8)));
        return new Outcome(
                report,
                PublishedStudent.readAll(
                        kafka.bootstrapServers(), pipeline.topics().checkpoints()),
                drift);
    }
}
