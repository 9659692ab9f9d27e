package dev.reflux.service.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.support.TestEvents;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ReadinessTest {
    private static final long NOW = 1_700_000_000L;
    private static final Pipeline PIPELINE = PipelineReader.read("pipeline: demo\n" + TestEvents.SECTION
            + "students: [ { name: phone }, { name: watch } ]\n"
            + "monitor: { maxCheckpointAge: 1min, maxStudentAge: 10min }\n");

    private final Readiness readiness =
            new Readiness(PIPELINE, WatchedJob.LEARNING, Clock.fixed(Instant.ofEpochSecond(NOW), ZoneOffset.UTC));

    @Test
    void check_allIsWell_isReady() {
        List<Readiness.Check> checks = readiness.check(metrics(12, 10, 60, 500), Optional.empty());

        assertThat(checks)
                .extracting(Readiness.Check::name)
                .containsExactly("broker", "job", "checkpoint", "student phone", "student watch");
        assertThat(checks).allMatch(Readiness.Check::ok);
        assertThat(Readiness.json(checks).path("ready").asBoolean()).isTrue();
        assertThat(checks.get(4).detail()).isEqualTo("the published student is 8 min 20 s old, may be 10 min");
    }

    @Test
    void check_brokerThatDoesNotAnswer_isNamed() {
        List<Readiness.Check> checks = readiness.check(metrics(12, 10, 60, 500), Optional.of("no answer"));

        assertThat(failed(checks)).containsExactly("broker");
        assertThat(Readiness.json(checks).path("checks").get(0).path("detail").asText())
                .isEqualTo("no answer");
    }

    @Test
    void check_jobThatRestarts_isNamed() {
        assertThat(failed(readiness.check(metrics(0, 10, 60, 60), Optional.empty())))
                .containsExactly("job");
    }

    @Test
    void check_oldCheckpointAndOldStudent_areNamed() {
        assertThat(failed(readiness.check(metrics(12, 61, 60, 601), Optional.empty())))
                .containsExactly("checkpoint", "student watch");
    }

    @Test
    void check_nothingYet_isNotReadyAndSaysSince() {
        List<Readiness.Check> checks = readiness.check(new MetricValues(List.of()), Optional.empty());

        assertThat(failed(checks)).containsExactly("job", "checkpoint", "student phone", "student watch");
        assertThat(checks.get(1).detail()).isEqualTo("no metrics of the job reflux demo");
        assertThat(checks.get(2).detail()).isEqualTo("the last Flink checkpoint is not there yet after 0 s");
    }

    @Test
    void check_nothingForTooLong_saysWhatIsExpected() {
        Clock start = Clock.fixed(Instant.ofEpochSecond(NOW), ZoneOffset.UTC);
        MovedClock clock = new MovedClock(start);
        Readiness late = new Readiness(PIPELINE, WatchedJob.LEARNING, clock);
        clock.now = start.instant().plus(Duration.ofMinutes(2));

        assertThat(late.check(new MetricValues(List.of()), Optional.empty())
                        .get(2)
                        .detail())
                .isEqualTo("the last Flink checkpoint is not there yet after 2 min, should be within 1 min");
    }

    private static List<String> failed(List<Readiness.Check> checks) {
        return checks.stream()
                .filter(check -> !check.ok())
                .map(Readiness.Check::name)
                .toList();
    }

    private static MetricValues metrics(int running, int checkpointAge, int phoneAge, int watchAge) {
        return new MetricValues(List.of("flink_job_running_time_seconds{job_name=\"reflux demo\"} " + running + "\n"
                + "flink_job_last_checkpoint_timestamp_seconds{job_name=\"reflux demo\"} " + (NOW - checkpointAge)
                + "\n"
                + "reflux_published_timestamp_seconds{pipeline=\"demo\",student=\"phone\"} " + (NOW - phoneAge) + "\n"
                + "reflux_published_timestamp_seconds{pipeline=\"demo\",student=\"watch\"} " + (NOW - watchAge)
                + "\n"));
    }

    private static final class MovedClock extends Clock {
        private Instant now;

        private MovedClock(Clock start) {
            now = start.instant();
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
