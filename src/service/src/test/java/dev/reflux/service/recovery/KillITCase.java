package dev.reflux.service.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.jobs.RetainedCheckpoints;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.support.PublishedStudent;
import dev.reflux.service.support.RefluxProcess;
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
import java.util.concurrent.CountDownLatch;
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

    /** No multiple of the batch, so that a partial batch lies in every state. */
    private static final long PART = 80 * Feeder.SLICE;

    private static final long EVENTS = 6 * PART;
    private static final long EVENTS_PER_STUDENT = 5 * 64;

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
                .hasSize((int) (good(EVENTS) / EVENTS_PER_STUDENT))
                .allSatisfy(student -> assertThat(sha256(student)).isEqualTo(student.sha256()));

        Stream stream = stream("killed");
        Moment first;
        try (RefluxProcess process = stream.run("killed-1")) {
            first = stream.endInMidStream(process, 0, RefluxProcess::kill);
            assertThat(process.output()).contains("starting from nothing").doesNotContain("stopped");
        }
        Moment second;
        try (RefluxProcess process = stream.run("killed-2")) {
            second = stream.endInMidStream(process, 1, RefluxProcess::kill);
            assertThat(resumedFrom(process)).isEqualTo(first.saved());
        }
        try (RefluxProcess process = stream.run("terminated")) {
            stream.endInMidStream(process, 2, running -> {
                running.thaw();
                running.terminate();
            });
            assertThat(resumedFrom(process)).isEqualTo(second.saved());
            assertThat(process.output()).contains("stopped; the next run goes on from ");
        }
        try (RefluxProcess process = stream.run("interrupted")) {
            stream.awaitPublished(process, EVENTS);
            assertThat(resumedFrom(process)).matches(".*/savepoint-[^/]+");
            process.interrupt();
            assertThat(process.output()).contains("stopped; the next run goes on from ");
        }

        assertThat(stream.published()).isEqualTo(undisturbed);
        List<String> deadLetters = stream.deadLetters();
        // what a killed process had read and not saved was read again, which shows that it was so
        assertThat(deadLetters.stream().filter(first.unsaved()::equals)).hasSizeGreaterThan(1);
        assertThat(deadLetters.stream().filter(second.unsaved()::equals)).hasSizeGreaterThan(1);
        // nothing of the stream was passed over; what is at least once may have come twice
        assertThat(deadLetters)
                .containsOnly(LongStream.range(0, EVENTS / Feeder.SLICE)
                        .mapToObj(slice -> Feeder.marker(slice * Feeder.SLICE))
                        .toArray(String[]::new));
    }

    /** Good events among the first so many. */
    private static long good(long events) {
        return events / Feeder.SLICE * (Feeder.SLICE - 1);
    }

    private List<PublishedStudent> undisturbed() throws Exception {
        Stream stream = stream("undisturbed");
        stream.feeder.send(0, EVENTS);
        try (RefluxProcess process = stream.run("undisturbed")) {
            stream.awaitPublished(process, EVENTS);
            process.terminate();
        }
        return stream.published();
    }

    private static String resumedFrom(RefluxProcess process) {
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
        void end(RefluxProcess frozen) throws Exception;
    }

    /**
     * Where a process stood when it was frozen.
     *
     * @param saved its last complete Flink checkpoint
     * @param unsaved the marker of a slice that it had begun to read and that is not in the checkpoint
     */
    private record Moment(String saved, String unsaved) {}

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
                        flink: { checkpointInterval: 500ms, checkpointDirectory: %4$s }
                        """.formatted(kafka.bootstrapServers(), name, TestEvents.SECTION, checkpoints(name)));
        Pipeline pipeline = PipelineReader.read(Files.readString(file));
        TestTopics.create(kafka.bootstrapServers(), pipeline);
        return new Stream(
                file,
                pipeline,
                checkpoints(name),
                new Feeder(kafka.bootstrapServers(), pipeline.topics().events()));
    }

    private Path checkpoints(String name) {
        return folder.resolve(name + "-checkpoints");
    }

    /** A pipeline with topics and a folder of its own. */
    private final class Stream {

        private final Path file;
        private final Pipeline pipeline;
        private final Path checkpoints;
        private final Feeder feeder;

        Stream(Path file, Pipeline pipeline, Path checkpoints, Feeder feeder) {
            this.file = file;
            this.pipeline = pipeline;
            this.checkpoints = checkpoints;
            this.feeder = feeder;
        }

        RefluxProcess run(String name) throws IOException {
            return RefluxProcess.start(folder, name, "run", file.toString(), "--data", file + ".data");
        }

        /**
         * Feeds two parts of the stream. The process has committed what it learned from the first one, has read some of
         * the second one and not saved it, and is frozen there; the rest arrives during its end and after it.
         */
        Moment endInMidStream(RefluxProcess process, int round, Ending ending) throws Exception {
            long second = (2 * round + 1) * PART;
            long end = second + PART;
            feeder.send(second - PART, second);
            awaitPublished(process, second);
            long next = second;
            Moment moment = freezeWithUnsavedEvents(process, next);
            for (; moment == null; moment = freezeWithUnsavedEvents(process, next)) {
                process.thaw();
                next += Feeder.SLICE;
                assertThat(next + Feeder.SLICE)
                        .as("end of the next slice: each so far was saved before the process was frozen")
                        .isLessThan(end);
            }
            CountDownLatch gone = new CountDownLatch(1);
            CompletableFuture<Void> feeding = feeder.goOn(next + Feeder.SLICE, end, gone);
            try {
                ending.end(process);
            } finally {
                gone.countDown();
            }
            feeding.get(2, TimeUnit.MINUTES);
            return moment;
        }

        /** Feeds a slice and freezes the process when it has read its first event; null when it saved that meanwhile. */
        private Moment freezeWithUnsavedEvents(RefluxProcess process, long slice) throws Exception {
            String saved = newestCheckpoint();
            feeder.send(slice, slice + Feeder.SLICE);
            String marker = Feeder.marker(slice);
            until(process, marker, () -> deadLetters().contains(marker));
            process.freeze();
            return newestCheckpoint().equals(saved) ? new Moment(saved, marker) : null;
        }

        private String newestCheckpoint() {
            return RetainedCheckpoints.newest(org.apache.flink.core.fs.Path.fromLocalFile(checkpoints.toFile()))
                    .map(Object::toString)
                    .orElse("none");
        }

        /** Until the last student of the first so many events can be seen: a Flink checkpoint holds it, and is committed. */
        void awaitPublished(RefluxProcess process, long events) throws Exception {
            long last = good(events) / EVENTS_PER_STUDENT * EVENTS_PER_STUDENT;
            until(process, "the student of " + last + " events", () -> {
                List<PublishedStudent> all = published();
                return !all.isEmpty() && all.get(all.size() - 1).eventsSeen() == last;
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
