package dev.reflux.service.downstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflux.checkpoints.follow.FollowerSettings;
import dev.reflux.checkpoints.follow.Predictions;
import dev.reflux.checkpoints.follow.StudentFollower;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.publish.StudentAccess;
import dev.reflux.jobs.wire.OutgoingRecord;
import dev.reflux.service.embedded.EmbeddedKafka;
import dev.reflux.service.support.BoundedJob;
import dev.reflux.service.support.LiveStudent;
import dev.reflux.service.support.PublishedStudent;
import dev.reflux.service.support.TestEvents;
import dev.reflux.service.support.TestTopics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Train, publish, follow, score: what consumers in several languages say of events, and what the student itself says. The
 * consumers are the examples in {@code src/checkpoints/clients}; where Python, Node or their registries are not at hand,
 * the test of that language says so and is left out.
 */
@Timeout(value = 900, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ClientsITCase {

    private static final int EVENTS = 2_560;
    private static final int UNLEARNED = 1_000;
    private static final double TOLERANCE = 1e-4;
    private static final String SECRET = "a secret of at least thirty-two bytes";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path CLIENTS =
            Path.of("../checkpoints/clients").toAbsolutePath().normalize();
    private static final Path TARGET = Path.of("target").toAbsolutePath();

    private EmbeddedKafka kafka;
    private Pipeline pipeline;
    private List<byte[]> unlearned;
    private float[] live;
    private long version;

    @BeforeAll
    void train(@TempDir Path folder) throws Exception {
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
        Path key = Files.writeString(folder.resolve("key"), SECRET + "\n");
        pipeline = PipelineReader.read(
                """
                pipeline: all-kinds
                kafka: { bootstrapServers: "%s" }
                events:
                  label: { path: /label, classes: [low, middle, high] }
                  features:
                    - { name: amount, type: numeric }
                    - { name: weekday, type: category, size: 7 }
                    - { name: image, type: tensor, shape: [1, 4, 4] }
                    - { name: colour, type: category, values: [red, green, "Süd"] }
                    - { name: note, type: text, buckets: 4096 }
                    - { name: age, type: numeric, required: false }
                batch: { size: 64, maxDelay: off, step: 4 }
                students: [ { name: phone, network: { type: mlp, hidden: [24], activation: gelu, layerNorm: true } } ]
                feedback: { policy: mutual, lag: 1 }
                checkpoints:
                  every: 10 batches
                  gate: { minEvents: 1, maxRegression: 1 }
                  store: "%s"
                  signature: { type: hmac-sha256, key: "file:%s" }
                """.formatted(kafka.bootstrapServers(), folder.resolve("models").toUri(), key));
        TestTopics.create(kafka.bootstrapServers(), pipeline);
        SplittableRandom random = new SplittableRandom(17);
        List<byte[]> events = Stream.generate(() -> event(random)).limit(EVENTS).toList();
        unlearned = Stream.generate(() -> event(random)).limit(UNLEARNED).toList();
        TestEvents.send(kafka.bootstrapServers(), pipeline.topics().events(), 0, events.stream());
        List<PublishedStudent> published = BoundedJob.run(kafka, pipeline, EVENTS, 1, folder.resolve("flink"))
                .published();
        PublishedStudent newest = published.get(published.size() - 1);
        version = newest.step();
        live = live(events, newest);
    }

    /** Trains the same student in this thread; that it is the same, bit for bit, shows in the hash of its model. */
    private float[] live(List<byte[]> events, PublishedStudent newest) throws IOException {
        try (LiveStudent student = new LiveStudent(pipeline)) {
            Optional<OutgoingRecord> last = Optional.empty();
            for (byte[] event : events) {
                Optional<OutgoingRecord> sent = student.learn(event, Instant.EPOCH);
                last = sent.isPresent() ? sent : last;
            }
            assertThat(JSON.readTree(last.orElseThrow().value()).get("sha256").textValue())
                    .isEqualTo(newest.sha256());
            return student.probabilities(unlearned);
        }
    }

    @AfterAll
    void stop() {
        kafka.close();
    }

    @Test
    void java_follower_saysWhatTheLiveStudentSays() throws Exception {
        FollowerSettings settings = new FollowerSettings(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                pipeline.topics().checkpoints(),
                "phone",
                StudentAccess.acceptance(pipeline, Map.of()));
        try (StudentFollower follower = new StudentFollower(settings)) {
            assertThat(follower.awaitStudent(Duration.ofSeconds(60))).isTrue();
            List<Map<String, Object>> rows = new ArrayList<>();
            for (byte[] event : unlearned) {
                Map<String, Object> row = new HashMap<>();
                Map<?, ?> values = JSON.readValue(event, Map.class);
                values.forEach((name, value) -> row.put((String) name, flat(value)));
                rows.add(row);
            }

            Predictions found = follower.score(rows);

            assertThat(found.student().version()).isEqualTo(version);
            assertThat(follower.status().rejected()).isEmpty();
            assertClose("Java", found.probabilities());
        }
    }

    @Test
    void python_client_saysWhatTheLiveStudentSays() throws Exception {
        require("python3", "--version");
        Path environment = TARGET.resolve("python-client");
        String python = environment.resolve("bin/python").toString();
        if (!Files.isExecutable(Path.of(python))) {
            install("python3", "-m", "venv", environment.toString());
        }
        install(
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
                CLIENTS.resolve("python/requirements.txt").toString());
        Path script = CLIENTS.resolve("python/scorer.py");

        assertClose("Python", score(python, script));
        Process distrustful = start(python, script, SECRET + "!");
        try {
            assertThat(distrustful.errorReader().readLine())
                    .isEqualTo("the student at hand goes on: the signature is not that of this record");
        } finally {
            distrustful.destroyForcibly();
        }
    }

    @Test
    void node_client_saysWhatTheLiveStudentSays() throws Exception {
        require("node", "--version");
        require("npm", "--version");
        Path folder = Files.createDirectories(TARGET.resolve("node-client"));
        for (String file : List.of("package.json", "scorer.mjs")) {
            Files.write(
                    folder.resolve(file),
                    Files.readAllBytes(CLIENTS.resolve("node").resolve(file)));
        }
        // without scripts: those of onnxruntime-node fetch what only graphics cards need
        install(
                "npm",
                "install",
                "--prefix",
                folder.toString(),
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--loglevel=error");
        Path script = folder.resolve("scorer.mjs");

        assertClose("Node", score("node", script));
        Process distrustful = start("node", script, SECRET + "!");
        try {
            assertThat(distrustful.errorReader().readLine()).isEqualTo("the student at hand goes on: not signed by us");
        } finally {
            distrustful.destroyForcibly();
        }
    }

    private float[] score(String program, Path script) throws Exception {
        Process process = start(program, script, SECRET);
        List<String> lines = new ArrayList<>();
        String line;
        while ((line = process.inputReader().readLine()) != null) {
            lines.add(line);
        }
        String complaints = process.errorReader().lines().collect(Collectors.joining("\n"));
        assertThat(process.waitFor()).as(complaints).isZero();
        assertThat(lines).as(complaints).hasSize(UNLEARNED);
        float[] probabilities = new float[live.length];
        for (int row = 0; row < UNLEARNED; row++) {
            JsonNode json = JSON.readTree(lines.get(row));
            assertThat(json.get("version").asLong()).isEqualTo(version);
            for (int c = 0; c < 3; c++) {
                probabilities[3 * row + c] =
                        (float) json.get("probabilities").get(c).asDouble();
            }
        }
        return probabilities;
    }

    private Process start(String program, Path script, String secret) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                program,
                script.toString(),
                kafka.bootstrapServers(),
                pipeline.topics().checkpoints(),
                "phone");
        builder.environment().put("REFLUX_SECRET", secret);
        Path input = Files.createTempFile(TARGET, "events", ".jsonl");
        input.toFile().deleteOnExit();
        Files.write(
                input,
                unlearned.stream()
                        .map(event -> new String(event, StandardCharsets.UTF_8))
                        .toList());
        Process process = builder.redirectInput(input.toFile()).start();
        // a client that never finds its student would wait for ever, and so would whoever reads what it says
        CompletableFuture.delayedExecutor(2, TimeUnit.MINUTES).execute(process::destroyForcibly);
        return process;
    }

    private void assertClose(String language, float[] found) {
        assertThat(found).hasSize(live.length);
        double most = IntStream.range(0, live.length)
                .mapToDouble(i -> Math.abs((double) live[i] - found[i]))
                .max()
                .orElseThrow();
        System.out.printf(
                Locale.ROOT,
                "%s: largest difference to the live student on %,d events %.2g%n",
                language,
                UNLEARNED,
                most);
        assertThat(most).as(language).isLessThan(TOLERANCE);
    }

    /** With missing values, categories that nobody knows, texts in several scripts, and images. */
    private static byte[] event(SplittableRandom random) {
        String[] notes = {
            "\"Two COFFEES, please\"",
            "\"\"",
            "null",
            "\"Größe 日本語 42\"",
            "\"!?\"",
            "\"smile 🙂 x\"",
            "\"wide wide world\""
        };
        String[] colours = {"\"red\"", "\"green\"", "\"Süd\"", "\"mauve\"", "null"};
        double amount = random.nextDouble() * 1e3;
        StringBuilder image = new StringBuilder("null");
        double light = 0;
        if (random.nextInt(8) > 0) {
            image = new StringBuilder("[[");
            for (int i = 0; i < 16; i++) {
                double pixel = random.nextDouble();
                light += pixel / 16;
                image.append(i % 4 == 0 ? i == 0 ? "[" : "],[" : ",").append(String.format(Locale.ROOT, "%.4f", pixel));
            }
            image.append("]]]");
        }
        double score = amount / 1e3 + light;
        return String.format(
                        Locale.ROOT,
                        "{\"amount\":%s,\"weekday\":%d,\"image\":%s,\"colour\":%s,\"note\":%s,%s\"label\":\"%s\"}",
                        random.nextInt(9) == 0 ? "null" : String.format(Locale.ROOT, "%.4f", amount),
                        random.nextInt(10) - 1,
                        image,
                        colours[random.nextInt(colours.length)],
                        notes[random.nextInt(notes.length)],
                        random.nextInt(3) == 0
                                ? ""
                                : String.format(Locale.ROOT, "\"age\":%.3f,", random.nextDouble() * 90),
                        score < 0.7 ? "low" : score < 1.2 ? "middle" : "high")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Nested arrays as one list, as rows take tensors. */
    private static Object flat(Object value) {
        if (!(value instanceof List<?> list)) {
            return value;
        }
        List<Object> all = new ArrayList<>();
        for (Object one : list) {
            if (flat(one) instanceof List<?> inner) {
                all.addAll(inner);
            } else {
                all.add(one);
            }
        }
        return all;
    }

    private static void require(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0) {
                return;
            }
        } catch (IOException e) {
            // not there
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        leaveOut(command[0] + " is not here");
    }

    private static void install(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = process.inputReader().lines().collect(Collectors.joining("\n"));
        if (process.waitFor() != 0) {
            leaveOut(String.join(" ", command) + " failed, perhaps for want of a registry: "
                    + said.substring(Math.max(0, said.length() - 400)));
        }
    }

    private static void leaveOut(String why) {
        System.out.println("NOT RUN: " + why);
        Assumptions.abort(why);
    }
}
