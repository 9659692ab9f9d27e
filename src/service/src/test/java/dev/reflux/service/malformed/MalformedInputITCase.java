package dev.reflux.service.malformed;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.events.Reason;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.report.IntakeReport;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.support.BoundedJob;
import dev.reflux.service.support.PublishedStudent;
import dev.reflux.service.support.TestEvents;
import dev.reflux.service.support.TestTopics;
import dev.reflux.service.support.TopicReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be used goes to the dead letters, all of it and once; what can be is learned, all of it and once. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MalformedInputITCase {

    private static final int EVENTS = 100_000;
    private static final int BAD = EVENTS / 10;
    private static final int BATCH = 256;

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

    /** A record of the stream; {@code broken} is null for a good one. */
    private record Sent(byte[] value, Broken broken) {}

    @Test
    void badEvents_amongGoodOnes_areDeadLettersAndChangeNothingElse() throws Exception {
        List<Sent> stream = stream();
        assertThat(stream.stream().filter(sent -> sent.broken() != null)).hasSize(BAD);
        Pipeline mixed = pipeline("mixed");
        Pipeline clean = pipeline("clean");
        BoundedJob.Outcome outcome = run(mixed, stream.stream().map(Sent::value).toList());
        List<byte[]> good = stream.stream()
                .filter(sent -> sent.broken() == null)
                .map(Sent::value)
                .toList();
        BoundedJob.Outcome undisturbed = run(clean, good);

        assertThat(outcome.report().intake())
                .isEqualTo(new IntakeReport(EVENTS, EVENTS - BAD, BAD, (EVENTS - BAD + BATCH - 1) / BATCH));
        assertDeadLetters(stream, mixed);
        assertThat(readAll(clean.topics().deadLetters())).isEmpty();
        PublishedStudent last = outcome.published().get(outcome.published().size() - 1);
        assertThat(last.eventsSeen()).isEqualTo(EVENTS - BAD);
        // the student is the one that never saw a bad event, so each good one was learned once and in its place
        assertThat(outcome.published()).isEqualTo(undisturbed.published());
        assertThat(outcome.report().students()).isEqualTo(undisturbed.report().students());
        assertThat(outcome.report().teacher()).isEqualTo(undisturbed.report().teacher());
        assertThat(undisturbed.report().intake().deadLetters()).isZero();
    }

    @Test
    void aBadEvent_ofManyTimesTheLimit_doesNotStopTheJob() throws Exception {
        Pipeline pipeline = pipeline("huge");
        byte[] huge = new byte[5_000_000];
        Arrays.fill(huge, (byte) '7');

        BoundedJob.Outcome outcome = run(pipeline, List.of(GoodEvents.plain(0), huge, GoodEvents.plain(1)));

        assertThat(outcome.report().intake()).isEqualTo(new IntakeReport(3, 2, 1, 1));
        assertThat(readAll(pipeline.topics().deadLetters()))
                .singleElement()
                .satisfies(letter -> assertThat(letter.value()).isEqualTo(huge));
    }

    /** These events hold no teacher's probabilities; what can be wrong with them is a matter of the decoder's tests. */
    private static final EnumSet<Reason> OF_TEACHERS = EnumSet.of(Reason.WRONG_TEACHER_SIZE, Reason.NOT_PROBABILITIES);

    /** A tenth of the events is bad, at irregular places, with every way to be bad in turn. */
    private static List<Sent> stream() {
        List<Broken> ways = Broken.all();
        assertThat(ways.stream().map(Broken::reason).collect(Collectors.toSet()))
                .as("reasons that the stream has events for")
                .isEqualTo(EnumSet.complementOf(OF_TEACHERS));
        SplittableRandom random = new SplittableRandom(5);
        List<Sent> stream = new ArrayList<>(EVENTS);
        for (int bad = 0; bad < BAD; bad++) {
            int place = random.nextInt(10);
            for (int i = 0; i < 10; i++) {
                long number = bad * 10L + i;
                Broken broken = i == place ? ways.get(bad % ways.size()) : null;
                stream.add(
                        broken == null
                                ? new Sent(GoodEvents.event(number), null)
                                : new Sent(broken.how().apply(GoodEvents.plain(number)), broken));
            }
        }
        return stream;
    }

    private BoundedJob.Outcome run(Pipeline pipeline, List<byte[]> values) throws Exception {
        TestTopics.create(kafka.bootstrapServers(), pipeline);
        TestEvents.send(kafka.bootstrapServers(), pipeline.topics().events(), 0, values.stream());
        return BoundedJob.run(kafka, pipeline, values.size(), 1, folder);
    }

    private List<ConsumerRecord<byte[], byte[]>> readAll(String topic) {
        return TopicReader.readCommitted(kafka.bootstrapServers(), topic);
    }

    private void assertDeadLetters(List<Sent> stream, Pipeline pipeline) {
        List<ConsumerRecord<byte[], byte[]>> letters = readAll(pipeline.topics().deadLetters());
        List<Integer> bad = IntStream.range(0, stream.size())
                .filter(offset -> stream.get(offset).broken() != null)
                .boxed()
                .toList();
        assertThat(letters.stream()
                        .map(letter -> Integer.valueOf(headers(letter).get("reflux-offset"))))
                .as("offsets of the dead letters, in order")
                .isEqualTo(bad);
        for (int i = 0; i < letters.size(); i++) {
            ConsumerRecord<byte[], byte[]> letter = letters.get(i);
            Sent sent = stream.get(bad.get(i));
            Map<String, String> headers = headers(letter);
            assertThat(letter.value()).as(sent.broken().name()).isEqualTo(sent.value());
            assertThat(letter.key()).isNull();
            assertThat(letter.timestamp()).isEqualTo(TestEvents.FIRST_TIME + bad.get(i));
            assertThat(headers)
                    .as("%s: %s", sent.broken().name(), headers)
                    .containsEntry("reflux-format", "dead-letter/1")
                    .containsEntry("reflux-reason", sent.broken().reason().code())
                    .containsEntry("reflux-topic", pipeline.topics().events())
                    .containsEntry("reflux-partition", "0")
                    .containsEntry("reflux-timestamp", Long.toString(TestEvents.FIRST_TIME + bad.get(i)))
                    .hasSize(7);
            assertThat(headers.get("reflux-message")).isNotBlank();
        }
    }

    private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> letter) {
        return StreamSupport.stream(letter.headers().spliterator(), false)
                .collect(toMap(header -> header.key(), header -> new String(header.value(), StandardCharsets.UTF_8)));
    }

    /** One pipeline, so that its models are the same to the last byte, with topics of its own for each run. */
    private static Pipeline pipeline(String run) {
        return PipelineReader.read("""
                pipeline: malformed
                topics: { events: %1$s.in, checkpoints: %1$s.out, drift: %1$s.drift, deadLetters: %1$s.dead }
                %2$s
                batch: { size: %3$d, maxDelay: off, step: 32 }
                teacher: { network: { type: mlp, hidden: [16] } }
                students: [ { name: small, network: { type: mlp, hidden: [8] } } ]
                feedback: { policy: mutual }
                checkpoints: { every: 50 batches, gate: { maxRegression: 1, minEvents: 0 } }
                flink: { checkpointInterval: 300ms }
                """.formatted(run, GoodEvents.SECTION, BATCH));
    }
}
