package dev.reflux.service.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MeterProgressTest {
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final MeterProgress progress = new MeterProgress(registry, "demo", List.of("phone", "watch"));

    @Test
    void now_beforeAnythingIsReported_isUnknown() {
        Progress now = progress.now();

        assertThat(now.events()).isZero();
        assertThat(now.teacherAccuracy()).isNaN();
        assertThat(now.students()).extracting(StudentProgress::name).containsExactly("phone", "watch");
        assertThat(now.students().get(0).accuracy()).isNaN();
    }

    @Test
    void now_withReports_tellsStudentsAndPipelinesApart() {
        registry.counter("reflux.events", "pipeline", "demo", "result", "accepted")
                .increment(97);
        registry.counter("reflux.events", "pipeline", "demo", "result", "rejected")
                .increment(3);
        registry.counter("reflux.events", "pipeline", "other", "result", "accepted")
                .increment(7);
        registry.counter("reflux.dead.letters", "pipeline", "demo", "reason", "not-json")
                .increment(3);
        gauge("reflux.teacher.accuracy", 0.9, "pipeline", "demo");
        gauge("reflux.drift.alarms", 1, "pipeline", "demo", "subject", "teacher");
        gauge("reflux.drift.alarms", 2, "pipeline", "demo", "subject", "phone");
        gauge("reflux.drift.alarms", 4, "pipeline", "demo", "subject", "watch");
        gauge("reflux.student.accuracy", 0.8, "pipeline", "demo", "student", "watch");
        gauge("reflux.student.agreement", 0.7, "pipeline", "demo", "student", "watch");
        gauge("reflux.published.step", 5, "pipeline", "demo", "student", "watch");
        gauge("flink.job.restarts", 6);

        Progress now = progress.now();

        assertThat(now.events()).isEqualTo(100);
        assertThat(now.deadLetters()).isEqualTo(3);
        assertThat(now.driftAlarms()).isEqualTo(7);
        assertThat(now.restarts()).isEqualTo(6);
        assertThat(now.teacherAccuracy()).isEqualTo(0.9);
        assertThat(now.students().get(0).accuracy()).isNaN();
        assertThat(now.students().get(1)).isEqualTo(new StudentProgress("watch", 0.8, 0.7, Double.NaN, 5, 0, 0));
    }

    private void gauge(String name, double value, String... tags) {
        Gauge.builder(name, () -> value).tags(tags).register(registry);
    }
}
