package dev.reflux.service.exactness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.embedded.Restarts;
import dev.reflux.service.support.BoundedJob;
import dev.reflux.service.support.TestEvents;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A job that fails in mid-stream ends with the very student, the very published checkpoints and the very drift records of a job
 * that was never disturbed: in the teacher, in the student, in the sink and between a checkpoint and its commit, at any lag, chained or
 * not.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExactnessITCase {

    /** No multiple of the batch, so that a partial batch lies in the state when a part is read. */
    private static final long EVENTS = 9_013;

    private static final StagedRun.Parts PARTS = new StagedRun.Parts(4_500, 7_000, EVENTS);

    private org.apache.flink.core.fs.Path checkpoints;
    private EmbeddedKafka kafka;
    private EmbeddedFlink flink;
    private final Map<Integer, BoundedJob.Outcome> undisturbed = new HashMap<>();
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
        BoundedJob.Outcome expected = undisturbed(lag);
        assertThat(expected.report().intake().trained()).isEqualTo(EVENTS);
        assertThat(expected.published()).hasSizeGreaterThan(5);
        assertThat(expected.drift()).anyMatch(record -> record.contains("\"metric\":\"feature\""));
        assertThat(expected.drift())
                .anyMatch(record -> record.contains("\"level\":\"drift\"")
                        && record.contains("[\"learning-rate\",\"replay\",\"alternative\",\"publication\"]"));
        for (Faults.Place place :
                List.of(Faults.Place.TEACHER, Faults.Place.STUDENT, Faults.Place.SINK, Faults.Place.COMMIT)) {
            BoundedJob.Outcome disturbed = run(lag, chained, place);
            assertThat(disturbed.report())
                    .as("report after a failure in the %s", place)
                    .isEqualTo(expected.report());
            assertThat(disturbed.published())
                    .as("committed checkpoints after a failure in the %s", place)
                    .isEqualTo(expected.published());
            assertThat(disturbed.drift())
                    .as("drift records after a failure in the %s", place)
                    .isEqualTo(expected.drift());
        }
    }

    private BoundedJob.Outcome undisturbed(int lag) throws Exception {
        BoundedJob.Outcome known = undisturbed.get(lag);
        if (known == null) {
            known = run(lag, false, Faults.Place.NOWHERE);
            undisturbed.put(lag, known);
        }
        return known;
    }

    private BoundedJob.Outcome run(int lag, boolean chained, Faults.Place place) throws Exception {
        Pipeline pipeline = pipeline("exact-" + runs++, lag, chained);
        BoundedJob.Outcome outcome = StagedRun.of(
                        kafka,
                        flink,
                        checkpoints,
                        (topic, from, to) -> TestEvents.send(kafka.bootstrapServers(), topic, from, to, EVENTS))
                .run(pipeline, PARTS, 1, place);
        assertThat(Faults.failed()).isEqualTo(place != Faults.Place.NOWHERE);
        return outcome;
    }

    /** One pipeline, so that its models are the same to the last byte, with topics of its own for each run. */
    private static Pipeline pipeline(String run, int lag, boolean chained) {
        return PipelineReader.read("""
                pipeline: exact
                topics: { events: %1$s.in, checkpoints: %1$s.out, drift: %1$s.drift, deadLetters: %1$s.dead }
                %2$s
                batch: { size: 64, maxDelay: off, step: 4 }
                teacher: { network: { type: mlp, hidden: [24, 16] }, teach: after, replay: { capacity: 300, share: 0.2 } }
                students:
                  - { name: small, network: { type: mlp, hidden: [8] }, optimizer: { type: adam, learningRate: 0.01 },
                      replay: { capacity: 200, share: 0.2, policy: recent } }
                feedback: { policy: mutual, weight: 0.3, lag: %3$d }
                drift:
                  coolDown: 100
                  detectors:
                    - { type: adwin }
                    - { type: adwin, on: teacher-error }
                    - { type: studd, delta: 0.5 }
                    - { type: ddm }
                    - { type: eddm, on: teacher-error }
                    - { type: hddm-a }
                    - { type: hddm-w, sides: two-sided }
                    - { type: kswin, alpha: 0.01 }
                    - { type: page-hinkley, on: student-loss, lambda: 10 }
                  distances:
                    - { type: psi, warning: 0.01, drift: 0.02 }
                    - { type: kolmogorov-smirnov, warning: 0.01, drift: 0.02 }
                    - { type: psi, on: label }
                    - { type: jensen-shannon, on: student-prediction }
                    - { type: kolmogorov-smirnov, on: teacher-confidence }
                    - { type: calibration }
                    - { type: mmd, on: student-output }
                  windows: { reference: 1500, current: 500, warmUp: 500, alpha: 0.05 }
                  reaction: { learningRate: 2, batches: 4, keepReplay: 0.5, alternative: fresh, trial: 20, publishAfter: 3 }
                checkpoints: { every: 10 batches, gate: { maxRegression: 1, minEvents: 100 } }
                flink: { checkpointInterval: 150ms, chained: %4$s }
                """.formatted(run, TestEvents.SECTION, lag, chained));
    }
}
