package dev.reflux.service.exactness;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflux.checkpoints.onnx.OnnxStudent;
import dev.reflux.checkpoints.onnx.RawBatch;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.report.CurvePoint;
import dev.reflux.jobs.report.StudentReport;
import dev.reflux.service.embedded.EmbeddedFlink;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.embedded.Restarts;
import dev.reflux.service.support.BoundedJob;
import dev.reflux.service.support.MixedEvents;
import dev.reflux.service.support.PublishedStudent;
import dev.reflux.service.support.TestEvents;
import dev.reflux.service.support.TestTopics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every scheme, algorithm, policy, network and loss in the whole job: the students learn, what is published is what they
 * are, and a failure in mid-stream changes not one bit of either.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EveryWayITCase {

    /** No multiple of the batch, so that a partial batch lies in the state when a part is read. */
    private static final int EVENTS = 2_413;

    private static final StagedRun.Parts PARTS = new StagedRun.Parts(1_000, 1_900, EVENTS);
    private static final int SCORED = 600;

    private org.apache.flink.core.fs.Path checkpoints;
    private EmbeddedKafka kafka;
    private EmbeddedFlink flink;
    private List<Way> ways;
    private Path onnx;
    private final Map<MixedEvents, String> topics = new HashMap<>();
    private final Map<String, BoundedJob.Outcome> undisturbed = new HashMap<>();
    private int runs;

    @BeforeAll
    void start(@TempDir Path folder) {
        onnx = folder.resolve("label.onnx");
        ways = Way.all(folder.resolve("teacher.reflux"), onnx);
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
        checkpoints = new org.apache.flink.core.fs.Path(folder.resolve("flink").toUri());
        flink = EmbeddedFlink.start(new EmbeddedFlink.Settings(
                checkpoints, 1, Restarts.fixed(1, Duration.ofMillis(50)), new SimpleMeterRegistry()));
    }

    @AfterAll
    void stop() {
        flink.close();
        kafka.close();
    }

    Stream<Way> ways() {
        return ways.stream();
    }

    private BoundedJob.Outcome undisturbed(Way way) throws Exception {
        BoundedJob.Outcome known = undisturbed.get(way.name());
        if (known != null) {
            return known;
        }
        if (!way.name().equals(Way.FIRST) && !Files.exists(onnx)) {
            undisturbed(ways.get(0));
        }
        Pipeline pipeline = way.pipeline("run-" + runs++, topic(way.stream()));
        TestTopics.createOutgoing(kafka.bootstrapServers(), pipeline);
        BoundedJob.Outcome outcome =
                BoundedJob.run(kafka, flink, pipeline, StagedRun.options(kafka, EVENTS, way.labelShare()));
        undisturbed.put(way.name(), outcome);
        if (way.name().equals(Way.FIRST)) {
            Files.write(onnx, model(last(outcome, "label")));
        }
        return outcome;
    }

    /** The topic of a stream, which is filled when it is first asked for. */
    private String topic(MixedEvents stream) throws Exception {
        String known = topics.get(stream);
        if (known != null) {
            return known;
        }
        String topic = "stream-" + topics.size();
        TestTopics.create(kafka.bootstrapServers(), List.of(topic));
        TestEvents.send(kafka.bootstrapServers(), topic, 0, stream.json(0, EVENTS));
        topics.put(stream, topic);
        return topic;
    }

    private static PublishedStudent last(BoundedJob.Outcome outcome, String student) {
        List<PublishedStudent> published = outcome.published(student);
        return published.get(published.size() - 1);
    }

    private static byte[] model(PublishedStudent published) {
        return Base64.getDecoder().decode(published.rest().get("model").asText());
    }

    /** Accuracy of the second half, on events that were not yet learned. */
    private static double secondHalf(List<CurvePoint> curve) {
        double right = 0;
        long labelled = 0;
        for (CurvePoint point : curve) {
            if (point.events() > EVENTS / 2 && point.accuracy() != null) {
                right += point.accuracy() * point.labelled();
                labelled += point.labelled();
            }
        }
        return right / labelled;
    }

    @ParameterizedTest
    @MethodSource("ways")
    void way_learns_andPublishesWhatItLearned(Way way) throws Exception {
        BoundedJob.Outcome outcome = undisturbed(way);

        double majority = MixedEvents.majority(EVENTS);
        assertThat(outcome.report().intake().trained()).isEqualTo(EVENTS);
        for (StudentReport student : outcome.report().students()) {
            double accuracy = secondHalf(student.curve());
            assertThat(accuracy)
                    .as("accuracy of %s in the second half; always the same gives %.3f", student.name(), majority)
                    .isGreaterThan(majority + way.margin());
            PublishedStudent last = last(outcome, student.name());
            assertThat(last.eventsSeen()).isEqualTo(EVENTS);
            JsonNode verification = last.rest().get("verification");
            assertThat(verification.get("rows").asInt()).isGreaterThan(20);
            assertThat(verification.get("maxDifference").asDouble()).isLessThan(1e-4);
            assertThat(score(way, last))
                    .as("accuracy of what %s published last, on raw events that came later", student.name())
                    .isGreaterThan(accuracy - 0.1);
        }
        if (way.name().equals(Way.SELF)) {
            assertThat(outcome.report().teacher()).isNull();
        } else {
            assertThat(secondHalf(outcome.report().teacher().curve())).isGreaterThan(majority + 0.2);
        }
    }

    /** Scores events that the job has not seen, some of which lack features; returns the accuracy. */
    private static double score(Way way, PublishedStudent published) {
        try (OnnxStudent student = new OnnxStudent(model(published))) {
            List<Map<String, Object>> rows = LongStream.range(EVENTS, EVENTS + SCORED)
                    .mapToObj(way.stream()::features)
                    .toList();
            long incomplete = rows.stream()
                    .filter(row -> student.inputs().stream().anyMatch(input -> !row.containsKey(input.name())))
                    .count();
            assertThat(incomplete).as("rows that lack a feature").isGreaterThan(5);
            float[] probabilities = student.score(RawBatch.of(student.inputs(), rows));
            int classes = student.classes().size();
            int right = 0;
            for (int row = 0; row < SCORED; row++) {
                int best = 0;
                float sum = 0;
                for (int c = 0; c < classes; c++) {
                    float probability = probabilities[row * classes + c];
                    assertThat(probability).isBetween(0f, 1f);
                    sum += probability;
                    best = probability > probabilities[row * classes + best] ? c : best;
                }
                assertThat(sum).isBetween(0.999f, 1.001f);
                right += best == MixedEvents.label(EVENTS + row) ? 1 : 0;
            }
            return right / (double) SCORED;
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void way_thatFailsInMidStream_endsAsIfItHadNot(Way way) throws Exception {
        BoundedJob.Outcome expected = undisturbed(way);
        String run = "run-" + runs++;

        BoundedJob.Outcome disturbed = StagedRun.of(
                        kafka,
                        flink,
                        checkpoints,
                        (topic, from, to) -> TestEvents.send(
                                kafka.bootstrapServers(),
                                topic,
                                from,
                                way.stream().json(from, to)))
                .run(way.pipeline(run, run + ".in"), PARTS, way.labelShare(), Faults.Place.STUDENT);

        assertThat(Faults.failed()).isTrue();
        assertThat(disturbed.report()).isEqualTo(expected.report());
        for (StudentReport student : expected.report().students()) {
            assertThat(disturbed.published(student.name()))
                    .as("what %s published", student.name())
                    .hasSizeGreaterThan(1)
                    .isEqualTo(expected.published(student.name()));
        }
    }

    private BoundedJob.Outcome undisturbed(String name) throws Exception {
        return undisturbed(
                ways.stream().filter(way -> way.name().equals(name)).findFirst().orElseThrow());
    }

    private static StudentReport student(BoundedJob.Outcome outcome, String name) {
        return outcome.report().students().stream()
                .filter(student -> student.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void self_firstExit_isPublishedSmaller() throws Exception {
        BoundedJob.Outcome outcome = undisturbed(Way.SELF);
        for (String network : List.of("mlp", "cnn", "transformer")) {
            PublishedStudent deepest = last(outcome, network);
            PublishedStudent first = last(outcome, network + "-first");
            assertThat(model(first)).as("bytes of %s", network).hasSizeLessThan(model(deepest).length);
            assertThat(student(outcome, network + "-first").parameters())
                    .as("parameters of %s", network)
                    .isLessThan(student(outcome, network).parameters());
        }
    }
}
