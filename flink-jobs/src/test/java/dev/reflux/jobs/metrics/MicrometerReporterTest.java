package dev.reflux.jobs.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.junit.jupiter.api.Test;

final class MicrometerReporterTest {
    private static final MetricGroup OPERATOR = new MetricGroupStub(
            "taskmanager.job.task.operator",
            Map.of("<job_name>", "reflux demo", "<job_id>", "a1b2", "<subtask_index>", "0", "<tm_id>", "c3"));
    private static final MetricGroup STUDENT = new MetricGroupStub(
            "taskmanager.job.task.operator.reflux.pipeline.student",
            Map.of("<job_name>", "x", "<task_attempt_id>", "d4", "<pipeline>", "demo", "<student>", "phone"));

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final MicrometerReporter reporter = new MicrometerReporter(registry);

    @Test
    void counter_ofFlink_isACounterWithoutVolatileIds() {
        Counter records = new SimpleCounter();
        reporter.notifyOfAddedMetric(records, "numRecordsIn", OPERATOR);

        records.inc(7);

        assertThat(registry.get("flink.operator.records.in")
                        .tags("job.name", "reflux demo", "subtask.index", "0")
                        .functionCounter()
                        .count())
                .isEqualTo(7);
        assertThat(registry.getMeters().get(0).getId().getTags())
                .extracting("key")
                .containsExactlyInAnyOrder("job.name", "subtask.index");
    }

    @Test
    void gauge_ofOurGroup_isNamedFromThereOnAndTaggedByItsVariables() {
        Gauge<Double> accuracy = () -> 0.75;
        reporter.notifyOfAddedMetric(accuracy, "studentAccuracy", STUDENT);

        assertThat(registry.get("reflux.student.accuracy")
                        .tags("pipeline", "demo", "student", "phone")
                        .gauge()
                        .value())
                .isEqualTo(0.75);
        assertThat(registry.getMeters().get(0).getId().getTags())
                .extracting("key")
                .containsExactlyInAnyOrder("pipeline", "student");
    }

