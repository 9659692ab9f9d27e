package dev.reflux.checkpoints;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a published student says of itself; all of a checkpoint but the model's bytes.
 *
 * @param step training steps the student has taken; the version of the student in {@code parentVersion}
 * @param eventsSeen events of the stream up to and with this student
 * @param created time of export
 * @param sha256 of the ONNX bytes, 64 lower-case hexadecimal digits
 * @param size of the ONNX model in bytes
 * @param inputs raw features, in the order of the pipeline file
 * @param classes names, in the order of the columns of {@code probabilities}
 * @param parentVersion step of the student published before this one; null for the first
 * @param precision of the weights: {@code fp32}, {@code fp16} or {@code int8}
 * @param precisionLoss what fewer bits cost; null at {@code fp32}
 * @param rollback how an older student came to be published again; null for one that comes from training
 */
public record Manifest(
        String pipeline,
        String student,
        long step,
        long eventsSeen,
        Instant created,
        String sha256,
        long size,
        List<InputColumn> inputs,
        List<String> classes,
        Quality quality,
        @Nullable Long parentVersion,
        Gate gate,
        Verification verification,
        String precision,
        @Nullable PrecisionLoss precisionLoss,
        @Nullable Rollback rollback) {

    /** Version of the manifest's format; the first field of its JSON. */
    public static final int VERSION = 1;

    /** Weights as 32-bit floats. */
    public static final String FP32 = "fp32";

    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    public Manifest {
        inputs = List.copyOf(inputs);
        classes = List.copyOf(classes);
        requireText("pipeline", pipeline);
        requireText("student", student);
        requireText("precision", precision);
        requireCount("step", step);
        requireCount("eventsSeen", eventsSeen);
        if (!SHA256.matcher(sha256).matches()) {
            throw new IllegalArgumentException(
                    "sha256 is '" + sha256 + "'; it must be 64 lower-case hexadecimal digits of the ONNX bytes");
        }
        if (size < 1) {
            throw new IllegalArgumentException("size is " + size + "; it must be the length of the ONNX bytes");
        }
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("inputs is empty; a student takes at least one feature");
        }
        HashSet<String> names = new HashSet<>();
        for (InputColumn input : inputs) {
            if (!names.add(input.name())) {
                throw new IllegalArgumentException(
                        "inputs names '" + input.name() + "' twice; each feature needs its own name");
            }
        }
        if (classes.size() < 2 || new HashSet<>(classes).size() != classes.size()) {
            throw new IllegalArgumentException("classes is " + classes + "; it needs at least two different names");
        }
        if (parentVersion != null) {
            requireCount("parentVersion", parentVersion);
        }
    }

    /** A student with 32-bit weights that comes from training. */
    public Manifest(
            String pipeline,
            String student,
            long step,
            long eventsSeen,
            Instant created,
            String sha256,
            long size,
            List<InputColumn> inputs,
            List<String> classes,
            Quality quality,
            @Nullable Long parentVersion,
            Gate gate,
            Verification verification) {
        this(
                pipeline,
                student,
                step,
                eventsSeen,
                created,
                sha256,
                size,
                inputs,
                classes,
                quality,
                parentVersion,
                gate,
                verification,
                FP32,
                null,
                null);
    }

    /**
     * Prequential quality over the last {@code window} labelled events: each was predicted before it was learned. NaN
     * (JSON null) where nothing was measured.
     *
     * @param accuracy share in 0..1
     * @param kappa Cohen's kappa, at most 1
     * @param logLoss mean negative log likelihood in nats
     * @param calibrationError expected calibration error in 0..1
     * @param agreement share of events on which student and teacher name the same class, 0..1
     * @param window number of labelled events measured on
     */
    public record Quality(
            double accuracy, double kappa, double logLoss, double calibrationError, double agreement, long window) {
        public Quality {
            requireRange("quality.accuracy", accuracy, 0, 1);
            requireRange("quality.kappa", kappa, Double.NEGATIVE_INFINITY, 1);
            requireRange("quality.logLoss", logLoss, 0, Double.POSITIVE_INFINITY);
            requireRange("quality.calibrationError", calibrationError, 0, 1);
            requireRange("quality.agreement", agreement, 0, 1);
            requireCount("quality.window", window);
        }
    }

    /** What the gate said, and why. */
    public record Gate(Decision decision, List<String> reasons) {
        public Gate {
            reasons = List.copyOf(reasons);
        }
    }

    /** Outcome of the gate. */
    public enum Decision {
        PUBLISHED,
        HELD
    }

    /**
     * The exported model against the live student on the same rows.
     *
     * @param maxDifference largest absolute difference of a probability; NaN when a value was not a number
     * @param rows rows compared
     */
    public record Verification(double maxDifference, int rows) {

        /** Above this difference a student is not published. */
        public static final double LIMIT = 1e-4;

        public Verification {
            requireRange("verification.maxDifference", maxDifference, 0, 1);
            requireCount("verification.rows", rows);
        }

        /** At least one row was compared and no probability differs by more than {@link #LIMIT}. */
        public boolean passed() {
            return rows > 0 && maxDifference <= LIMIT;
        }
    }

    /**
     * The model with fewer bits against the same model with 32-bit weights, on the labelled events of the evaluation window.
     *
     * @param accuracy lost, a share in -1..1; negative when the rounded model happened to do better; NaN without labels
     * @param logLoss added, in nats; NaN without labels
     * @param maxDifference largest absolute difference of a probability
     * @param events labelled events measured on
     */
    public record PrecisionLoss(double accuracy, double logLoss, double maxDifference, long events) {
        public PrecisionLoss {
            requireRange("precisionLoss.accuracy", accuracy, -1, 1);
            requireRange("precisionLoss.logLoss", logLoss, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
            requireRange("precisionLoss.maxDifference", maxDifference, 0, 1);
            requireCount("precisionLoss.events", events);
        }
    }

    /**
     * Where a student that was published again comes from.
     *
     * @param from step of the student that it took the place of, which is also its {@code parentVersion}
     * @param created when it was published first
     * @param reason in the words of whoever did it
     */
    public record Rollback(long from, Instant created, String reason) {
        public Rollback {
            requireCount("rollback.from", from);
        }
    }

    private static void requireText(String field, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(field + " is blank; it must name the " + field);
        }
    }

    private static void requireCount(String field, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(field + " is " + value + "; it counts something and cannot be negative");
        }
    }

    private static void requireRange(String field, double value, double low, double high) {
        if (value < low || value > high || Double.isInfinite(value)) {
            throw new IllegalArgumentException(field + " is " + value + "; it must be finite and in [" + low + ", "
                    + high + "], or NaN when it was not measured");
        }
    }
}
