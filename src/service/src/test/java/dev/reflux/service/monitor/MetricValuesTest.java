package dev.reflux.service.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MetricValuesTest {
    private static final String TEXT = """
            # HELP reflux_events_total Events
            # TYPE reflux_events_total counter
            reflux_events_total{pipeline="demo",result="accepted"} 7.0
            reflux_events_total{pipeline="demo",result="rejected"} 2.0
            reflux_student_accuracy_ratio{pipeline="demo",student="a \\"b\\", c}\\n\\\\"} NaN
            process_uptime_seconds 1.5
            lag_bucket{le="+Inf"} 3 # {trace="x"} 1
            limit -Inf
            """;

    private final MetricValues values = new MetricValues(List.of(TEXT, "process_uptime_seconds 2\n"));

    @Test
    void sum_overSeriesAndProcesses() {
        assertThat(values.sum("reflux_events_total")).isEqualTo(9);
        assertThat(values.sum("reflux_events_total", "result", "rejected")).isEqualTo(2);
        assertThat(values.sum("process_uptime_seconds")).isEqualTo(3.5);
    }

    @Test
    void sum_ofWhatIsNotThereOrNotANumber_isNaN() {
        assertThat(values.sum("nothing")).isNaN();
        assertThat(values.sum("reflux_events_total", "result", "other")).isNaN();
        assertThat(values.sum("reflux_student_accuracy_ratio")).isNaN();
    }

    @Test
    void labels_areUnescaped() {
        assertThat(values.of("reflux_student_accuracy_ratio").get(0).labels())
                .isEqualTo(Map.of("pipeline", "demo", "student", "a \"b\", c}\n\\"));
    }

    @Test
    void values_withExemplarOrInfinity_areRead() {
        assertThat(values.sum("lag_bucket")).isEqualTo(3);
        assertThat(values.sum("limit")).isEqualTo(Double.NEGATIVE_INFINITY);
    }
}
