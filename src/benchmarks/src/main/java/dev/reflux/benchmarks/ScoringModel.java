package dev.reflux.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflux.checkpoints.onnx.OnnxStudent;
import dev.reflux.checkpoints.onnx.RawBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** One model of numeric inputs and one batch of them. */
final class ScoringModel implements AutoCloseable {

    private static final int CALLS_BETWEEN_LOOKS = 16;

    private final int rows;
    private final OnnxStudent student;
    private final RawBatch batch;
    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final Map<String, OnnxTensor> outputs = new HashMap<>();

    ScoringModel(byte[] model, int rows) throws OrtException {
        this(model, rows, new OrtSession.SessionOptions());
    }

    private ScoringModel(byte[] model, int rows, OrtSession.SessionOptions options) throws OrtException {
        this.rows = rows;
        this.student = new OnnxStudent(model);
        int columns = student.inputs().size();
        float[] values = new float[rows * columns];
        SplittableRandom random = new SplittableRandom(rows);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextDouble() * 2 - 1);
        }
        this.batch = new RawBatch(rows, values, List.of(), List.of(), List.of());
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (options) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            this.session = environment.createSession(model, options);
        }
        for (int column = 0; column < columns; column++) {
            FloatBuffer buffer = floats(rows);
            for (int row = 0; row < rows; row++) {
                buffer.put(row, values[row * columns + column]);
            }
            inputs.put(
                    student.inputs().get(column).name(),
                    OnnxTensor.createTensor(environment, buffer, new long[] {rows, 1}));
        }
        int classes = student.classes().size();
        outputs.put(
                "probabilities",
                OnnxTensor.createTensor(environment, floats(rows * classes), new long[] {rows, classes}));
    }

    private static FloatBuffer floats(int count) {
        return ByteBuffer.allocateDirect(count * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    /** Events per second of the runtime's call alone. */
    double runtimeRate(double seconds) throws OrtException {
        long start = System.nanoTime();
        long calls = 0;
        double spent;
        do {
            for (int i = 0; i < CALLS_BETWEEN_LOOKS; i++) {
                session.run(inputs, outputs).close();
            }
            calls += CALLS_BETWEEN_LOOKS;
            spent = (System.nanoTime() - start) / 1e9;
        } while (spent < seconds);
        return calls * rows / spent;
    }

    /** Events per second of a student's call, raw columns in and probabilities out. */
    double clientRate(double seconds) {
        long start = System.nanoTime();
        long calls = 0;
        double spent;
        do {
            for (int i = 0; i < CALLS_BETWEEN_LOOKS; i++) {
                student.score(batch);
            }
            calls += CALLS_BETWEEN_LOOKS;
            spent = (System.nanoTime() - start) / 1e9;
        } while (spent < seconds);
        return calls * rows / spent;
    }

    /** Share of a call by kind of node, largest first; what lies between the nodes is {@code (between nodes)}. */
    static Map<String, Double> profile(byte[] model, int rows, double seconds) throws OrtException, IOException {
        Path folder = Files.createTempDirectory("reflux-profile");
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.enableProfiling(folder.resolve("calls").toString());
        Map<String, Double> micros = new HashMap<>();
        double all = 0;
        try (ScoringModel measured = new ScoringModel(model, rows, options)) {
            measured.runtimeRate(Math.min(seconds, 0.2));
            Path written = Path.of(measured.session.endProfiling());
            JsonNode found = new ObjectMapper().readTree(written.toFile());
            Files.delete(written);
            for (JsonNode event : found) {
                double duration = event.path("dur").asDouble();
                if (event.path("name").asText().equals("model_run")) {
                    all += duration;
                } else if (event.path("name").asText().endsWith("_kernel_time")) {
                    micros.merge(event.path("args").path("op_name").asText(), duration, Double::sum);
                }
            }
        } finally {
            Files.delete(folder);
        }
        double total = all;
        micros.put(
                "(between nodes)",
                total
                        - micros.values().stream()
                                .mapToDouble(Double::doubleValue)
                                .sum());
        Map<String, Double> shares = new LinkedHashMap<>();
        micros.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .forEach(entry -> shares.put(entry.getKey(), entry.getValue() / total));
        return shares;
    }

    @Override
    public void close() throws OrtException {
        inputs.values().forEach(OnnxTensor::close);
        outputs.values().forEach(OnnxTensor::close);
        session.close();
        student.close();
    }
}
