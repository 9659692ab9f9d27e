package dev.reflux.service.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflux.jobs.DistillationJob;
import dev.reflux.jobs.metrics.Registries;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.scoring.ScoringJob;
import dev.reflux.service.dashboards.Dashboards.Query;
import dev.reflux.service.dashboards.Dashboards.Rule;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.embedded.Restarts;
import dev.reflux.service.monitor.Monitor;
import dev.reflux.service.monitor.WatchedJob;
import dev.reflux.service.replay.Replay;
import dev.reflux.service.support.TestEvents;
import dev.reflux.service.support.Waiting;
import dev.reflux.service.topics.TopicPlan;
import dev.reflux.service.topics.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus scrapes both jobs of a pipeline and is asked every expression that the dashboards and alerts have. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DashboardsITCase {

    /** Events per second, and for how long they come at most. */
    private static final double RATE = 400;

    private static final int EVENTS = 100_000;

    /** Learning, and what the second half swaps, which is drift. */
    private static final int SWAP = 12_000;

    /** Parts of expressions that rightly have no data in a run of a minute in which all is well, each with the reason. */
    private static final Map<String, String> EMPTY = new LinkedHashMap<>();

    static {
        EMPTY.put("jvm_gc_concurrent_phase_time_seconds", "the collector has no concurrent cycle in a small heap");
        EMPTY.put("jvm_gc_max_data_size_bytes", "known after the first collection of the old generation");
        EMPTY.put("changes(reflux_published_step", "an annotation: marks the moments of a publication, and no others");
        EMPTY.put("sum by (pipeline, subject) (increase(reflux_drift_alarms_total", "marks moments of drift alone");
    }

    private Registries registries;
    private EmbeddedKafka kafka;
    private EmbeddedFlink flink;
    private Monitor monitor;
    private Replay replay;
    private Thread feeder;
    private volatile boolean feeding = true;
    private Prometheus prometheus;

    @BeforeAll
    void run(@TempDir Path folder) throws Exception {
        Prometheus.program("prometheus");
        registries = Registries.open(Optional.empty());
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
        String brokers = kafka.bootstrapServers();
        flink = EmbeddedFlink.start(new EmbeddedFlink.Settings(
                org.apache.flink.core.fs.Path.fromLocalFile(
                        folder.resolve("flink").toFile()),
                2,
                Restarts.none(),
                registries.all()));
        Pipeline pipeline = pipeline(brokers);
        try (Topics topics = new Topics(brokers, Map.of())) {
            topics.ensure(TopicPlan.ofAll(pipeline), Topics.Creation.defaults());
        }
        StreamExecutionEnvironment learning = flink.environment();
        DistillationJob.build(learning, pipeline, new DistillationJob.Options(brokers, OptionalLong.empty(), 1, 0));
        flink.submit(learning);
        StreamExecutionEnvironment scoring = flink.environment();
        ScoringJob.build(scoring, pipeline, brokers);
        flink.submit(scoring);
        monitor = Monitor.ofThisProcess(pipeline, WatchedJob.LEARNING, registries);
        replay = new Replay(brokers, Map.of(), pipeline.topics().events(), new Replay.Pace(EVENTS, RATE));
        feeder = new Thread(() -> replay.run(LongStream.range(0, EVENTS)
                .takeWhile(i -> feeding)
                .mapToObj(
                        i -> i % 500 == 499 ? "broken".getBytes(StandardCharsets.UTF_8) : TestEvents.event(i, 2 * SWAP))
                .iterator()));
        feeder.setDaemon(true);
        feeder.start();
        prometheus = Prometheus.start(
                folder,
                List.of(monitor.address().getHost() + ":" + monitor.address().getPort()),
                Dashboards.ALERTS);
        Waiting.until("a Prometheus that answers", prometheus::isReady);
    }

    private static Pipeline pipeline(String brokers) {
        return PipelineReader.read("""
                pipeline: shown
                kafka: { bootstrapServers: "%s" }
                %s
                batch: { size: 32, maxDelay: 100ms }
                teacher: { network: { type: mlp, hidden: [16] } }
                students: [ { name: phone, network: { type: mlp, hidden: [8] } } ]
                feedback: { policy: meta, lag: 1 }
                drift:
                  detectors: [ { type: adwin, on: student-error }, { type: adwin, on: teacher-error } ]
                  distances: [ { type: psi, on: features } ]
                  windows: { reference: 1000, current: 500, warmUp: 0 }
                checkpoints: { every: 20 batches, gate: { minEvents: 1, maxRegression: 1 } }
                flink: { checkpointInterval: 1s }
                monitor: { port: 0 }
                """.formatted(brokers, TestEvents.SECTION.strip()));
    }

    @AfterAll
    void stop() throws InterruptedException {
        if (prometheus == null) {
            return;
        }
        feeding = false;
        feeder.join();
        prometheus.close();
        replay.close();
        monitor.close();
        flink.close();
        kafka.close();
        registries.close();
    }

    /** Asks again until the series are there: rates need a few scrapes, and histograms the events that fill them. */
    @Test
    void everyExpression_ofTheDashboards_hasData_orAReasonToHaveNone() throws Exception {
        List<Query> open = new ArrayList<>();
        for (Query query : Dashboards.queries()) {
            if (EMPTY.keySet().stream().noneMatch(query.expression()::contains)) {
                open.add(query);
            } else {
                answer(query.expression());
            }
        }
        int all = open.size();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(150);
        while (!open.isEmpty() && System.nanoTime() < deadline) {
            for (Query query : List.copyOf(open)) {
                if (!answer(query.expression()).isEmpty()) {
                    open.remove(query);
                }
            }
        }
        System.out.printf("%d of %d expressions have data%n", all - open.size(), all);

        assertThat(open).as("without data").isEmpty();
        EMPTY.keySet().forEach(part -> assertThat(queriesWith(part)).as(part).isNotEmpty());
    }

    private static List<Query> queriesWith(String part) {
        try {
            return Dashboards.queries().stream()
                    .filter(query -> query.expression().contains(part))
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private JsonNode answer(String expression) throws Exception {
        String asked = expression
                .replace("$__rate_interval", "5s")
                .replace("$__range", "1m")
                .replaceAll("\\$(job|instance|pipeline|student)\\b", ".+");
        JsonNode answer = prometheus.query(asked);
        assertThat(answer.get("status").asText())
                .as("%s: %s", asked, answer.path("error"))
                .isEqualTo("success");
        return answer.at("/data/result");
    }

    /** An alert that does not fire has no data; that its metrics have is what can be seen in a run that is well. */
    @Test
    void everyAlert_isEvaluated_andItsMetricsAreThere() throws Exception {
        Waiting.until("every rule to be evaluated", () -> {
            JsonNode groups = prometheus.get("/api/v1/rules").at("/data/groups");
            int evaluated = 0;
            for (JsonNode group : groups) {
                for (JsonNode rule : group.get("rules")) {
                    evaluated += rule.get("health").asText().equals("ok") ? 1 : 0;
                    assertThat(rule.get("health").asText())
                            .as("%s: %s", rule.get("name"), rule.path("lastError"))
                            .isNotEqualTo("err");
                }
            }
            return evaluated == Dashboards.rules().size();
        });
        TreeSet<String> metrics = new TreeSet<>();
        for (Rule rule : Dashboards.rules()) {
            metrics.addAll(Dashboards.metrics(rule.expression()));
        }
        metrics.removeIf(metric -> EMPTY.keySet().stream().anyMatch(metric::contains));
        Waiting.until("every metric of the alerts", () -> {
            for (String metric : metrics) {
                if (answer(metric).isEmpty()) {
                    return false;
                }
            }
            return true;
        });
        for (Rule rule : Dashboards.rules()) {
            if (rule.json().at("/labels/severity").asText().equals("critical")) {
                assertThat(answer("ALERTS{alertname=\"" + rule.name() + "\", alertstate=\"firing\"}"))
                        .as("a run in which all is well")
                        .isEmpty();
            }
        }
    }

    @Test
    void promtool_hasNothingAgainstTheRules_andTheirTestsPass() throws Exception {
        assertThat(promtool("check", "rules", Dashboards.ALERTS.toString())).contains("SUCCESS");
        assertThat(promtool("test", "rules", Dashboards.ALERT_TESTS.toString())).contains("SUCCESS");
    }

    private static String promtool(String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(Prometheus.program("promtool").toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
