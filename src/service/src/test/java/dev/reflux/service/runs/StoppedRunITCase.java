package dev.reflux.service.runs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.events.generated.DriftingStream;
import dev.reflux.events.generated.DriftingStreamSpec;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.ExitCode;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.replay.Replay;
import dev.reflux.service.support.PublishedStudent;
import dev.reflux.service.support.RefluxProcess;
import dev.reflux.service.support.Waiting;
import dev.reflux.service.topics.TopicPlan;
import dev.reflux.service.topics.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The process that trains is stopped, or cannot start, while the broker, in another one, lives on. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
final class StoppedRunITCase {
    private static final int EVENTS = 60_000;
    /** What is there before the first stop; no multiple of the batch, so that a partial batch lies in the savepoint. */
    private static final int FIRST_PART = 20_000;

    private static final int EVENTS_PER_CHECKPOINT = 20 * 256;
    /** Students that are offered over the whole stream; the last batch is never full and stays open. */
    private static final long LAST_SEEN = EVENTS / EVENTS_PER_CHECKPOINT * (long) EVENTS_PER_CHECKPOINT;

    private static final String PIPELINE = """
            pipeline: stop
            events:
              id: /id
              label: { path: /label, classes: [A, B, C, D] }
              features:
                - { name: x0, type: numeric }
                - { name: x1, type: numeric }
                - { name: x2, type: numeric }
                - { name: x3, type: numeric }
                - { name: kind, type: category, size: 5 }
            batch: { size: 256, maxDelay: off, step: event }
            teacher: { network: { type: mlp, hidden: [64, 64] }, optimizer: { type: sgd, learningRate: 0.02 } }
            students:
              - { name: phone, network: { type: mlp, hidden: [16] }, optimizer: { type: sgd, learningRate: 0.03 } }
            feedback: { policy: mutual, weight: 0.1, lag: 1 }
            drift: { reaction: { publishAfter: 0 } }
            checkpoints: { every: 20 batches, gate: { maxRegression: 1.0 } }
            flink: { checkpointInterval: 300ms }
            """;

    @TempDir
    private Path folder;

    @Test
    void run_interrupted_savesAndGoesOnFromThere() throws Exception {
        Path own = Files.createDirectories(folder.resolve("interrupted"));
        try (EmbeddedKafka kafka = EmbeddedKafka.start(own.resolve("kafka"))) {
            createTopics(kafka);
            feed(kafka, 0, FIRST_PART);
            try (RefluxProcess run = start(kafka, own, "first")) {
                awaitPublished(kafka, run, students -> students.size() >= 2);

                run.interrupt();

                assertThat(run.output())
                        .contains("starting from nothing")
                        .contains("stopped; the next run goes on from");
            }
            feed(kafka, FIRST_PART, EVENTS);
            try (RefluxProcess run = start(kafka, own, "second")) {
                List<PublishedStudent> all = awaitPublished(kafka, run, students -> seen(students) == LAST_SEEN);

                run.interrupt();

                assertThat(run.output()).contains("resuming from").contains("savepoint-");
                assertThat(all)
                        .extracting(PublishedStudent::eventsSeen)
                        .isEqualTo(LongStream.rangeClosed(1, EVENTS / EVENTS_PER_CHECKPOINT)
                                .mapToObj(n -> n * EVENTS_PER_CHECKPOINT)
                                .toList());
            }
        }
    }

    @Test
    void run_checkpointUnreadable_failsAndDoesNotStartAnew() throws Exception {
        Path own = Files.createDirectories(folder.resolve("unreadable"));
        Path broken = Files.createDirectories(own.resolve(".reflux/stop/checkpoints/job/chk-1"));
        Files.writeString(broken.resolve("_metadata"), "not a checkpoint");
        try (EmbeddedKafka kafka = EmbeddedKafka.start(own.resolve("kafka"))) {
            createTopics(kafka);
            feed(kafka, 0, FIRST_PART);
            try (RefluxProcess run = start(kafka, own, "refused")) {
                run.awaitExit(ExitCode.FAILED);
                assertThat(run.output())
                        .contains("cannot go on from")
                        .contains("chk-1")
                        .contains("--fresh");
            }
            assertThat(published(kafka)).isEmpty();
            try (RefluxProcess run = start(kafka, own, "fresh", "--fresh")) {
                awaitPublished(kafka, run, students -> !students.isEmpty());
                run.interrupt();
            }
        }
    }

    @Test
    void run_secondOfTheSamePipeline_isRefused() throws Exception {
        Path own = Files.createDirectories(folder.resolve("twice"));
        try (EmbeddedKafka kafka = EmbeddedKafka.start(own.resolve("kafka"))) {
            createTopics(kafka);
            feed(kafka, 0, FIRST_PART);
            try (RefluxProcess first = start(kafka, own, "first")) {
                awaitPublished(kafka, first, students -> !students.isEmpty());
                try (RefluxProcess second = start(kafka, own, "second")) {
                    second.awaitExit(ExitCode.USAGE);
                    assertThat(second.output()).contains("already running");
                }
                first.interrupt();
            }
        }
    }

    private static void createTopics(EmbeddedKafka kafka) {
        try (Topics topics = new Topics(kafka.bootstrapServers(), Map.of())) {
            topics.ensure(TopicPlan.of(PipelineReader.read(PIPELINE)), Topics.Creation.defaults());
        }
    }

    private static void feed(EmbeddedKafka kafka, int from, int to) {
        DriftingStream stream = new DriftingStream(DriftingStreamSpec.demo(3));
        try (Replay replay =
                new Replay(kafka.bootstrapServers(), Map.of(), "stop.events", Replay.Pace.unlimited(EVENTS))) {
            replay.run(LongStream.range(from, to).mapToObj(stream::event).iterator());
        }
    }

    private static RefluxProcess start(EmbeddedKafka kafka, Path own, String name, String... more) throws IOException {
        Path file = Files.writeString(own.resolve("stop.yaml"), PIPELINE);
        List<String> arguments = new ArrayList<>(List.of(
                "run", file.toString(), "--set", "kafka.bootstrapServers=" + kafka.bootstrapServers(), "--verbose"));
        arguments.addAll(List.of(more));
        return RefluxProcess.start(own, name, arguments.toArray(String[]::new));
    }

    private static long seen(List<PublishedStudent> students) {
        return students.isEmpty() ? 0 : students.get(students.size() - 1).eventsSeen();
    }

    private static List<PublishedStudent> awaitPublished(
            EmbeddedKafka kafka, RefluxProcess run, Predicate<List<PublishedStudent>> enough) throws Exception {
        Waiting.until("published students", () -> {
            assertThat(run.isAlive()).as(run::output).isTrue();
            return enough.test(published(kafka));
        });
        return published(kafka);
    }

    /** What a reader of committed records sees now. */
    private static List<PublishedStudent> published(EmbeddedKafka kafka) throws Exception {
        return PublishedStudent.readAll(kafka.bootstrapServers(), "stop.checkpoints");
    }
}