    @Test
    void gauge_ofText_isLeftOut() {
        Gauge<String> text = () -> "words";
        reporter.notifyOfAddedMetric(text, "state", OPERATOR);

        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void gauge_ofFlink_isInTheCatalogsUnitAndNaNWhileUnknown() {
        Gauge<Long> unknown = () -> -1L;
        Gauge<Integer> busy = () -> 250;
        Map<String, String> job = Map.of("<job_name>", "x", "<job_id>", "a1b2");
        reporter.notifyOfAddedMetric(
                unknown, "lastCheckpointCompletedTimestamp", new MetricGroupStub("jobmanager.job", job));
        reporter.notifyOfAddedMetric(busy, "busyTimeMsPerSecond", new MetricGroupStub("taskmanager.job.task", job));

        assertThat(registry.get("flink.job.last.checkpoint.timestamp").gauge().value())
                .isNaN();
        assertThat(registry.get("flink.task.busy").gauge().value()).isEqualTo(0.25);
        assertThat(registry.get("flink.task.busy").gauge().getId().getBaseUnit())
                .isEqualTo("ratio");
    }

    @Test
    void gauge_ofFlinkThatOnlyGrows_isACounterWithTheTagThatTellsItApart() {
        Map<String, String> job = Map.of("<job_name>", "x");
        Gauge<Long> completed = () -> 7L;
        Gauge<Long> failed = () -> 2L;
        reporter.notifyOfAddedMetric(
                completed, "numberOfCompletedCheckpoints", new MetricGroupStub("jobmanager.job", job));
        reporter.notifyOfAddedMetric(failed, "numberOfFailedCheckpoints", new MetricGroupStub("jobmanager.job", job));

        assertThat(registry.get("flink.job.checkpoints")
                        .tag("result", "completed")
                        .functionCounter()
                        .count())
                .isEqualTo(7);
        assertThat(registry.get("flink.job.checkpoints")
                        .tag("result", "failed")
                        .functionCounter()
                        .count())
                .isEqualTo(2);
    }

    @Test
    void metric_outsideOfTheCatalog_isLeftOut() {
        reporter.notifyOfAddedMetric(new SimpleCounter(), "numFiredTimers", OPERATOR);
        reporter.notifyOfAddedMetric(new SimpleCounter(), "nobodyKnows", STUDENT);

        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void histogram_ofDurations_givesEachValueOnceToATimer() {
        SampledHistogram histogram = new SampledHistogram();
        reporter.notifyOfAddedMetric(histogram, "studentStudy", STUDENT);
        histogram.update(1_000_000);
        histogram.update(3_000_000);
        reporter.report();
        reporter.report();
        histogram.update(5_000_000);
        Timer timer = registry.get("reflux.student.study").timer();

        assertThat(timer.count()).isEqualTo(2);

        reporter.report();
        assertThat(timer.count()).isEqualTo(3);
        assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(9);
    }

    @Test
    void histogram_removedBetweenLooks_losesNothing() {
        SampledHistogram before = new SampledHistogram();
        SampledHistogram after = new SampledHistogram();
        reporter.notifyOfAddedMetric(before, "studentStudy", STUDENT);
        before.update(1_000_000);
        reporter.notifyOfAddedMetric(after, "studentStudy", STUDENT);
        reporter.notifyOfRemovedMetric(before, "studentStudy", STUDENT);

        assertThat(registry.get("reflux.student.study").timer().count()).isEqualTo(1);
    }

    @Test
    void histogram_withMoreValuesThanItKeeps_givesTheNewest() {
        SampledHistogram histogram = new SampledHistogram();
        reporter.notifyOfAddedMetric(histogram, "studentStudy", STUDENT);
        for (int i = 0; i < SampledHistogram.CAPACITY + 10; i++) {
            histogram.update(i < 10 ? 1_000_000_000_000L : 1_000_000);
        }
        reporter.report();

        Timer timer = registry.get("reflux.student.study").timer();
        assertThat(timer.count()).isEqualTo(SampledHistogram.CAPACITY);
        assertThat(timer.max(TimeUnit.MILLISECONDS)).isEqualTo(1);
        assertThat(histogram.getStatistics().getQuantile(0.99)).isEqualTo(1_000_000);
    }

    @Test
    void restart_newMetricAddedBeforeTheOldIsRemoved_newOneSpeaks() {
        Gauge<Integer> before = () -> 1;
        Gauge<Integer> after = () -> 2;
        reporter.notifyOfAddedMetric(before, "publishedStep", STUDENT);
        reporter.notifyOfAddedMetric(after, "publishedStep", STUDENT);
        reporter.notifyOfRemovedMetric(before, "publishedStep", STUDENT);

        assertThat(registry.get("reflux.published.step").gauge().value()).isEqualTo(2);

        reporter.notifyOfRemovedMetric(after, "publishedStep", STUDENT);
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void counter_ofTwoOperatorsWithTheSameTags_addsUp() {
        Counter one = new SimpleCounter();
        Counter other = new SimpleCounter();
        reporter.notifyOfAddedMetric(one, "driftAlarms", STUDENT);
        reporter.notifyOfAddedMetric(other, "driftAlarms", STUDENT);
        one.inc(3);
        other.inc(4);

        assertThat(registry.get("reflux.drift.alarms").functionCounter().count())
                .isEqualTo(7);
    }

    @Test
    void close_withMetricsLeft_takesThemOutOfTheRegistry() {
        reporter.notifyOfAddedMetric(new SimpleCounter(), "batches", STUDENT);

        reporter.close();

        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void factory_lentRegistry_isFoundUntilTheLoanEnds() {
        MicrometerReporterFactory factory = new MicrometerReporterFactory();
        Properties properties = new Properties();
        try (MeterRegistries.Loan loan = MeterRegistries.lend(registry)) {
            properties.setProperty(MicrometerReporterFactory.REGISTRY, loan.key());
            factory.createMetricReporter(properties).notifyOfAddedMetric(new SimpleCounter(), "batches", STUDENT);
            assertThat(registry.getMeters()).hasSize(1);
        }

        assertThatThrownBy(() -> factory.createMetricReporter(properties))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no registry is lent");
        assertThatThrownBy(() -> factory.createMetricReporter(new Properties()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'registry' nor 'port'");
    }
}
