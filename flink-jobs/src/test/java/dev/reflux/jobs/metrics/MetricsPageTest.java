package dev.reflux.jobs.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MetricsPageTest {
    private static final Path PAGE = Path.of("..", "dashboards", "METRICS.md");
    private static final String REGENERATE = "./mvnw -q -pl flink-jobs -am test -Dtest=MetricsPageTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dmetrics.write=true";

    @Test
    void page_isFresh() throws IOException {
        if (Boolean.getBoolean("metrics.write")) {
            MetricsPage.main(new String[] {PAGE.toString()});
        }

        assertThat(Files.readString(PAGE))
                .as("dashboards/METRICS.md is stale; write it anew: %s", REGENERATE)
                .isEqualTo(MetricsPage.text());
    }

    @Test
    void names_followPrometheusConventions() {
        assertThat(MetricCatalog.all())
                .extracting(MetricDescription::prometheusName)
                .doesNotHaveDuplicates();
        assertThat(RefluxMetric.STUDENT_ACCURACY.description().prometheusName())
                .isEqualTo("reflux_student_accuracy_ratio");
        assertThat(RefluxMetric.EVENTS.description().prometheusName()).isEqualTo("reflux_events_total");
        assertThat(RefluxMetric.LOOP_DELAY.description().prometheusName()).isEqualTo("reflux_loop_delay_seconds");
        assertThat(RefluxMetric.STUDENT_LOG_LOSS.flinkName()).isEqualTo("studentLogLoss");
        assertThat(RefluxMetric.EVENTS.description().labels()).isEqualTo(List.of("pipeline", "result"));
    }

    @Test
    void units_ofOurOwn_areBaseUnits() {
        for (RefluxMetric metric : RefluxMetric.values()) {
            assertThat(metric.description().unit()).as(metric.name()).isIn("", "seconds", "bytes", "ratio", "nats");
        }
    }
}
