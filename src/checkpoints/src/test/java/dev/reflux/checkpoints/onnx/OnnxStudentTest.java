package dev.reflux.checkpoints.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.reflux.checkpoints.CheckpointException;
import dev.reflux.checkpoints.CheckpointException.Problem;
import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.InputColumn.Numeric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxStudentTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 512})
    void score_allKindsOfColumns_isWhatPlainJavaSays(int count) {
        List<Map<String, Object>> rows = Students.rows(count, 5);
        try (OnnxStudent student = new OnnxStudent(Students.linear(3))) {
            float[] scores = student.score(RawBatch.of(student.inputs(), rows));

            float[] expected = Students.linearInJava(3, rows);
            assertThat(scores).hasSameSizeAs(expected);
            for (int i = 0; i < scores.length; i++) {
                assertThat(scores[i]).as("value %d", i).isCloseTo(expected[i], within(2e-6f));
            }
        }
    }

    @Test
    void score_handComputed_isTheSoftmax() {
        OnnxModelBuilder builder = new OnnxModelBuilder(List.of(new Numeric("a"), new Numeric("b")));
        byte[] model = builder.finish(builder.numeric(), List.of("x", "y"), Map.of());
        try (OnnxStudent student = new OnnxStudent(model)) {
            RawBatch batch =
                    new RawBatch(2, new float[] {0, 0, (float) Math.log(3), 0}, List.of(), List.of(), List.of());

            assertThat(student.score(batch)).containsExactly(new float[] {0.5f, 0.5f, 0.75f, 0.25f}, within(1e-6f));
            assertThat(student.logits(batch)).containsExactly(0, 0, (float) Math.log(3), 0);
        }
    }

    @Test
    void score_changingBatchSizes_leavesNothingBehind() {
        List<Map<String, Object>> rows = Students.rows(40, 9);
        try (OnnxStudent student = new OnnxStudent(Students.linear(3))) {
            float[] all = student.score(RawBatch.of(student.inputs(), rows));
            for (int size : new int[] {1, 40, 3, 3, 17, 1}) {
                assertThat(student.score(RawBatch.of(student.inputs(), rows.subList(0, size))))
                        .containsExactly(Arrays.copyOf(all, size * 3), within(1e-6f));
            }
            assertThat(student.score(RawBatch.of(student.inputs(), List.of()))).isEmpty();
        }
    }

    @Test
    void metadata_isWhatTheBuilderWrote() {
        try (OnnxStudent student = new OnnxStudent(Students.linear(3))) {
            assertThat(student.inputs()).isEqualTo(Students.COLUMNS);
            assertThat(student.classes()).isEqualTo(Students.CLASSES);
            assertThat(student.metadata()).containsEntry("pipeline", "p").containsEntry("step", "12");
        }
    }

    @Test
    void score_manyThreads_agree() throws Exception {
        List<Map<String, Object>> rows = Students.rows(16, 2);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (OnnxStudent student = new OnnxStudent(Students.linear(3))) {
            RawBatch batch = RawBatch.of(student.inputs(), rows);
            float[] expected = student.score(batch);
            List<Future<?>> running = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                running.add(threads.submit(() -> {
                    for (int i = 0; i < 200; i++) {
                        assertThat(student.score(batch)).isEqualTo(expected);
                    }
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void close_whileOthersScore_waitsForThem() throws Exception {
        OnnxStudent student = new OnnxStudent(Students.linear(3));
        RawBatch batch = RawBatch.of(student.inputs(), Students.rows(64, 2));
        CountDownLatch started = new CountDownLatch(2);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        List<Future<Integer>> running = new ArrayList<>();
        for (int t = 0; t < 2; t++) {
            running.add(threads.submit(() -> {
                int scored = 0;
                while (true) {
                    try {
                        student.score(batch);
                    } catch (IllegalStateException e) {
                        assertThat(e).hasMessageContaining("is closed");
                        return scored;
                    }
                    if (scored++ == 0) {
                        started.countDown();
                    }
                }
            }));
        }
        started.await();
        student.close();
        student.close();
        for (Future<Integer> one : running) {
            assertThat(one.get()).isPositive();
        }
        threads.shutdown();
        assertThatIllegalStateException().isThrownBy(() -> student.logits(batch));
    }

    @Test
    void openScoreClose_manyTimes_keepsMemoryFlat() throws IOException {
        assumeThat(Files.exists(Path.of("/proc/self/status"))).isTrue();
        byte[] model = wide();
        RawBatch batch = new RawBatch(256, new float[256 * 64], List.of(), List.of(), List.of());
        long before = 0;
        for (int i = 0; i < 120; i++) {
            if (i == 40) {
                System.gc();
                before = residentKilobytes();
            }
            try (OnnxStudent student = new OnnxStudent(model)) {
                student.score(batch);
            }
        }
        System.gc();

        // each student holds over 2 MB of weights: a leak of the sessions would be 160 MB here
        assertThat(residentKilobytes() - before).isLessThan(60_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 20, 1000, 1800})
    void constructor_truncatedModel_isBadModel(int length) {
        assertBad(Arrays.copyOf(Students.linear(3), length));
    }

    @Test
    void constructor_flippedBytes_isBadModelOrScores() {
        byte[] model = Students.linear(3);
        Random random = new Random(11);
        RawBatch batch = RawBatch.of(Students.COLUMNS, Students.rows(3, 1));
        int rejected = 0;
        for (int i = 0; i < 60; i++) {
            byte[] broken = model.clone();
            broken[random.nextInt(broken.length)] ^= (byte) (1 << random.nextInt(8));
            try (OnnxStudent student = new OnnxStudent(broken)) {
                assertThat(student.classes()).hasSize(3);
                student.score(batch);
            } catch (CheckpointException e) {
                assertThat(e.problem()).isEqualTo(Problem.BAD_MODEL);
                rejected++;
            } catch (IllegalArgumentException | IllegalStateException e) {
                rejected++;
            }
        }
        assertThat(rejected).isPositive();
    }

    @Test
    void constructor_foreignModel_saysWhatIsMissing() throws Exception {
        ModelProto model = ModelProto.parseFrom(Students.linear(3));

        assertBad(model.toBuilder().clearMetadataProps().build().toByteArray())
                .withMessageContaining("property 'classes' is missing");
        ModelProto.Builder renamed = model.toBuilder();
        renamed.getMetadataPropsBuilderList().stream()
                .filter(property -> property.getKey().equals("inputs"))
                .forEach(property -> property.setValue(property.getValue().replace("price", "cost")));
        assertBad(renamed.build().toByteArray()).withMessageContaining("its graph takes");
        ModelProto.Builder retyped = model.toBuilder();
        retyped.getMetadataPropsBuilderList().stream()
                .filter(property -> property.getKey().equals("inputs"))
                .forEach(property -> property.setValue(property.getValue()
                        .replace("\"type\":\"category\",\"onnxType\":\"int64\"", "\"type\":\"numeric\"")));
        assertBad(retyped.build().toByteArray()).withMessageContaining("'day'");
    }

    @Test
    void constructor_otherClassesInMetadataThanInTheGraph_isBadModel() throws Exception {
        ModelProto.Builder model = ModelProto.parseFrom(Students.linear(3)).toBuilder();
        model.getMetadataPropsBuilderList().stream()
                .filter(property -> property.getKey().equals("classes"))
                .forEach(property -> property.setValue("[\"a\",\"b\"]"));

        assertBad(model.build().toByteArray()).withMessageContaining("2 classes");
    }

    @Test
    void score_batchOfOtherColumns_saysWhich() {
        try (OnnxStudent student = new OnnxStudent(Students.linear(3))) {
            RawBatch good = RawBatch.of(student.inputs(), Students.rows(2, 1));

            assertRefused(student, new RawBatch(2, new float[2], good.categories(), good.texts(), good.tensors()))
                    .withMessageContaining("2 numeric values, the model takes 4");
            assertRefused(student, new RawBatch(2, good.numerics(), List.of(), good.texts(), good.tensors()))
                    .withMessageContaining("0 category columns");
            assertRefused(
                            student,
                            new RawBatch(
                                    2,
                                    good.numerics(),
                                    List.of(
                                            good.categories().get(1),
                                            good.categories().get(0)),
                                    good.texts(),
                                    good.tensors()))
                    .withMessageContaining("'day' takes codes");
            assertRefused(
                            student,
                            new RawBatch(
                                    2,
                                    good.numerics(),
                                    good.categories(),
                                    List.<String[]>of(new String[1]),
                                    good.tensors()))
                    .withMessageContaining("1 texts of 'text', the model takes 2");
            assertRefused(
                            student,
                            new RawBatch(
                                    2,
                                    good.numerics(),
                                    good.categories(),
                                    good.texts(),
                                    List.of(new float[12], new float[1])))
                    .withMessageContaining("2 tensor columns, the model takes 1");
        }
    }

    @Test
    void rawBatch_wrongValue_namesRowAndColumn() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RawBatch.of(Students.COLUMNS, List.of(Map.of(), Map.of("price", "12"))))
                .withMessageContaining("row 1: the value of 'price' is 12 (String)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RawBatch.of(Students.COLUMNS, List.of(Map.of("day", 1.5))))
                .withMessageContaining("an integer code");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RawBatch.of(Students.COLUMNS, List.of(Map.of("image", new float[5]))))
                .withMessageContaining("is float[5]")
                .withMessageContaining("float[6]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RawBatch.of(Students.COLUMNS, List.of(Map.of("text", 5))))
                .withMessageContaining("a string");
    }

    private static ThrowableAssertAlternative<IllegalArgumentException> assertRefused(
            OnnxStudent student, RawBatch batch) {
        return assertThatIllegalArgumentException().isThrownBy(() -> student.score(batch));
    }

    private static ThrowableAssertAlternative<CheckpointException> assertBad(byte[] model) {
        return assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> new OnnxStudent(model).close())
                .matches(e -> e.problem() == Problem.BAD_MODEL, "is a bad model");
    }

    private static byte[] wide() {
        List<InputColumn> columns = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            columns.add(new Numeric("n" + i));
        }
        OnnxModelBuilder builder = new OnnxModelBuilder(columns);
        String hidden =
                builder.node("MatMul", builder.numeric(), builder.constant("a", new float[64 * 8192], 64, 8192));
        String logits = builder.node("MatMul", hidden, builder.constant("b", new float[8192 * 2], 8192, 2));
        return builder.finish(logits, List.of("x", "y"), Map.of());
    }

    private static long residentKilobytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
