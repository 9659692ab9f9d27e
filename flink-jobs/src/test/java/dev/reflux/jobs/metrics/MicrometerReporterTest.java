package dev.reflux.jobs.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.metrics.CharacterFilter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.HistogramStatistics;
import org.apache.flink.metrics.LogicalScopeProvider;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;

final class MicrometerReporterTest {
    private static final MetricGroup OPERATOR = new Group(
            "taskmanager.job.task.operator",
            Map.of("<job_name>", "reflux demo", "<job_id>", "a1b2", "<subtask_index>", "0", "<tm_id>", "c3"));
    private static final MetricGroup STUDENT = new Group(
            "taskmanager.job.task.operator.reflux.pipeline.student",
            Map.of("<job_name>", "x", "<task_attempt_id>", "d4", "<pipeline>", "demo", "<student>", "phone"));

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final MicrometerReporter reporter = new MicrometerReporter(registry);

    @Test
    void counter_ofFlink_isACounterWithoutVolatileIds() {
        Counter records = new SimpleCounter();
        reporter.notifyOfAddedMetric(records, "numRecordsIn", OPERATOR);

        records.inc(7);

        assertThat(registry.get("flink.taskmanager.job.task.operator.num.records.in")
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
    void gauge_ofABoolean_isOneOrZero() {
        Gauge<Boolean> yes = () -> true;
        reporter.notifyOfAddedMetric(yes, "isBackPressured", OPERATOR);

        assertThat(registry.get("flink.taskmanager.job.task.operator.is.back.pressured")
                        .gauge()
                        .value())
                .isEqualTo(1);
    }

    @Test
    void histogram_ofThreeValues_hasQuantilesAndCount() {
        reporter.notifyOfAddedMetric(new ThreeValues(), "loopDelay", STUDENT);

        assertThat(registry.get("reflux.loop.delay.count").functionCounter().count())
                .isEqualTo(3);
        assertThat(registry.get("reflux.loop.delay")
                        .tag("quantile", "0.5")
                        .gauge()
                        .value())
                .isEqualTo(50);
    }

    @Test
    void restart_newMetricAddedBeforeTheOldIsRemoved_newOneSpeaks() {
        Gauge<Integer> before = () -> 1;
        Gauge<Integer> after = () -> 2;
        reporter.notifyOfAddedMetric(before, "checkpointVersion", STUDENT);
        reporter.notifyOfAddedMetric(after, "checkpointVersion", STUDENT);
        reporter.notifyOfRemovedMetric(before, "checkpointVersion", STUDENT);

        assertThat(registry.get("reflux.checkpoint.version").gauge().value()).isEqualTo(2);

        reporter.notifyOfRemovedMetric(after, "checkpointVersion", STUDENT);
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
                .hasMessageContaining("'registry'");
    }

    private static final class Group extends UnregisteredMetricsGroup implements LogicalScopeProvider {
        private final String scope;
        private final Map<String, String> variables;

        private Group(String scope, Map<String, String> variables) {
            this.scope = scope;
            this.variables = variables;
        }

        @Override
        public Map<String, String> getAllVariables() {
            return variables;
        }

        @Override
        public String getLogicalScope(CharacterFilter filter) {
            return scope;
        }

        @Override
        public String getLogicalScope(CharacterFilter filter, char delimiter) {
            return scope;
        }

        @Override
        public MetricGroup getWrappedMetricGroup() {
            return this;
        }
    }

    private static final class ThreeValues implements Histogram {
        @Override
        public void update(long value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long getCount() {
            return 3;
        }

        @Override
        public HistogramStatistics getStatistics() {
            return new HistogramStatistics() {
                @Override
                public double getQuantile(double quantile) {
                    return 100 * quantile;
                }

                @Override
                public long[] getValues() {
                    return List.of(1L, 2L, 3L).stream()
                            .mapToLong(Long::longValue)
                            .toArray();
                }

                @Override
                public int size() {
                    return 3;
                }

                @Override
                public double getMean() {
                    return 2;
                }

                @Override
                public double getStdDev() {
                    return 1;
                }

                @Override
                public long getMax() {
                    return 3;
                }

                @Override
                public long getMin() {
                    return 1;
                }
            };
        }
    }
}
