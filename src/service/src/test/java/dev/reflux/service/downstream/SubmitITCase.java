package dev.reflux.service.downstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflux.service.ExitCode;
import dev.reflux.service.Reflux;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.embedded.Restarts;
import dev.reflux.service.support.PublishedStudent;
import dev.reflux.service.support.TestEvents;
import dev.reflux.service.support.TopicReader;
import dev.reflux.service.support.Waiting;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Both jobs, handed over to a cluster by its REST address, with their jars. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class SubmitITCase {

    private static final int EVENTS = 2_000;
    private static final int SLOTS = 2;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    @Test
    void bothJobs_submitted_learnPublishAndScore() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"));
                EmbeddedFlink flink = EmbeddedFlink.start(new EmbeddedFlink.Settings(
                        org.apache.flink.core.fs.Path.fromLocalFile(
                                folder.resolve("flink").toFile()),
                        SLOTS,
                        Restarts.none(),
                        new SimpleMeterRegistry()))) {
            String brokers = kafka.bootstrapServers();
            String file = pipeline(brokers);
            String cluster = flink.restAddress();
            assertThat(run("submit", file, "--cluster", cluster)).isEqualTo(ExitCode.USAGE);
            assertThat(err.toString()).contains("have no topic submitted.events");
            assertThat(run("topics", file)).isEqualTo(ExitCode.OK);
            // of today: a topic as the command creates it deletes what is old
            TestEvents.send(
                    brokers,
                    "submitted.events",
                    System.currentTimeMillis() - TestEvents.FIRST_TIME,
                    LongStream.range(0, EVENTS).mapToObj(number -> TestEvents.event(number, EVENTS)));

            assertThat(run("submit", file, "--cluster", cluster))
                    .as(err.toString())
                    .isEqualTo(ExitCode.OK);
            assertThat(out.toString()).containsPattern("job [0-9a-f]{32} \\(distillation of submitted\\) was taken");
            Waiting.until(
                    "a published student",
                    () -> !PublishedStudent.readAll(brokers, "submitted.checkpoints")
                            .isEmpty());

            assertThat(run("submit", file, "--cluster", cluster, "--job", "scoring"))
                    .isEqualTo(ExitCode.OK);
            Waiting.until(
                    "a prediction for each event",
                    () -> TopicReader.readCommitted(brokers, "submitted.predictions")
                                    .size()
                            >= EVENTS);
            JsonNode first = new ObjectMapper()
                    .readTree(TopicReader.readCommitted(brokers, "submitted.predictions")
                            .get(0)
                            .value());
            assertThat(first.get("student").textValue()).isEqualTo("student");
        }
    }

    @Test
    void submit_addressThatIsNone_isAUsageError() throws IOException {
        String file = pipeline("127.0.0.1:1");

        for (String address : new String[] {"somewhere", "host:", "host:99999", ":80", "http://host:80"}) {
            assertThat(run("submit", file, "--cluster", address)).isEqualTo(ExitCode.USAGE);
            assertThat(err.toString()).contains("--cluster is '" + address + "'");
        }
    }

    private String pipeline(String brokers) throws IOException {
        String text = """
                pipeline: submitted
                kafka: { bootstrapServers: "%s" }
                %s
                batch: { size: 64, maxDelay: off, step: 4 }
                checkpoints: { every: 10 batches, gate: { minEvents: 1, maxRegression: 1 } }
                flink: { checkpointInterval: 300ms, checkpointDirectory: "%s" }
                """.formatted(
                brokers, TestEvents.SECTION, folder.resolve("checkpoints").toUri());
        return Files.writeString(folder.resolve("submitted.yaml"), text).toString();
    }

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Reflux.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
