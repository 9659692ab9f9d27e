package dev.reflux.service.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.support.PublishedStudent;
import dev.reflux.service.support.TestEvents;
import dev.reflux.service.support.TestTopics;
import dev.reflux.service.support.TopicReader;
import dev.reflux.service.support.Waiting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code reflux run} in processes of their own, against a broker that outlives them: killed twice and stopped once in
 * mid-stream, it publishes what a run publishes that nothing happened to, to the last bit.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KillITCase {

    /** One event in so many is bad: its dead letter, which waits for no Flink checkpoint, tells how far the job is. */
    private static final long PERIOD = 501;

    /** No multiple of the batch, so that a partial batch lies in every state. */
    private static final long PART = 8 * PERIOD;

    private static final long EVENTS = 6 * PART;

    /** A multiple of the events between publications, so that the last event is published. */
    private static final long GOOD_EVENTS = EVENTS / PERIOD * (PERIOD - 1);

    private Path folder;
    private EmbeddedKafka kafka;

    @BeforeAll
    void start(@TempDir Path temporary) {
        folder = temporary;
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
    }

    @AfterAll
    void stop() {
        kafka.close();
    }

    @Test
    void aProcessKilledInMidStream_publishesWhatAnUndisturbedOneDoes() throws Exception {
        List<PublishedStudent> undisturbed = undisturbed();
        assertThat(undisturbed)
                .hasSize((int) (GOOD_EVENTS / 320))
                .allSatisfy(student -> assertThat(sha256(student)).isEqualTo(student.sha256()));

        Stream stream = stream("killed");
        String first;
        try (RefluxProcess process = stream.run("killed-1")) {
            stream.endInMidStream(process, 0, RefluxProcess::kill);
            assertThat(process.output()).contains("starting from nothing").doesNotContain("stopped");
        }
        String second;
        try (RefluxProcess process = stream.run("killed-2")) {
            stream.endInMidStream(process, 1, RefluxProcess::kill);
            first = resumedFrom(process);
        }
        try (RefluxProcess process = stream.run("terminated")) {
            stream.endInMidStream(
                    process, 2, running -> assertThat(running.terminate()).isEqualTo(143));
            second = resumedFrom(process);
            assertThat(process.output()).contains("stopped; the next run goes on from ");
        }
        assertThat(List.of(first, second)).allMatch(from -> from.matches(".*/chk-\\d+"));
        assertThat(second).isNotEqualTo(first);
        try (RefluxProcess process = stream.run("interrupted")) {
            stream.awaitEnd(process);
            assertThat(resumedFrom(process)).matches(".*/savepoint-[^/]+");
            if (RefluxProcess.hearsInterrupts()) {
                assertThat(process.interrupt()).isEqualTo(130);
            } else {
                assertThat(process.terminate()).isEqualTo(143);
            }
            assertThat(process.output()).contains("stopped; the next run goes on from ");
        }

        assertThat(stream.published()).isEqualTo(undisturbed);
        // nothing of the stream was passed over; what is at least once may have come twice
        assertThat(stream.deadLetters())
                .containsOnly(LongStream.range(0, EVENTS / PERIOD)
                        .mapToObj(bad -> "bad " + bad * PERIOD)
                        .toArray(String[]::new));
    }

    private List<PublishedStudent> undisturbed() throws Exception {
        Stream stream = stream("undisturbed");
        stream.feeder.send(0, EVENTS, PERIOD);
        try (RefluxProcess process = stream.run("undisturbed")) {
            stream.awaitEnd(process);
            assertThat(process.terminate()).isEqualTo(143);
        }
        return stream.published();
    }

    private static String resumedFrom(RefluxProcess process) throws IOException {
        return process.output()
                .lines()
                .filter(line -> line.startsWith("resuming from "))
                .findFirst()
                .orElseThrow(() -> new AssertionError("it did not resume"))
                .substring("resuming from ".length());
    }

    private static String sha256(PublishedStudent student) throws Exception {
        byte[] model = Base64.getDecoder().decode(student.rest().get("model").asText());
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(model));
    }

    @FunctionalInterface
    private interface Ending {
        void end(RefluxProcess process) throws Exception;
    }

    private Stream stream(String name) throws Exception {
        Path file = folder.resolve(name + ".yaml");
        Files.writeString(file, """
                        pipeline: kill
                        kafka: { bootstrapServers: "%1$s" }
                        topics: { events: %2$s.in, checkpoints: %2$s.out, drift: %2$s.drift, deadLetters: %2$s.dead }
                        %3$s
                        batch: { size: 64, maxDelay: off, step: 4 }
                        teacher: { network: { type: mlp, hidden: [24, 16] } }
                        students: [ { name: small, network: { type: mlp, hidden: [8] } } ]
                        feedback: { policy: mutual, lag: 2 }
                        drift: { detectors: [ { type: adwin, on: student-error } ] }
                        checkpoints: { every: 5 batches, gate: { maxRegression: 1, minEvents: 0 } }
                        flink: { checkpointInterval: 300ms, checkpointDirectory: %4$s }
                        """.formatted(
                        kafka.bootstrapServers(), name, TestEvents.SECTION, folder.resolve(name + "-checkpoints")));
        Pipeline pipeline = PipelineReader.read(Files.readString(file));
        TestTopics.create(kafka.bootstrapServers(), pipeline);
        return new Stream(
                file,
                pipeline,
                new Feeder(kafka.bootstrapServers(), pipeline.topics().events()));
    }

    /** A pipeline with topics and a folder of its own. */
    private final class Stream {

        private final Path file;
        private final Pipeline pipeline;
        private final Feeder feeder;

        Stream(Path file, Pipeline pipeline, Feeder feeder) {
            this.file = file;
            this.pipeline = pipeline;
            this.feeder = feeder;
        }

        RefluxProcess run(String name) throws IOException {
            return RefluxProcess.start(folder, name, "run", file.toString(), "--data", file + ".data");
        }

        /**
         * Feeds two parts of the stream, and ends the process when it has committed some of the first and read some of
         * the second, while that is still being fed.
         */
        void endInMidStream(RefluxProcess process, int round, Ending ending) throws Exception {
            long from = 2 * round * PART;
            int before = published().size();
            feeder.send(from, from + PART, PERIOD);
            until(process, "a committed checkpoint", () -> published().size() > before);
            String marker = "bad " + (from + PART);
            CompletableFuture<Void> feeding = feeder.sendSlowly(from + PART, from + 2 * PART, PERIOD);
            until(process, "an event of the second part", () -> deadLetters().contains(marker));
            ending.end(process);
            boolean ended = feeding.isDone();
            feeder.hurry();
            feeding.get(1, TimeUnit.MINUTES);
            assertThat(ended).as("all was fed before the process ended").isFalse();
        }

        void awaitEnd(RefluxProcess process) throws Exception {
            until(process, "the last event's student", () -> {
                List<PublishedStudent> all = published();
                return !all.isEmpty() && all.get(all.size() - 1).eventsSeen() == GOOD_EVENTS;
            });
        }

        private void until(RefluxProcess process, String what, Callable<Boolean> condition) throws Exception {
            Waiting.until(what, () -> {
                assertThat(process.isAlive())
                        .as("the process lives; it printed:%n%s", process.output())
                        .isTrue();
                return condition.call();
            });
        }

        List<PublishedStudent> published() throws Exception {
            return PublishedStudent.readAll(
                    kafka.bootstrapServers(), pipeline.topics().checkpoints());
        }

        List<String> deadLetters() {
            return TopicReader.readCommitted(
                            kafka.bootstrapServers(), pipeline.topics().deadLetters())
                    .stream()
                    .map(letter -> new String(letter.value(), StandardCharsets.UTF_8))
                    .toList();
        }
    }
}
