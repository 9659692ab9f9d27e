package dev.reflux.service.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.jobs.DistillationJob;
import dev.reflux.jobs.metrics.MetricCatalog;
import dev.reflux.jobs.metrics.MetricDescription;
import dev.reflux.jobs.metrics.MetricKind;
import dev.reflux.jobs.metrics.Registries;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedJob;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.embedded.Restarts;
import dev.reflux.service.support.TestEvents;
import dev.reflux.service.support.TestTopics;
import dev.reflux.service.support.Waiting;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What is scraped from a running job is what the catalog says, in both directions. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsITCase {
    private static final int EVENTS = 6_000;
    private static final String YAML = """
            pipeline: measured
            %s
            batch: { size: 32, maxDelay: 100ms }
            teacher: { network: { type: mlp, hidden: [16] } }
            students:
              - { name: phone, network: { type: mlp, hidden: [8] } }
              - { name: watch, network: { type: mlp, hidden: [4] } }
            feedback: { policy: meta, lag: 1 }
            drift:
              detectors: [ { type: adwin, on: student-error }, { type: adwin, on: teacher-error } ]
              distances: [ { type: psi, on: features } ]
              windows: { reference: 1000, current: 500, warmUp: 0 }
            checkpoints: { every: 20 batches }
            flink: { checkpointInterval: 500ms }
            """;

    private final Registries registries = Registries.open(Optional.empty());
    private EmbeddedKafka kafka;
    private EmbeddedFlink flink;
    private EmbeddedJob job;
    private Map<String, String> types;
    private List<Sample> samples;

    @BeforeAll
    void run(@TempDir Path folder) throws Exception {
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
        flink = EmbeddedFlink.start(new EmbeddedFlink.Settings(
                new org.apache.flink.core.fs.Path(folder.resolve("flink").toUri()),
                1,
                Restarts.none(),
                registries.all()));
        Pipeline pipeline = PipelineReader.read(
                "measured.yaml", String.format(YAML, TestEvents.SECTION.strip()), Map.of(), List.of());
        TestTopics.create(kafka.bootstrapServers(), pipeline);
        TestEvents.send(kafka.bootstrapServers(), pipeline.topics().events(), 0, EVENTS, EVENTS);
        TestEvents.send(
                kafka.bootstrapServers(),
                pipeline.topics().events(),
                EVENTS,
                Stream.of("no event".getBytes(StandardCharsets.UTF_8)));
        StreamExecutionEnvironment environment = flink.environment();
        DistillationJob.build(
                environment,
                pipeline,
                new DistillationJob.Options(kafka.bootstrapServers(), OptionalLong.empty(), 1.0, 0));
        job = flink.submit(environment);
        Waiting.until("every event to be learned and timed", () -> {
            parse(registries.scrape());
            double timed = sum("reflux_student_study_seconds_count");
            return sum("reflux_events_total") == EVENTS + 1
                    && timed == 2 * sum("reflux_batches_total")
                    && sum("reflux_labels_total") == EVENTS
                    && sum("flink_job_checkpoints_total") > 1
                    && sum("kafka_consumer_commits_succeeded_total") > 0;
        });
    }

    @AfterAll
    void stop() {
        if (job != null) {
            job.cancel(Duration.ofMinutes(1));
        }
        flink.close();
        kafka.close();
        registries.close();
    }

    /** One line of Prometheus' text format. */
    private record Sample(String name, Map<String, String> labels, double value) {}

    @Test
    void everyMetric_thatIsExposed_isDescribed() {
        Map<String, String> described = new TreeMap<>();
        for (MetricDescription metric : MetricCatalog.all()) {
            described.put(metric.prometheusName(), metric.kind().prometheusType());
            if (metric.kind() == MetricKind.TIMER) {
                described.put(metric.prometheusName() + "_max", "gauge");
            }
        }

        assertThat(described).containsAllEntriesOf(types);
    }

    @Test
    void everyMetric_thatIsAlwaysThere_isExposed() {
        Set<String> missing = new TreeSet<>();
        for (MetricDescription metric : MetricCatalog.all()) {
            boolean waits = metric.appears().startsWith("after")
                    || metric.appears().startsWith("with the G1")
                    || metric.appears().startsWith("in the scoring job")
                    || metric.equals(MetricCatalog.READY);
            if (!waits && !types.containsKey(metric.prometheusName())) {
                missing.add(metric.prometheusName());
            }
        }

        assertThat(missing).isEmpty();
    }

    @Test
    void tags_ofEveryMetric_areThoseDescribed() {
        for (MetricDescription metric : MetricCatalog.all()) {
            String name =
                    metric.kind() == MetricKind.TIMER ? metric.prometheusName() + "_count" : metric.prometheusName();
            Set<String> labels = new TreeSet<>(metric.labels());
            samples.stream()
                    .filter(sample -> sample.name().equals(name))
                    .forEach(sample -> assertThat(new TreeSet<>(sample.labels().keySet()))
                            .as(name)
                            .isEqualTo(labels));
        }
    }

    @Test
    void values_ofTheRun_areWhatHappened() {
        assertThat(sum("reflux_events_total", "result", "rejected")).isEqualTo(1);
        assertThat(sum("reflux_dead_letters_total", "reason", "not-json")).isEqualTo(1);
        assertThat(sum("reflux_labels_total", "class", "none")).isEqualTo(EVENTS / 4.0);
        assertThat(sum("reflux_student_accuracy_ratio", "student", "phone")).isBetween(0.5, 1.0);
        assertThat(sum("reflux_student_class_error_ratio", "student", "phone", "class", "in"))
                .isBetween(0.0, 1.0);
        assertThat(sum("reflux_student_loss", "student", "phone", "loss", "kd")).isBetween(0.0, 10.0);
        assertThat(sum("reflux_model_step_time_seconds_total", "model", "teacher", "phase", "forward"))
                .isPositive();
        assertThat(sum("reflux_published_timestamp_seconds", "student", "phone"))
                .isCloseTo(System.currentTimeMillis() / 1e3, org.assertj.core.data.Offset.offset(300.0));
        assertThat(sum("reflux_gate_decisions_total", "student", "phone")).isPositive();
        assertThat(sum("reflux_gate_offer_seconds_count", "student", "phone"))
                .isEqualTo(sum("reflux_gate_decisions_total", "student", "phone"));
        assertThat(sum("reflux_drift_value", "subject", "stream", "feature", "x"))
                .isPositive();
        assertThat(sum("kafka_consumer_lag_records")).isZero();
        assertThat(sum("process_resident_memory_bytes")).isGreaterThan(1e8);
    }

    @Test
    void buckets_ofTimers_addUpToTheCount() {
        assertThat(sum("reflux_loop_delay_seconds_bucket", "le", "+Inf"))
                .isEqualTo(sum("reflux_loop_delay_seconds_count"))
                .isPositive();
        assertThat(sum("reflux_loop_delay_seconds_bucket", "le", "60.0"))
                .isEqualTo(sum("reflux_loop_delay_seconds_count"));
    }

    private double sum(String name, String... labels) {
        double sum = 0;
        for (Sample sample : samples) {
            boolean matches = sample.name().equals(name);
            for (int i = 0; i < labels.length; i += 2) {
                matches &= labels[i + 1].equals(sample.labels().get(labels[i]));
            }
            sum += matches ? sample.value() : 0;
        }
        return sum;
    }

    private void parse(String text) {
        types = new TreeMap<>();
        samples = text.lines()
                .peek(line -> {
                    if (line.startsWith("# TYPE ")) {
                        types.put(line.split(" ")[2], line.split(" ")[3]);
                    }
                })
                .filter(line -> !line.startsWith("#"))
                .map(MetricsITCase::sample)
                .toList();
    }

    private static Sample sample(String line) {
        int space = line.lastIndexOf(' ');
        int brace = line.indexOf('{');
        Map<String, String> labels = new TreeMap<>();
        if (brace >= 0) {
            for (String label : line.substring(brace + 1, line.lastIndexOf('}')).split("(?<=\"),")) {
                labels.put(
                        label.substring(0, label.indexOf('=')),
                        label.substring(label.indexOf('"') + 1, label.length() - 1));
            }
        }
        return new Sample(
                line.substring(0, brace >= 0 ? brace : space),
                labels,
                Double.parseDouble(line.substring(space + 1).replace("Inf", "Infinity")));
    }
}
