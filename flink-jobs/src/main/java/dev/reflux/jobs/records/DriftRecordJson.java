package dev.reflux.jobs.records;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflux.drift.DriftLevel;
import dev.reflux.drift.DriftRecord;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/**
 * Values of the drift topic. Writing the same record gives the same bytes; reading ignores unknown fields and rejects
 * newer versions. Windows and events are counted in the order of learning, from 0; {@code partition} and
 * {@code offset} are the position of the window's last event in the events topic. A {@code threshold} is null before
 * the detector's first test, an {@code estimate} before its first value.
 */
public final class DriftRecordJson {

    /** Newest version that this build writes and reads. */
    public static final int VERSION = 1;

    /** Value of the header {@code reflux-format}. */
    public static final String FORMAT = "drift/" + VERSION;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private DriftRecordJson() {}

    /**
     * A record as it was published.
     *
     * @param partition of the events topic
     * @param offset in the partition
     * @param time of the window's last event, in milliseconds since the epoch
     */
    public record Published(String pipeline, DriftRecord drift, int partition, long offset, long time) {}

    /** The record as UTF-8 JSON without white space; parameters as in {@link Published}. */
    public static byte[] write(String pipeline, DriftRecord drift, int partition, long offset, long time) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("version", VERSION);
        json.put("pipeline", pipeline);
        json.put("subject", drift.subject());
        json.put("metric", drift.metric());
        json.put("detector", drift.detector());
        json.put("level", drift.level().wireName());
        putFinite(json, "value", drift.value());
        putFinite(json, "threshold", drift.threshold());
        putFinite(json, "estimate", drift.estimate());
        json.put("windowStart", drift.windowStart());
        json.put("windowEnd", drift.windowEnd());
        json.put("event", drift.event());
        json.put("changeEvent", drift.changeEvent());
        json.put("partition", partition);
        json.put("offset", offset);
        json.put("time", Instant.ofEpochMilli(time).toString());
        try {
            return MAPPER.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of numbers and texts cannot fail to be written", e);
        }
    }

    private static void putFinite(ObjectNode json, String field, double value) {
        if (Double.isFinite(value)) {
            json.put(field, value);
        } else {
            json.putNull(field);
        }
    }

    /** @throws IllegalArgumentException naming what is wrong: not JSON, a newer version, a field missing or of a wrong type */
    public static Published read(byte[] bytes) {
        JsonNode json;
        try {
            json = MAPPER.readTree(bytes);
        } catch (IOException e) {
            throw new IllegalArgumentException("drift record: not JSON, " + e.getMessage(), e);
        }
        int version = (int) whole(json, "version");
        if (version < 1 || version > VERSION) {
            throw new IllegalArgumentException(
                    "drift record: version " + version + " found, this build reads up to " + VERSION);
        }
        JsonNode change = json.get("changeEvent");
        DriftRecord drift = new DriftRecord(
                text(json, "subject"),
                text(json, "metric"),
                text(json, "detector"),
                number(json, "value", Double.NaN),
                number(json, "threshold", Double.POSITIVE_INFINITY),
                number(json, "estimate", Double.NaN),
                DriftLevel.ofWireName(text(json, "level")),
                whole(json, "windowStart"),
                whole(json, "windowEnd"),
                whole(json, "event"),
                change == null || change.isNull() ? null : whole(json, "changeEvent"));
        return new Published(
                text(json, "pipeline"), drift, (int) whole(json, "partition"), whole(json, "offset"), time(json));
    }

    private static String text(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (!value.isTextual()) {
            throw wrong(field, value, "a text");
        }
        return value.textValue();
    }

    private static long whole(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrong(field, value, "a whole number");
        }
        return value.longValue();
    }

    private static double number(JsonNode json, String field, double ofNull) {
        JsonNode value = json.path(field);
        if (value.isNull()) {
            return ofNull;
        }
        if (!value.isNumber()) {
            throw wrong(field, value, "a number or null");
        }
        return value.doubleValue();
    }

    private static long time(JsonNode json) {
        String text = text(json, "time");
        try {
            return Instant.parse(text).toEpochMilli();
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "drift record: time '" + text + "' found, must be ISO 8601 such as 2026-01-31T12:00:00Z", e);
        }
    }

    private static IllegalArgumentException wrong(String field, JsonNode value, String expected) {
        return new IllegalArgumentException("drift record: " + field + ": "
                + (value.isMissingNode() ? "nothing" : value.toString()) + " found, must be " + expected);
    }
}
