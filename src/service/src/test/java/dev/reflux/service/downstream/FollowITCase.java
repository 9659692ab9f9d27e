package dev.reflux.service.downstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflux.checkpoints.Acceptance;
import dev.reflux.checkpoints.CheckpointFeed.Entry;
import dev.reflux.checkpoints.CheckpointFeed.Published;
import dev.reflux.checkpoints.CheckpointReader;
import dev.reflux.checkpoints.CheckpointReader.Start;
import dev.reflux.checkpoints.Manifest;
import dev.reflux.checkpoints.ModelStore;
import dev.reflux.checkpoints.follow.FollowerSettings;
import dev.reflux.checkpoints.follow.StudentFollower;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.ExitCode;
import dev.reflux.service.Reflux;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.support.BoundedJob;
import dev.reflux.service.support.PublishedStudent;
import dev.reflux.service.support.TestEvents;
import dev.reflux.service.support.TestTopics;
import dev.reflux.service.support.TopicReader;
import dev.reflux.service.support.Waiting;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Students that a real job published, as consumers and commands see them. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FollowITCase {

    private static final int EVENTS = 4_000;
    private static final String CHECKPOINTS = "zones.checkpoints";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path folder;
    private Path file;
    private EmbeddedKafka kafka;
    private List<PublishedStudent> published;

    @BeforeAll
    void train(@TempDir Path temporary) throws Exception {
        folder = temporary;
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
        file = Files.writeString(folder.resolve("zones.yaml"), """
                pipeline: zones
                kafka: { bootstrapServers: "%s" }
                %s
                batch: { size: 64, maxDelay: off, step: 4 }
                students: [ { name: phone }, { name: watch, network: { type: mlp, hidden: [4] } } ]
                checkpoints: { every: 10 batches, store: %s, gate: { minEvents: 1, maxRegression: 1 } }
                """.formatted(
                        kafka.bootstrapServers(), TestEvents.SECTION, folder.resolve("models")));
        Pipeline pipeline = PipelineReader.read(file, Map.of(), List.of());
        TestTopics.create(kafka.bootstrapServers(), pipeline);
        TestEvents.send(kafka.bootstrapServers(), pipeline.topics().events(), 0, EVENTS, EVENTS);
        published = BoundedJob.run(kafka, pipeline, EVENTS, 1, folder.resolve("flink"))
                .published();
    }

    @AfterAll
    void stop() {
        kafka.close();
    }

    @Test
    void decisions_ofTheGate_areRecordedWithTheirReasons() throws Exception {
        List<JsonNode> decisions = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> found :
                TopicReader.readCommitted(kafka.bootstrapServers(), "zones.checkpoint-decisions")) {
            assertThat(new String(found.headers().lastHeader("reflux-format").value(), StandardCharsets.UTF_8))
                    .isEqualTo("checkpoint-decision/1");
            decisions.add(new ObjectMapper().readTree(found.value()));
        }
        for (String student : List.of("phone", "watch")) {
            List<JsonNode> own = decisions.stream()
                    .filter(one -> one.get("student").textValue().equals(student))
                    .toList();
            own = own.stream()
                    .filter(one -> !one.at("/reasons/0/code").textValue().equals("rollback"))
                    .toList();
            assertThat(own).hasSize(count(student));
            assertThat(own).extracting(one -> one.get("decision").textValue()).containsOnly("PUBLISHED");
            assertThat(own.get(0).at("/reasons/0/code").textValue()).isEqualTo("first");
            assertThat(own.get(1).at("/reasons/0/code").textValue()).isEqualTo("as-good");
            assertThat(own.get(own.size() - 1).get("sha256").textValue())
                    .isEqualTo(newest(student).sha256());
        }
    }

    @Test
    void findNewest_ofALongTopic_readsItsEndAlone() {
        try (CheckpointReader reader = reader(Optional.of("watch"), Start.END)) {
            List<Entry> shown = new ArrayList<>();

            assertThat(reader.findNewest(shown::add)).isTrue();

            assertThat(((Published) shown.get(shown.size() - 1))
                            .checkpoint()
                            .manifest()
                            .step())
                    .isEqualTo(newest("watch").step());
            assertThat(shown).hasSizeLessThan(count("watch"));
            assertThat(reader.atEnd()).as("goes on where it would have").isTrue();
            assertThat(reader.poll(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void findNewest_nothingUsable_looksBackToTheBeginning() {
        try (CheckpointReader reader = reader(Optional.of("phone"), Start.END)) {
            List<Entry> shown = new ArrayList<>();

            assertThat(reader.findNewest(entry -> !shown.add(entry))).isFalse();

            assertThat(shown).hasSize(count("phone"));
        }
    }

    @Test
    void poll_fromTheBeginning_givesEachCommittedStudent() {
        try (CheckpointReader reader = reader(Optional.empty(), Start.BEGINNING)) {
            List<Entry> all = new ArrayList<>();
            while (!reader.atEnd()) {
                all.addAll(reader.poll(Duration.ofMillis(200)));
            }
            assertThat(all).hasSize(published.size()).allMatch(Published.class::isInstance);
        }
    }

    @Test
    void follower_abortedAndForeignRecords_arePassedOver() throws Exception {
        String topic = "others.checkpoints";
        ConsumerRecord<byte[], byte[]> good = TopicReader.readCommitted(kafka.bootstrapServers(), CHECKPOINTS).stream()
                .filter(one -> new String(one.key(), StandardCharsets.UTF_8).equals("phone"))
                .findFirst()
                .orElseThrow();
        createTopic(topic);
        FollowerSettings settings = new FollowerSettings(
                Map.of("bootstrap.servers", kafka.bootstrapServers()), topic, "phone", acceptance());
        try (StudentFollower follower = new StudentFollower(settings);
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "others"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, null, good.key(), good.value(), good.headers()));
            producer.flush();
            producer.abortTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(
                    topic, null, good.key(), "not a manifest".getBytes(StandardCharsets.UTF_8), good.headers()));
            producer.commitTransaction();
            Waiting.until("the bad record", () -> follower.status().rejectedInAll() == 1);
            assertThat(follower.status().student()).as("the aborted one").isEmpty();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, null, good.key(), good.value(), good.headers()));
            producer.commitTransaction();
            assertThat(follower.awaitStudent(Duration.ofSeconds(60))).isTrue();
            assertThat(follower.score(Map.of("x", 0.5)).probabilities()).hasSize(2);
        }
    }

    @Test
    void follow_once_printsTheNewestOfEachStudent() {
        assertThat(run("follow", file.toString(), "--once")).isEqualTo(ExitCode.OK);

        assertThat(err.toString()).isEmpty();
        assertThat(out.toString())
                .contains("following phone, watch on zones.checkpoints at " + kafka.bootstrapServers())
                .contains("phone v" + newest("phone").step() + "  4,000 events  accuracy 0.")
                .contains("watch v" + newest("watch").step())
                .contains("sha256 " + newest("watch").sha256().substring(0, 12))
                .doesNotContain("passed over");
    }

    @Test
    void follow_studentThatIsNone_isAUsageError() {
        assertThat(run("follow", file.toString(), "--student", "tablet")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("--student is 'tablet', the pipeline's students are [phone, watch]");
    }

    @Test
    void follow_onceOnAnEmptyTopic_failsAndSaysWhy() {
        createTopic("empty.checkpoints");

        int code = run(
                "follow",
                file.toString(),
                "--set",
                "topics.checkpoints=empty.checkpoints",
                "--student",
                "phone",
                "--once",
                "--timeout",
                "0.5");

        assertThat(code).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("no student 'phone' within 0.5 s; has one been published?");
    }

    @Test
    void score_aFile_writesAPredictionPerRow() throws Exception {
        Path csv = csv(1_500);
        Path predictions = folder.resolve("predictions.csv");

        int code = run(
                "score",
                file.toString(),
                "--csv",
                csv.toString(),
                "--output",
                predictions.toString(),
                "--student",
                "phone");

        assertThat(err.toString()).isEmpty();
        assertThat(code).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains("1,500 rows scored by phone v" + newest("phone").step())
                .containsPattern("accuracy 0\\.[6-9]\\d* on 1,500 labels");
        List<String> lines = Files.readAllLines(predictions);
        assertThat(lines).hasSize(1_501);
        assertThat(lines.get(0)).isEqualTo("row,prediction,confidence,probability in,probability out,version");
        assertThat(lines.subList(1, lines.size())).allSatisfy(line -> {
            String[] cells = line.split(",");
            float in = Float.parseFloat(cells[3]);
            float out = Float.parseFloat(cells[4]);
            assertThat(in + out).isBetween(0.999f, 1.001f);
            assertThat(cells[1]).isEqualTo(in >= out ? "in" : "out");
            assertThat(Float.parseFloat(cells[2])).isEqualTo(Math.max(in, out));
            assertThat(cells[5]).isEqualTo(Long.toString(newest("phone").step()));
        });
    }

    @Test
    void score_toStandardOutput_keepsTheSummaryApart() throws Exception {
        assertThat(run("score", file.toString(), "--csv", csv(10).toString(), "--batch", "3"))
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString().lines()).hasSize(11);
        assertThat(err.toString()).contains("10 rows scored by phone");
    }

    @Test
    void score_missingTopic_isAUsageError() throws Exception {
        int code = run("score", file.toString(), "--csv", csv(10).toString(), "--set", "topics.checkpoints=nowhere");

        assertThat(code).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("have no topic nowhere; create it with: reflux topics");
    }

    @Test
    void rollback_toAnOlderVersion_isTheNewestForConsumersAndSaysWhereItComesFrom() throws Exception {
        List<PublishedStudent> own =
                published.stream().filter(one -> one.key().equals("watch")).toList();
        PublishedStudent older = own.get(own.size() - 3);
        String topic = "rolled.checkpoints";
        createTopic(topic);
        copy(CHECKPOINTS, topic);
        String[] onCopy = {"--set", "topics.checkpoints=" + topic, "--student", "watch"};

        assertThat(run(with(onCopy, "rollback", file.toString(), "--to", "1"))).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString())
                .contains("--to 1: rolled.checkpoints has no such version of 'watch'; it has")
                .contains("v" + older.step());
        assertThat(run(with(
                        onCopy,
                        "rollback",
                        file.toString(),
                        "--to",
                        Long.toString(newest("watch").step()))))
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("is the newest already");

        int code = run(with(
                onCopy, "rollback", file.toString(), "--to", Long.toString(older.step()), "--reason", "bad labels"));

        assertThat(err.toString()).isEmpty();
        assertThat(code).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains("watch v" + older.step())
                .contains("in place of v" + newest("watch").step());
        FollowerSettings settings = new FollowerSettings(
                Map.of("bootstrap.servers", kafka.bootstrapServers()), topic, "watch", acceptance());
        try (StudentFollower follower = new StudentFollower(settings)) {
            assertThat(follower.awaitStudent(Duration.ofSeconds(60))).isTrue();
            Manifest manifest = follower.status().student().orElseThrow().manifest();
            assertThat(manifest.step()).isEqualTo(older.step());
            assertThat(manifest.sha256()).isEqualTo(older.sha256());
            assertThat(manifest.parentVersion()).isEqualTo(newest("watch").step());
            assertThat(manifest.rollback().from()).isEqualTo(newest("watch").step());
            assertThat(manifest.rollback().reason()).isEqualTo("bad labels");
            assertThat(manifest.created()).isAfter(manifest.rollback().created());
        }
        List<ConsumerRecord<byte[], byte[]>> decisions =
                TopicReader.readCommitted(kafka.bootstrapServers(), "zones.checkpoint-decisions");
        JsonNode last =
                new ObjectMapper().readTree(decisions.get(decisions.size() - 1).value());
        assertThat(last.at("/reasons/0/code").textValue()).isEqualTo("rollback");
        assertThat(last.get("step").asLong()).isEqualTo(older.step());
    }

    private void copy(String from, String to) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            TopicReader.readCommitted(kafka.bootstrapServers(), from)
                    .forEach(one ->
                            producer.send(new ProducerRecord<>(to, null, one.key(), one.value(), one.headers())));
        }
    }

    private static String[] with(String[] last, String... first) {
        return Stream.concat(Stream.of(first), Stream.of(last)).toArray(String[]::new);
    }

    private Path csv(int rows) throws Exception {
        StringBuilder text = new StringBuilder("x,y,zone,label\n");
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < rows; i++) {
            double x = random.nextDouble() * 2 - 1;
            double y = random.nextDouble() * 2 - 1;
            int zone = random.nextInt(4);
            // as at the end of the stream, where the classes are swapped
            boolean inside = x * x + y * y < 0.2 + 0.15 * zone;
            text.append(x).append(',').append(y).append(',').append(zone).append(inside ? ",out\n" : ",in\n");
        }
        return Files.writeString(folder.resolve("rows-" + rows + ".csv"), text);
    }

    private void createTopic(String topic) {
        assertThat(run(
                        "topics",
                        file.toString(),
                        "--set",
                        "topics.checkpoints=" + topic,
                        "--set",
                        "topics.predictions=unused"))
                .isEqualTo(ExitCode.OK);
        out.getBuffer().setLength(0);
    }

    private PublishedStudent newest(String student) {
        return published.stream()
                .filter(one -> one.key().equals(student))
                .reduce((before, after) -> after)
                .orElseThrow();
    }

    private int count(String student) {
        return (int) published.stream().filter(one -> one.key().equals(student)).count();
    }

    private CheckpointReader reader(Optional<String> student, Start start) {
        return new CheckpointReader(
                Map.of("bootstrap.servers", kafka.bootstrapServers()), CHECKPOINTS, student, start, acceptance());
    }

    private static Acceptance acceptance() {
        return Acceptance.of(ModelStore.none());
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
