package dev.reflux.jobs.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.flink.core.plugin.PluginDescriptor;
import org.apache.flink.core.plugin.PluginLoader;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;
import org.apache.flink.metrics.reporter.Scheduled;
import org.junit.jupiter.api.Test;

/** The reporter as a cluster loads it: by Flink's plugin mechanism, from its own jars, beside operators of another loader. */
final class PluginTest {
    /** What belongs into the plugin's folder: the job's own jar and these. */
    private static final Pattern LIBRARIES = Pattern.compile(
            ".*/(micrometer|prometheus-metrics|opentelemetry|protobuf|HdrHistogram|LatencyUtils|jspecify)[^/]*\\.jar");

    private static final MetricGroupStub STUDENT = new MetricGroupStub(
            "taskmanager.job.task.operator.reflux.pipeline.student",
            Map.of("<pipeline>", "demo", "<student>", "phone", "<job_id>", "a1"));

    @Test
    void reporter_loadedAsAPlugin_servesWhatOperatorsOfAnotherLoaderRecord() throws Exception {
        MetricReporterFactory factory = plugin();
        assertThat(factory.getClass().getName()).isEqualTo(MicrometerReporterFactory.class.getName());
        assertThat(factory.getClass()).isNotEqualTo(MicrometerReporterFactory.class);
        int port = freePort();
        Properties properties = new Properties();
        properties.setProperty("port", Integer.toString(port));
        MetricReporter reporter = factory.createMetricReporter(properties);
        try {
            reporter.open(new MetricConfig());
            SampledHistogram study = new SampledHistogram();
            SimpleCounter batches = new SimpleCounter();
            reporter.notifyOfAddedMetric(study, "studentStudy", STUDENT);
            reporter.notifyOfAddedMetric(batches, "batches", STUDENT);
            study.update(3_000_000);
            batches.inc(5);
            ((Scheduled) reporter).report();

            HttpResponse<String> answer = get(port, "/metrics");

            assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith("text/plain; version=0.0.4");
            assertThat(answer.body())
                    .contains("# TYPE reflux_student_study_seconds histogram")
                    .contains(
                            "reflux_student_study_seconds_bucket{pipeline=\"demo\",student=\"phone\",le=\"0.0025\"} 0")
                    .contains("reflux_student_study_seconds_bucket{pipeline=\"demo\",student=\"phone\",le=\"0.005\"} 1")
                    .contains("reflux_batches_total{pipeline=\"demo\"} 5.0")
                    .contains("jvm_memory_used_bytes{area=\"heap\"");
            assertThat(get(port, "/").statusCode()).isEqualTo(404);
        } finally {
            reporter.close();
        }
    }

    @Test
    void reporters_ofTwoProcesses_takeTheNextFreePortOfTheRange() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            try (ScrapeServer server = ScrapeServer.start("127.0.0.1", port + "-" + (port + 50), () -> "")) {
                assertThat(server.port()).isGreaterThan(port);
            }
            Properties properties = new Properties();
            properties.setProperty("port", Integer.toString(port));
            assertThatThrownBy(() -> new MicrometerReporterFactory().createMetricReporter(properties))
                    .hasMessageContaining("127.0.0.1:" + port)
                    .hasMessageContaining("or a range");
        }
    }

    @Test
    void port_thatIsNone_saysWhatItMayBe() {
        assertThatThrownBy(() -> ScrapeServer.start("127.0.0.1", "many", () -> ""))
                .hasMessage("port is 'many', must be a number, or a range such as 9249-9259");
    }

    private static MetricReporterFactory plugin() throws Exception {
        List<URL> jars = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (LIBRARIES.matcher(entry).matches() || entry.endsWith("flink-jobs/target/classes")) {
                jars.add(new File(entry).toURI().toURL());
            }
        }
        PluginDescriptor descriptor = new PluginDescriptor("reflux", jars.toArray(URL[]::new), new String[0]);
        String[] flinks = {"java.", "org.apache.flink.", "org.slf4j."};
        Iterator<MetricReporterFactory> found = PluginLoader.create(
                        descriptor, PluginTest.class.getClassLoader(), flinks)
                .load(MetricReporterFactory.class);
        return found.next();
    }

    private static HttpResponse<String> get(int port, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
