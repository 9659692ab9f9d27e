package dev.reflux.checkpoints.gate;

import dev.reflux.checkpoints.CheckpointRecord;
import dev.reflux.checkpoints.Manifest;
import dev.reflux.checkpoints.ManifestJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A gate's decision as it travels, beside the checkpoints and not among them: key = student name, value = JSON, header
 * {@code reflux-format: checkpoint-decision/1}. The schema is the resource {@code decision-1.schema.json} beside this class.
 *
 * @param key UTF-8
 * @param value UTF-8 JSON
 * @param headers of the record, their values in UTF-8
 */
public record DecisionRecord(byte[] key, byte[] value, Map<String, String> headers) {

    /** Version of the format; the first field of its JSON. */
    public static final int VERSION = 1;

    /** Value of the header {@value CheckpointRecord#FORMAT_HEADER}. */
    public static final String FORMAT = "checkpoint-decision/" + VERSION;

    /**
     * Writes a decision; equal decisions give equal bytes.
     *
     * @param decided time of the decision
     * @param sha256 of the model published; null when it was held
     */
    public static DecisionRecord encode(
            String pipeline, String student, GateDecision decision, Instant decided, @Nullable String sha256) {
        Candidate candidate = decision.candidate();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("version", VERSION);
        json.put("pipeline", pipeline);
        json.put("student", student);
        json.put("step", candidate.step());
        json.put("eventsSeen", candidate.eventsSeen());
        json.put("decided", decided.toString());
        json.put("decision", decision.decision().name());
        List<Object> reasons = new ArrayList<>();
        for (Reason reason : decision.reasons()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("code", reason.code().wireName());
            one.put("text", reason.text());
            reasons.add(one);
        }
        json.put("reasons", reasons);
        json.put("sha256", sha256);
        json.put("driftLevel", candidate.drift().name().toLowerCase(Locale.ROOT));
        json.put("quality", quality(candidate.quality()));
        json.put("published", published(decision.publishedStep(), decision.publishedQuality()));
        json.put("comparison", comparison(decision.comparison()));
        return new DecisionRecord(
                student.getBytes(StandardCharsets.UTF_8),
                ManifestJson.writeTree(json),
                Map.of(CheckpointRecord.FORMAT_HEADER, FORMAT));
    }

    private static Map<String, @Nullable Object> quality(Manifest.Quality quality) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("accuracy", number(quality.accuracy()));
        json.put("kappa", number(quality.kappa()));
        json.put("logLoss", number(quality.logLoss()));
        json.put("calibrationError", number(quality.calibrationError()));
        json.put("agreement", number(quality.agreement()));
        json.put("window", quality.window());
        return json;
    }

    private static @Nullable Object published(OptionalLong step, Manifest.@Nullable Quality quality) {
        if (step.isEmpty() || quality == null) {
            return null;
        }
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("step", step.getAsLong());
        json.put("quality", quality(quality));
        return json;
    }

    private static @Nullable Object comparison(Comparison comparison) {
        if (comparison.events() == 0) {
            return null;
        }
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("events", comparison.events());
        json.put("accuracy", number(comparison.accuracy()));
        json.put("kappa", number(comparison.kappa()));
        json.put("publishedAccuracy", number(comparison.publishedAccuracy()));
        json.put("onlyStudentRight", comparison.onlyStudentRight());
        json.put("onlyPublishedRight", comparison.onlyPublishedRight());
        json.put("logLoss", number(comparison.logLoss()));
        json.put("publishedLogLoss", number(comparison.publishedLogLoss()));
        json.put("chanceLogLoss", number(comparison.chanceLogLoss()));
        return json;
    }

    private static @Nullable Object number(double value) {
        return Double.isFinite(value) ? value : null;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DecisionRecord that
                && Arrays.equals(key, that.key)
                && Arrays.equals(value, that.value)
                && headers.equals(that.headers);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return "DecisionRecord[" + new String(value, StandardCharsets.UTF_8) + "]";
    }
}
