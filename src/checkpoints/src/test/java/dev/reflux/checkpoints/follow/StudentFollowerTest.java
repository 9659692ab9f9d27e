package dev.reflux.checkpoints.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.reflux.checkpoints.Acceptance;
import dev.reflux.checkpoints.Checkpoint;
import dev.reflux.checkpoints.CheckpointException.Problem;
import dev.reflux.checkpoints.CheckpointFeed;
import dev.reflux.checkpoints.CheckpointFeed.Rejected;
import dev.reflux.checkpoints.CheckpointRecord;
import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.Manifest;
import dev.reflux.checkpoints.ModelStore;
import dev.reflux.checkpoints.onnx.OnnxModelBuilder;
import dev.reflux.checkpoints.onnx.Students;
import dev.reflux.checkpoints.sign.CheckpointSigner;
import dev.reflux.checkpoints.sign.TrustedKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class StudentFollowerTest {

    private static final String TOPIC = "p.checkpoints";
    private static final Instant CREATED = Instant.parse("2026-01-31T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(CREATED.plusSeconds(90), ZoneOffset.UTC);
    private static final float TOLERANCE = 1e-5f;

    private final QueueFeed feed = new QueueFeed(Acceptance.of(ModelStore.none()));
    private final List<FollowedStudent> taken = new CopyOnWriteArrayList<>();
    private final List<Rejected> rejected = new CopyOnWriteArrayList<>();
    private final List<String> troubles = new CopyOnWriteArrayList<>();

    private final FollowerListener listener = new FollowerListener() {
        @Override
        public void taken(FollowedStudent student) {
            taken.add(student);
        }

        @Override
        public void rejected(Rejected found) {
            rejected.add(found);
        }

        @Override
        public void troubled(String why) {
            troubles.add(why);
        }
    };

    @Test
    void start_topicWithAPast_scoresWithItsNewestGoodStudent() throws Exception {
        feed.addPast(record(1, Students.linear(1)));
        feed.addPast(record(2, Students.linear(2)));
        feed.addPast(record(3, new byte[] {1, 2, 3}));
        List<Map<String, Object>> rows = Students.rows(40, 7);

        try (StudentFollower follower = follower()) {
            assertThat(follower.awaitStudent(Duration.ofSeconds(30))).isTrue();

            Predictions found = follower.score(rows);
            assertThat(found.student().version()).isEqualTo(2);
            assertThat(found.size()).isEqualTo(40);
            assertClose(found.probabilities(), Students.linearInJava(2, rows));
            assertThat(found.classes()).isEqualTo(Students.CLASSES);
            // the listener hears of a student just after it began to score
            until(() -> !taken.isEmpty());
            assertThat(taken)
                    .as("only the newest ever scored")
                    .extracting(FollowedStudent::version)
                    .containsExactly(2L);
            assertThat(follower.status().rejected()).isEqualTo(Map.of(Problem.BAD_MODEL, 1L));
        }
    }

    @Test
    void score_oneEvent_namesTheClassAndHowSure() throws Exception {
        feed.addPast(record(1, Students.linear(1)));
        try (StudentFollower follower = follower()) {
            follower.awaitStudent(Duration.ofSeconds(30));

            Predictions found = follower.score(Map.of("price", 3.5, "text", "hello"));

            float best = Math.max(found.probability(0, 0), Math.max(found.probability(0, 1), found.probability(0, 2)));
            assertThat(found.confidence(0)).isEqualTo(best);
            assertThat(found.probability(0, Students.CLASSES.indexOf(found.label(0))))
                    .isEqualTo(best);
        }
    }

    @Test
    void status_ofAStudent_saysVersionAndAge() throws Exception {
        try (StudentFollower follower = follower()) {
            assertThat(follower.awaitStudent(Duration.ofMillis(1))).isFalse();
            assertThat(follower.status().student()).isEmpty();
            assertThatIllegalStateException()
                    .isThrownBy(() -> follower.score(Map.of()))
                    .withMessageContaining("no student of 'phone' has arrived from p.checkpoints");

            feed.publish(record(5, Students.linear(5)));
            follower.awaitStudent(Duration.ofSeconds(30));

            assertThat(follower.status().student())
                    .map(FollowedStudent::version)
                    .hasValue(5L);
            assertThat(follower.status().age()).isEqualTo(Duration.ofSeconds(90));
        }
    }

    @Test
    void score_valueOfAnotherType_isNamedAndHarmsNobody() throws Exception {
        feed.addPast(record(1, Students.linear(1)));
        try (StudentFollower follower = follower()) {
            follower.awaitStudent(Duration.ofSeconds(30));

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> follower.score(Map.of("price", "cheap")))
                    .withMessageContaining("row 0")
                    .withMessageContaining("'price'");
            assertThat(follower.score(Map.of("price", 1)).size()).isEqualTo(1);
        }
    }

    @Test
    void close_whileScoring_endsInOrder() throws Exception {
        feed.addPast(record(1, Students.linear(1)));
        StudentFollower follower = follower();
        follower.awaitStudent(Duration.ofSeconds(30));
        follower.score(Map.of());

        follower.close();
        follower.close();

        assertThatIllegalStateException()
                .isThrownBy(() -> follower.score(Map.of()))
                .withMessageContaining("closed");
    }

    @Test
    void follow_topicNotThereYet_triesAgainAndSaysSoOnce() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        feed.addPast(record(1, Students.linear(1)));
        Supplier<CheckpointFeed> unready = () -> {
            if (tries.incrementAndGet() < 3) {
                throw new IllegalStateException("the topic does not exist");
            }
            return feed;
        };
        try (StudentFollower follower = new StudentFollower(settings(), listener, unready, CLOCK)) {
            assertThat(follower.awaitStudent(Duration.ofSeconds(30))).isTrue();
            assertThat(troubles).containsExactly("the topic does not exist");
            until(() -> follower.status().trouble().isEmpty());
        }
    }

    @Test
    void swap_underLoad_neitherFailsNorMixesNorWaits() throws Exception {
        int versions = 200;
        int threads = 8;
        List<Map<String, Object>> rows = Students.rows(64, 3).stream()
                .filter(row -> isAscii(row.get("state")) && isAscii(row.get("text")))
                .limit(16)
                .toList();
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        Map<Long, float[]> expected = new ConcurrentHashMap<>();
        for (long version = 0; version <= versions; version++) {
            records.add(record(version, Students.linear(version)));
            expected.put(version, Students.linearInJava(version, rows));
        }
        feed.addPast(records.get(0));
        try (StudentFollower follower = follower()) {
            follower.awaitStudent(Duration.ofSeconds(30));
            Load load = new Load(follower, rows, expected);
            long[] quiet = load.run(threads, () -> {
                int calls = load.calls.get();
                until(() -> load.calls.get() >= calls + 20_000);
            });
            long[] swapping = load.run(threads, () -> {
                for (int version = 1; version <= versions; version++) {
                    feed.publish(records.get(version));
                    int arrived = version + 1;
                    until(() -> taken.size() >= arrived);
                }
            });

            assertThat(taken).hasSize(versions + 1);
            assertThat(load.seen).as("students that scored").hasSizeGreaterThan(versions / 2);
            assertThat(follower.status().rejected()).isEmpty();
            System.out.printf(
                    "swap under load: %d threads, %d students arrive, %,d calls of %d events;"
                            + " a call takes p50 %.2f ms, p99 %.2f ms, at most %.1f ms"
                            + " (without arrivals p50 %.2f ms, p99 %.2f ms, at most %.1f ms)%n",
                    threads,
                    versions,
                    swapping.length,
                    rows.size(),
                    millis(swapping, 0.5),
                    millis(swapping, 0.99),
                    millis(swapping, 1),
                    millis(quiet, 0.5),
                    millis(quiet, 0.99),
                    millis(quiet, 1));
            assertThat(millis(swapping, 0.99))
                    .as("p99 of a call while students arrive, in ms")
                    .isLessThan(50 + 5 * millis(quiet, 0.99));
        }
    }

    /** Strings that need no detour on their way into ONNX Runtime, which would drown what is measured. */
    private static boolean isAscii(@Nullable Object value) {
        return value == null || value.toString().chars().allMatch(c -> c > 0 && c < 128);
    }

    /** Threads that score the same rows over and over and compare with what the version must say. */
    private static final class Load {

        private final StudentFollower follower;
        private final List<Map<String, Object>> rows;
        private final Map<Long, float[]> expected;
        private final AtomicInteger calls = new AtomicInteger();
        private final Set<Long> seen = ConcurrentHashMap.newKeySet();

        Load(StudentFollower follower, List<Map<String, Object>> rows, Map<Long, float[]> expected) {
            this.follower = follower;
            this.rows = rows;
            this.expected = expected;
        }

        /** Nanoseconds of each call made while {@code meanwhile} runs, sorted. */
        long[] run(int threads, Runnable meanwhile) throws Exception {
            AtomicBoolean over = new AtomicBoolean();
            ExecutorService pool = Executors.newFixedThreadPool(threads);
            try {
                List<Future<long[]>> all = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    all.add(pool.submit(() -> scoreUntil(over)));
                }
                meanwhile.run();
                over.set(true);
                long[] nanos = {};
                for (Future<long[]> one : all) {
                    long[] more = one.get(60, TimeUnit.SECONDS);
                    int old = nanos.length;
                    nanos = Arrays.copyOf(nanos, old + more.length);
                    System.arraycopy(more, 0, nanos, old, more.length);
                }
                Arrays.sort(nanos);
                return nanos;
            } finally {
                over.set(true);
                pool.shutdown();
                assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
            }
        }

        private long[] scoreUntil(AtomicBoolean over) {
            long[] nanos = new long[1024];
            int count = 0;
            while (!over.get()) {
                long start = System.nanoTime();
                Predictions found = follower.score(rows);
                if (count == nanos.length) {
                    nanos = Arrays.copyOf(nanos, 2 * count);
                }
                nanos[count++] = System.nanoTime() - start;
                long version = found.student().version();
                assertClose(found.probabilities(), expected.get(version));
                seen.add(version);
                calls.incrementAndGet();
            }
            return Arrays.copyOf(nanos, count);
        }
    }

    @Test
    void poisonedTopic_studentAtHandServes_memoryStays() throws Exception {
        QueueFeed strict = new QueueFeed(Acceptance.of(ModelStore.none()).withMaxModelBytes(1 << 20));
        byte[] good = Students.linear(1);
        List<ProducerRecord<byte[], byte[]>> poison = poison(good);
        List<Map<String, Object>> rows = Students.rows(8, 3);
        float[] expected = Students.linearInJava(1, rows);
        strict.addPast(record(1, good));
        try (StudentFollower follower = new StudentFollower(settings(), listener, () -> strict, CLOCK)) {
            follower.awaitStudent(Duration.ofSeconds(30));
            publishAll(strict, follower, poison, expected, rows, 3);
            long heap = usedHeap();
            long resident = residentBytes();

            publishAll(strict, follower, poison, expected, rows, 60);

            assertThat(usedHeap() - heap).as("heap grown, in bytes").isLessThan(16 << 20);
            assertThat(residentBytes() - resident).as("memory grown, in bytes").isLessThan(128L << 20);
            assertThat(follower.status().rejected().keySet())
                    .isEqualTo(EnumSet.of(
                            Problem.NOT_A_CHECKPOINT,
                            Problem.NEWER_VERSION,
                            Problem.BAD_MANIFEST,
                            Problem.MODEL_UNAVAILABLE,
                            Problem.TOO_LARGE,
                            Problem.WRONG_SIZE,
                            Problem.WRONG_HASH,
                            Problem.BAD_MODEL));
            assertThat(follower.status().rejectedInAll()).isEqualTo(63L * poison.size());
            assertThat(follower.status().taken()).isEqualTo(1);
            assertThat(rejected).allSatisfy(one -> assertThat(one.message()).hasSizeLessThan(1100));

            strict.publish(record(2, Students.linear(2)));
            until(() -> follower.status().taken() == 2);
            assertClose(follower.score(rows).probabilities(), Students.linearInJava(2, rows));
        }
    }

    @Test
    void signedTopic_takesOnlyWhatIsSignedAndNotSentAgain() throws Exception {
        String secret = "a secret of at least thirty-two bytes";
        CheckpointSigner signer = CheckpointSigner.hmacSha256("main", secret);
        Acceptance signed =
                Acceptance.of(ModelStore.none()).withSignatures(new TrustedKeys().hmacSha256("main", secret));
        QueueFeed strict = new QueueFeed(signed);
        FollowerSettings settings = new FollowerSettings(Map.of(), TOPIC, "phone", signed);
        CheckpointRecord first = checkpoint(1, CREATED);
        CheckpointRecord second = checkpoint(2, CREATED.plusSeconds(1));
        ProducerRecord<byte[], byte[]> old =
                first.withSignature(signer.sign(first.value())).toProducerRecord(TOPIC);
        try (StudentFollower follower = new StudentFollower(settings, listener, () -> strict, CLOCK)) {
            strict.publish(first.toProducerRecord(TOPIC));
            strict.publish(first.withSignature(signer.sign(second.value())).toProducerRecord(TOPIC));
            strict.publish(first.withSignature(CheckpointSigner.hmacSha256("main", secret.repeat(2))
                            .sign(first.value()))
                    .toProducerRecord(TOPIC));
            strict.publish(old);
            strict.publish(second.withSignature(signer.sign(second.value())).toProducerRecord(TOPIC));
            strict.publish(old);
            until(() -> follower.status().rejectedInAll() == 4);

            assertThat(follower.status().rejected())
                    .isEqualTo(Map.of(Problem.BAD_SIGNATURE, 3L, Problem.SENT_AGAIN, 1L));
            assertThat(taken).extracting(FollowedStudent::version).containsExactly(1L, 2L);
            assertThat(follower.score(Map.of()).student().version()).isEqualTo(2);
        }
    }

    private static void publishAll(
            QueueFeed feed,
            StudentFollower follower,
            List<ProducerRecord<byte[], byte[]>> poison,
            float[] expected,
            List<Map<String, Object>> rows,
            int times) {
        for (int i = 0; i < times; i++) {
            for (ProducerRecord<byte[], byte[]> one : poison) {
                long before = follower.status().rejectedInAll();
                feed.publish(one);
                until(() -> follower.status().rejectedInAll() > before);
                assertClose(follower.score(rows).probabilities(), expected);
            }
        }
    }

    /** What may lie in a topic beside checkpoints, by accident or with intent. */
    private static List<ProducerRecord<byte[], byte[]>> poison(byte[] good) throws IOException {
        String manifest = new String(record(9, good).value(), StandardCharsets.UTF_8);
        byte[] truncated = Arrays.copyOf(good, good.length / 2);
        byte[] swapped = good.clone();
        swapped[swapped.length / 2] ^= 0x55;
        List<ProducerRecord<byte[], byte[]>> poison = new ArrayList<>();
        poison.add(record(9, truncated));
        poison.add(record(9, new byte[] {0}));
        poison.add(withValue(manifest.replace(base64(good), base64(truncated))));
        poison.add(withValue(manifest.replace(base64(good), base64(swapped))));
        poison.add(withValue(manifest.replace("\"version\":1", "\"version\":7")));
        poison.add(withValue(manifest.replace("\"size\":" + good.length, "\"size\":" + Long.MAX_VALUE)));
        poison.add(withValue(manifest.replaceFirst("\"model\":\"[^\"]*\"", "\"modelUri\":\"file:///etc/passwd\"")));
        poison.add(withValue(manifest.substring(0, manifest.length() / 2)));
        poison.add(withValue("[".repeat(1_000_000)));
        poison.add(withValue("x".repeat(7 << 20)));
        poison.add(
                withValue(manifest.replace("\"student\":\"phone\"", "\"student\":\"" + "phone".repeat(9_999) + "\"")));
        poison.add(withValue(null));
        poison.add(new ProducerRecord<>(TOPIC, null, utf8("phone"), utf8(manifest), new RecordHeaders()));
        poison.add(record(9, hugeTensor(), List.of(new InputColumn.Tensor("huge", List.of(Integer.MAX_VALUE))), two()));
        poison.add(record(9, constantNaN(), List.of(new InputColumn.Numeric("x")), two()));
        poison.add(record(9, good, Students.COLUMNS.subList(0, 2), Students.CLASSES));
        return poison;
    }

    private static List<String> two() {
        return List.of("no", "yes");
    }

    /** A model that asks for eight gigabytes per event. */
    private static byte[] hugeTensor() {
        OnnxModelBuilder builder =
                new OnnxModelBuilder(List.of(new InputColumn.Tensor("huge", List.of(Integer.MAX_VALUE))));
        String axis = builder.constant("axis", new long[] {1}, 1);
        String start = builder.constant("start", new long[] {0}, 1);
        String end = builder.constant("end", new long[] {2}, 1);
        return builder.finish(builder.node("Slice", builder.tensors().get(0), start, end, axis), two(), Map.of());
    }

    private static byte[] constantNaN() {
        OnnxModelBuilder builder = new OnnxModelBuilder(List.of(new InputColumn.Numeric("x")));
        String weights = builder.constant("weights", new float[] {Float.NaN, 1}, 1, 2);
        return builder.finish(builder.node("MatMul", builder.numeric(), weights), two(), Map.of());
    }

    private static ProducerRecord<byte[], byte[]> withValue(@Nullable String value) {
        return new ProducerRecord<>(
                TOPIC,
                null,
                utf8("phone"),
                value == null ? null : utf8(value),
                new RecordHeaders(List.of(new RecordHeader("reflux-format", utf8("checkpoint/1")))));
    }

    private static ProducerRecord<byte[], byte[]> record(long step, byte[] model) throws IOException {
        return record(step, model, Students.COLUMNS, Students.CLASSES);
    }

    private static ProducerRecord<byte[], byte[]> record(
            long step, byte[] model, List<InputColumn> inputs, List<String> classes) throws IOException {
        return checkpoint(step, CREATED, model, inputs, classes).toProducerRecord(TOPIC);
    }

    private static CheckpointRecord checkpoint(long step, Instant created) throws IOException {
        return checkpoint(step, created, Students.linear(step), Students.COLUMNS, Students.CLASSES);
    }

    private static CheckpointRecord checkpoint(
            long step, Instant created, byte[] model, List<InputColumn> inputs, List<String> classes)
            throws IOException {
        Manifest manifest = new Manifest(
                "p",
                "phone",
                step,
                step * 100,
                created,
                Checkpoint.sha256(model),
                model.length,
                inputs,
                classes,
                new Manifest.Quality(0.9, 0.8, 0.3, 0.01, 0.9, 1000),
                null,
                new Manifest.Gate(Manifest.Decision.PUBLISHED, List.of("first student")),
                new Manifest.Verification(0, 1));
        return CheckpointRecord.encode(
                new Checkpoint(manifest, model), CheckpointRecord.DEFAULT_INLINE_LIMIT, ModelStore.none());
    }

    private StudentFollower follower() {
        return new StudentFollower(settings(), listener, () -> feed, CLOCK);
    }

    private static FollowerSettings settings() {
        return new FollowerSettings(Map.of(), TOPIC, "phone", Acceptance.of(ModelStore.none()));
    }

    private static void assertClose(float[] found, float @Nullable [] expected) {
        if (expected == null || expected.length != found.length) {
            throw new AssertionError("probabilities of a version that was never published");
        }
        for (int i = 0; i < found.length; i++) {
            if (!(Math.abs(found[i] - expected[i]) <= TOLERANCE)) {
                throw new AssertionError("probability " + i + " is " + found[i] + ", expected " + expected[i]);
            }
        }
    }

    private static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited 60 s in vain");
            }
            LockSupport.parkNanos(50_000);
        }
    }

    private static double millis(long[] sortedNanos, double share) {
        return sortedNanos[(int) Math.min(sortedNanos.length - 1L, (long) (share * sortedNanos.length))] / 1e6;
    }

    private static long usedHeap() {
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            used = Math.min(
                    used,
                    Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return used;
    }

    /** Of the process, where the system tells; else 0. */
    private static long residentBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElse(0);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
