package dev.reflux.service.exactness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.jobs.DistillationJob;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.report.JobReport;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedJob;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.embedded.Restarts;
import dev.reflux.service.embedded.RetainedCheckpoints;
import dev.reflux.service.support.PublishedStudent;
import dev.reflux.service.support.TestEvents;
import dev.reflux.service.support.TestTopics;
import dev.reflux.service.support.Waiting;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A job that fails in mid-stream ends with the very student, and the very published checkpoints, of a job that was never
 * disturbed: in the teacher, in the student, in the sink and between a checkpoint and its commit, at any lag, chained or
 * not.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExactnessITCase {

    /** No multiple of the batch, so that a partial batch lies in the state when a part is read. */
    private static final long EVENTS = 9_013;

    /** Events that are there when the job starts. */
    private static final long AT_START = 4_500;
    /** Events that are there once it has a Flink checkpoint; the rest comes when it has failed. */
    private static final long AT_CHECKPOINT = 7_000;

    private org.apache.flink.core.fs.Path checkpoints;
    private EmbeddedKafka kafka;
    private EmbeddedFlink flink;
    private final Map<Integer, Outcome> undisturbed = new HashMap<>();
    private int runs;

    @BeforeAll
    void start(@TempDir Path folder) {
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
        checkpoints = new org.apache.flink.core.fs.Path(folder.resolve("flink").toUri());
        flink = EmbeddedFlink.start(new EmbeddedFlink.Settings(
                checkpoints, 1, Restarts.fixed(1, Duration.ofMillis(50)), new SimpleMeterRegistry()));
    }

    @AfterAll
    void stop() {
        flink.close();
        kafka.close();
    }

    static Stream<Arguments> shapes() {
        return Stream.of(0, 1, 4).flatMap(lag -> Stream.of(true, false).map(chained -> Arguments.of(lag, chained)));
    }

    @ParameterizedTest(name = "lag {0}, chained {1}")
    @MethodSource("shapes")
    void studentAfterAFailure_isThatOfAnUndisturbedRun(int lag, boolean chained) throws Exception {
        Outcome expected = undisturbed(lag);
        assertThat(expected.report().intake().trained()).isEqualTo(EVENTS);
        assertThat(expected.published()).hasSizeGreaterThan(5);
        for (Faults.Place place :
                List.of(Faults.Place.TEACHER, Faults.Place.STUDENT, Faults.Place.SINK, Faults.Place.COMMIT)) {
            Outcome disturbed = run(lag, chained, place);
            assertThat(disturbed.report())
                    .as("report after a failure in the %s", place)
                    .isEqualTo(expected.report());
            assertThat(disturbed.published())
                    .as("committed checkpoints after a failure in the %s", place)
                    .isEqualTo(expected.published());
        }
    }

    private record Outcome(JobReport report, List<PublishedStudent> published) {}

    private Outcome undisturbed(int lag) throws Exception {
        Outcome known = undisturbed.get(lag);
        if (known == null) {
            known = run(lag, false, Faults.Place.NOWHERE);
            undisturbed.put(lag, known);
        }
        return known;
    }

    private Outcome run(int lag, boolean chained, Faults.Place place) throws Exception {
        Pipeline pipeline = pipeline("exact-" + runs++, lag, chained);
        String events = pipeline.topics().events();
        Faults.arm(place);
        TestTopics.create(kafka.bootstrapServers(), pipeline);
        TestEvents.send(kafka.bootstrapServers(), events, 0, AT_START, EVENTS);
        StreamExecutionEnvironment environment = flink.environment();
        Faults.job(
                        pipeline,
                        new DistillationJob.Options(kafka.bootstrapServers(), OptionalLong.of(EVENTS), 1, EVENTS / 10))
                .build(environment);
        EmbeddedJob job = flink.submit(environment);
        org.apache.flink.core.fs.Path own =
                new org.apache.flink.core.fs.Path(checkpoints, job.id().toString());
        Waiting.until(
                "a Flink checkpoint", () -> RetainedCheckpoints.newest(own).isPresent());
        Faults.fireAfter(place == Faults.Place.SINK ? 1 : 7);
        TestEvents.send(kafka.bootstrapServers(), events, AT_START, AT_CHECKPOINT, EVENTS);
        if (place != Faults.Place.NOWHERE) {
            Waiting.until("the " + place + " to fail", Faults::failed);
        }
        TestEvents.send(kafka.bootstrapServers(), events, AT_CHECKPOINT, EVENTS, EVENTS);
        JobReport report = DistillationJob.report(job.result().get(5, TimeUnit.MINUTES), pipeline);
        assertThat(Faults.failed()).isEqualTo(place != Faults.Place.NOWHERE);
        return new Outcome(
                report,
                PublishedStudent.readAll(
                        kafka.bootstrapServers(), pipeline.topics().checkpoints()));
    }

    /** One pipeline, so that its models are the same to the last byte, with topics of its own for each run. */
    private static Pipeline pipeline(String run, int lag, boolean chained) {
        return PipelineReader.read("""
                pipeline: exact
                topics: { events: %1$s.in, checkpoints: %1$s.out, drift: %1$s.drift, deadLetters: %1$s.dead }
                %2$s
                batch: { size: 64, maxDelay: off, step: 4 }
                teacher: { network: { type: mlp, hidden: [24, 16] }, teach: after }
                students:
                  - { name: small, network: { type: mlp, hidden: [8] }, optimizer: { type: adam, learningRate: 0.01 } }
                feedback: { policy: mutual, weight: 0.3, lag: %3$d }
                drift: { detectors: [ { type: adwin, on: student-error }, { type: adwin, on: disagreement }, { type: adwin, on: teacher-error } ] }
                checkpoints: { every: 10 batches, gate: { maxRegression: 1, minEvents: 100 } }
                flink: { checkpointInterval: 150ms, chained: %4$s }
                """.formatted(run, TestEvents.SECTION, lag, chained));
    }
}
