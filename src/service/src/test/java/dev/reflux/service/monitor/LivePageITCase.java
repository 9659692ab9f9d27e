package dev.reflux.service.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reflux.jobs.DistillationJob;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.metrics.Registries;
import dev.reflux.jobs.operators.BatchOperator;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.pipeline.PipelineWriter;
import dev.reflux.jobs.wire.RawEvent;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedJob;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.embedded.Restarts;
import dev.reflux.service.support.Chromium;
import dev.reflux.service.support.RefluxProcess;
import dev.reflux.service.support.TestEvents;
import dev.reflux.service.support.TestTopics;
import dev.reflux.service.support.Waiting;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The live page as a browser shows it. Screenshots go to {@code target/live-page}, to be looked at. */
class LivePageITCase {
    private static final Path PICTURES = Path.of("target", "live-page");
    private static final Pattern ADDRESS = Pattern.compile("Watch it at (http://\\S+)");

    @BeforeEach
    void requireBrowser() {
        assumeTrue(
                Chromium.find().isPresent(),
                "no Chromium on the PATH, so the live page cannot be looked at; install it (Debian: chromium)");
    }

    @Test
    void page_ofTheDemo_showsItsValuesAtEveryWidthAndInBothSchemes(@TempDir Path folder) throws Exception {
        try (RefluxProcess demo =
                        RefluxProcess.start(folder, "demo", "demo", "--events", "60000", "--port", "0", "--keep-page");
                Chromium browser = new Chromium(Chromium.find().orElseThrow(), folder.resolve("profile"))) {
            Waiting.until(
                    "the demo's address", () -> ADDRESS.matcher(demo.output()).find() || !demo.isAlive());
            Matcher address = ADDRESS.matcher(demo.output());
            assertThat(address.find()).as(demo.output()).isTrue();
            browser.show(1280, 900, 1, "light");
            browser.open(URI.create(address.group(1)));

            Waiting.until(
                    "the page to show that the demo runs",
                    () -> browser.text("#status").startsWith("live")
                            || browser.text("#status").contains("ready"));
            Waiting.until("the demo to end", () -> demo.output().contains("The live page stays at"));
            Waiting.until("the page to say so", () -> browser.text("#status").startsWith("ended"));

            assertThat(thousands(browser.text("[data-tile=events] b")))
                    .as("events at the last look before the job was gone")
                    .isBetween(30.0, 60.0);
            assertThat(share(browser.text("[data-tile=teacher] b"))).isBetween(0.6, 1.0);
            assertThat(share(browser.text("[data-tile=student-phone] b"))).isBetween(0.5, 1.0);
            assertThat(browser.text("#decisions")).contains("phone").contains("published");
            assertThat(browser.evaluate("document.querySelectorAll('#classes .bar').length")
                            .asInt())
                    .as("bars of four classes, teacher and student")
                    .isEqualTo(8);
            assertThat(browser.evaluate("document.querySelectorAll('.chart canvas').length")
                            .asInt())
                    .isEqualTo(5);
            assertThat(browser.evaluate("charts.accuracy.data[0].length").asInt())
                    .isGreaterThan(2);
            assertThat(browser.evaluate("document.querySelectorAll('#heat canvas').length")
                            .asInt())
                    .isEqualTo(1);
            for (String scheme : List.of("light", "dark")) {
                browser.show(1280, 900, 1, scheme);
                picture(browser, "demo-desktop-" + scheme);
                browser.show(390, 844, 2, scheme);
                picture(browser, "demo-phone-" + scheme);
            }
            assertThat(browser.complaints()).isEmpty();
            demo.terminate();
        }
    }

    private static void picture(Chromium browser, String name) throws Exception {
        int width = browser.evaluate("innerWidth").asInt();
        Waiting.until(
                "the page to fit",
                () -> browser.evaluate(
                                        "[...document.querySelectorAll('.uplot')].every(u => u.clientWidth <= u.parentNode.clientWidth + 1)")
                                .asBoolean()
                        && browser.evaluate("document.documentElement.scrollWidth")
                                        .asInt()
                                <= width);
        browser.screenshot(PICTURES.resolve(name + ".png"));
    }

    private static double thousands(String text) {
        return text.endsWith(" k")
                ? Double.parseDouble(text.replace(" k", ""))
                : Double.parseDouble(text.replace(",", "")) / 1000;
    }

    private static double share(String text) {
        return Double.parseDouble(text.replace(" %", "")) / 100;
    }

