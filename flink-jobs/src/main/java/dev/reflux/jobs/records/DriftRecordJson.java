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
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values of the drift topic. Writing the same record gives the same bytes; reading ignores unknown fields and rejects
 * newer versions. Windows and events are counted in the order of learning, from 0; {@code partition}, {@code offset} and
 * {@code time} are the position of the window's last event in the events topic, {@code changePartition} and so on that of an
 * event at or shortly before {@code changeEvent}. A {@code threshold} is null before the detector's first test, an
 * {@code estimate} before its first value or where there is none, a {@code probability} where the detector gives none.
 *
 * <p>Version 2 added {@code feature}, {@code probability}, the position of the change and {@code reactions}.
 */
public final class DriftRecordJson {

    /** Newest version that this build writes and reads. */
    public static final int VERSION = 2;

    /** Value of the header {@code reflux-format}. */
    public static final String FORMAT = "drift/" + VERSION;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private DriftRecordJson() {}

    /**
     * A place in the events topic.
     *
     * @param time of the event, in milliseconds since the epoch
     */
    public record Position(int partition, long offset, long time) {}

    /**
     * A record as it was published.
     *
     * @param end the window's last event
     * @param change an event at or shortly before the change; null where there is none, or it is no longer known
     * @param reactions what is done about it, as {@code drift.reaction} has it; empty but for an alarm
     */
    public record Published(
            String pipeline,
            DriftRecord drift,
            Position end,
            @Nullable Position change,
            List<String> reactions) {

        public Published {
            reactions = List.copyOf(reactions);
        }
    }

    /** The record as UTF-8 JSON without white space. */
    public static byte[] write(Published published) {
        DriftRecord drift = published.drift();
        ObjectNode json = MAPPER.createObjectNode();
        json.put("version", VERSION);
        json.put("pipeline", published.pipeline());
        json.put("subject", drift.subject());
        json.put("metric", drift.metric());
        json.put("feature", drift.feature());
        json.put("detector", drift.detector());
        json.put("level", drift.level().wireName());
        putFinite(json, "value", drift.value());
        putFinite(json, "threshold", drift.threshold());
        putFinite(json, "estimate", drift.estimate());
        json.put("probability", drift.probability());
        json.put("windowStart", drift.windowStart());
        json.put("windowEnd", drift.windowEnd());
        json.put("event", drift.event());
        json.put("changeEvent", drift.changeEvent());
        Position end = published.end();
        json.put("partition", end.partition());
        json.put("offset", end.offset());
        json.put("time", text(end.time()));
        Position change = published.change();
        json.put("changePartition", change == null ? null : (Integer) change.partition());
        json.put("changeOffset", change == null ? null : (Long) change.offset());
        json.put("changeTime", change == null ? null : text(change.time()));
        published.reactions().forEach(json.putArray("reactions")::add);
        try {
            return MAPPER.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of numbers and texts cannot fail to be written", e);
        }
    }

    private static String text(long time) {
        return Instant.ofEpochMilli(time).toString();
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
        DriftRecord drift = new DriftRecord(
                text(json, "subject"),
                text(json, "metric"),
                isGiven(json, "feature") ? text(json, "feature") : null,
                text(json, "detector"),
                number(json, "value", Double.NaN),
                number(json, "threshold", Double.POSITIVE_INFINITY),
                number(json, "estimate", Double.NaN),
                isGiven(json, "probability") ? (Double) number(json, "probability", Double.NaN) : null,
                DriftLevel.ofWireName(text(json, "level")),
                whole(json, "windowStart"),
                whole(json, "windowEnd"),
                whole(json, "event"),
                isGiven(json, "changeEvent") ? (Long) whole(json, "changeEvent") : null);
        Position end = new Position((int) whole(json, "partition"), whole(json, "offset"), time(json, "time"));
        Position change = isGiven(json, "changeOffset")
                ? new Position(
                        (int) whole(json, "changePartition"), whole(json, "changeOffset"), time(json, "changeTime"))
                : null;
        List<String> reactions = new ArrayList<>();
        json.path("reactions").forEach(reaction -> reactions.add(reaction.asText()));
        return new Published(text(json, "pipeline"), drift, end, change, reactions);
    }

    private static boolean isGiven(JsonNode json, String field) {
        return json.hasNonNull(field);
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

    private static long time(JsonNode json, String field) {
        String text = text(json, field);
        try {
            return Instant.parse(text).toEpochMilli();
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "drift record: " + field + " '" + text + "' found, must be ISO 8601 such as 2026-01-31T12:00:00Z",
                    e);
        }
    }

    private static IllegalArgumentException wrong(String field, JsonNode value, String expected) {
        return new IllegalArgumentException("drift record: " + field + ": "
                + (value.isMissingNode() ? "nothing" : value.toString()) + " found, must be " + expected);
    }
}