    @Test
    void page_whileTheJobRestarts_goesOnAndSaysSo(@TempDir Path folder) throws Exception {
        Pipeline pipeline = PipelineReader.read("""
                pipeline: watched
                %s
                batch: { size: 32, maxDelay: 100ms }
                teacher: { network: { type: mlp, hidden: [16] } }
                students: [ { name: phone, network: { type: mlp, hidden: [8] } } ]
                checkpoints: { every: 20 batches, gate: { minEvents: 100 } }
                flink: { checkpointInterval: 300ms }
                monitor: { port: 0 }
                """.formatted(TestEvents.SECTION.strip()));
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"));
                Registries registries = Registries.open(Optional.empty());
                EmbeddedFlink flink = EmbeddedFlink.start(new EmbeddedFlink.Settings(
                        new org.apache.flink.core.fs.Path(
                                folder.resolve("flink").toUri()),
                        1,
                        Restarts.fixed(3, Duration.ofMillis(200)),
                        registries.all()))) {
            Pipeline running = onBroker(pipeline, kafka.bootstrapServers());
            String events = running.topics().events();
            TestTopics.create(kafka.bootstrapServers(), running);
            TestEvents.send(kafka.bootstrapServers(), events, 0, 4_000, 8_000);
            TestEvents.send(
                    kafka.bootstrapServers(),
                    events,
                    4_000,
                    Stream.of("<b>no event</b>".getBytes(StandardCharsets.UTF_8)));
            StreamExecutionEnvironment environment = flink.environment();
            new FailingJob(running, new DistillationJob.Options(kafka.bootstrapServers(), OptionalLong.empty(), 1.0, 0))
                    .build(environment);
            try (Monitor monitor = Monitor.ofThisProcess(running, WatchedJob.LEARNING, registries);
                    Chromium browser = new Chromium(Chromium.find().orElseThrow(), folder.resolve("profile"))) {
                EmbeddedJob job = flink.submit(environment);
                browser.show(1280, 900, 1, "light");
                browser.open(monitor.address());
                Waiting.until(
                        "4,000 events learned",
                        () -> browser.text("[data-tile=events] b").equals("4,000"));
                Waiting.until(
                        "a published student", () -> browser.text("#decisions").contains("published"));
                Waiting.until("ready", () -> browser.text("#status").equals("live and ready"));
                assertThat(browser.text("#letters")).contains("not-json").contains("<b>no event</b>");

                FailingJob.FAIL.set(true);
                TestEvents.send(kafka.bootstrapServers(), events, 4_001, 8_001, 8_000);

                Waiting.until(
                        "the restart on the page",
                        () -> browser.text("[data-tile=restarts] b").equals("1"));
                Waiting.until(
                        "all events learned",
                        () -> browser.text("[data-tile=events] b").equals("8,000"));
                Waiting.until("ready again", () -> browser.text("#status").equals("live and ready"));
                assertThat(browser.evaluate("charts.accuracy.data[0].every((x, i, all) => i === 0 || x > all[i - 1])")
                                .asBoolean())
                        .as("the stream's axis only rises, though events came again")
                        .isTrue();
                assertThat(browser.complaints()).isEmpty();
                picture(browser, "restarted-desktop-light");
                job.cancel(Duration.ofMinutes(1));
            }
        }
    }

    @Test
    void page_withAToken_asksForIt(@TempDir Path folder) throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "sesame\n");
        Pipeline pipeline =
                PipelineReader.read("pipeline: guarded\n" + TestEvents.SECTION + "monitor: { port: 0, token: \"file:"
                        + token + "\" }\nkafka: { bootstrapServers: \"127.0.0.1:9\" }\n");
        try (Registries registries = Registries.open(Optional.empty());
                Monitor monitor = Monitor.ofThisProcess(pipeline, WatchedJob.LEARNING, registries);
                Chromium browser = new Chromium(Chromium.find().orElseThrow(), folder.resolve("profile"))) {
            browser.show(1280, 900, 1, "dark");
            browser.open(monitor.address());
            Waiting.until("the question", () -> browser.text("#status").equals("a token is needed"));

            browser.evaluate("document.getElementById('token').value = 'sesame';"
                    + " document.querySelector('#login button').click()");

            Waiting.until("the pipeline's name", () -> browser.text("#pipeline").equals("guarded"));
            Waiting.until("its health", () -> browser.text("#checks").contains("do not answer"));
            assertThat(browser.text("#status")).contains("broker").contains("not ready");
        }
    }

    private static Pipeline onBroker(Pipeline pipeline, String bootstrapServers) {
        return PipelineReader.read(
                "watched.yaml",
                PipelineWriter.complete(pipeline),
                Map.of(),
                List.of("kafka.bootstrapServers=" + bootstrapServers));
    }

    /** Fails once, with the next event after it was told to. */
    private static final class FailingJob extends DistillationJob {
        static final AtomicBoolean FAIL = new AtomicBoolean();

        FailingJob(Pipeline pipeline, Options options) {
            super(pipeline, options);
        }

        @Override
        protected BatchOperator batchOperator(JobSettings settings) {
            return new FailingBatches(settings);
        }
    }

    private static final class FailingBatches extends BatchOperator {
        private static final long serialVersionUID = 1L;

        FailingBatches(JobSettings settings) {
            super(settings);
        }

        @Override
        public void processElement(StreamRecord<RawEvent> element) {
            if (FailingJob.FAIL.compareAndSet(true, false)) {
                throw new IllegalStateException("on purpose");
            }
            super.processElement(element);
        }
    }
}
