package dev.reflux.events;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON events into the rows of a micro-batch in one pass, without building a tree. A bad event is refused with a
 * reason and leaves nothing behind in the batch. Not for several threads at once.
 */
public final class EventDecoder {

    /** How long an event may be unless told otherwise: 1 MiB. */
    public static final int DEFAULT_MAX_BYTES = 1 << 20;

    private static final JsonFactory JSON = JsonFactory.builder()
            // NaN and Infinity are read in order to be refused by name, where a feature or label has them
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
            // names come from outside: the JVM-wide table of strings is not theirs to fill
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private final BatchLayout layout;
    private final int maxBytes;
    private final List<Target> targets;
    private final FieldNode root;
    private final int requiredFields;
    private final ValueReader values;

    private long event;
    private int requiredMet;

    /** A decoder for events of up to {@link #DEFAULT_MAX_BYTES}. */
    public EventDecoder(EventSchema schema) {
        this(schema, DEFAULT_MAX_BYTES);
    }

    /**
     * A decoder with a limit of its own.
     *
     * @param maxBytes longer events are refused unread ({@link Reason#TOO_LARGE})
     */
    public EventDecoder(EventSchema schema, int maxBytes) {
        this(schema, maxBytes, DecodingListener.NONE);
    }

    /**
     * A decoder that also hands over texts and the identity.
     *
     * @param maxBytes longer events are refused unread ({@link Reason#TOO_LARGE})
     */
    public EventDecoder(EventSchema schema, int maxBytes, DecodingListener listener) {
        if (maxBytes < 2) {
            throw new IllegalArgumentException(
                    "longest event: " + maxBytes + " bytes found, must be at least 2, the length of {}");
        }
        this.maxBytes = maxBytes;
        this.values = new ValueReader(listener);
        layout = schema.layout();
        targets = Target.of(schema);
        if (listener != DecodingListener.NONE && schema.id() != null) {
            targets.add(new Target.Id(schema.id()));
        }
        root = FieldNode.rootOf(targets);
        requiredFields = (int) targets.stream().filter(Target::required).count();
    }

    /** The columns of the rows it writes. */
    public BatchLayout layout() {
        return layout;
    }

    /**
     * Adds the event as a row to {@code batch}, or tells why not.
     *
     * @param value the record's value; null for a tombstone
     * @param timestamp the record's timestamp in epoch milliseconds, the row's time unless the event has its own
     * @param batch a builder that is not full, for the layout of this decoder
     * @return null when the event was added
     */
    public @Nullable Rejection decode(
            byte @Nullable [] value, int partition, long offset, long timestamp, MicroBatchBuilder batch) {
        if (batch.layout() != layout && !batch.layout().equals(layout)) {
            throw new IllegalArgumentException(
                    "batch of layout " + batch.layout() + " found, this decoder writes " + layout);
        }
        if (value == null) {
            return new Rejection(Reason.NOT_JSON, "the record has no value (a tombstone); an event is a JSON object");
        }
        if (value.length > maxBytes) {
            return new Rejection(Reason.TOO_LARGE, value.length + " bytes found, an event may have up to " + maxBytes);
        }
        batch.beginRow();
        values.begin(batch, timestamp);
        Rejection rejection = read(value);
        if (rejection == null) {
            batch.commitRow(partition, offset, values.eventTime());
        } else {
            batch.discardRow();
        }
        return rejection;
    }

    private @Nullable Rejection read(byte[] value) {
        event++;
        requiredMet = 0;
        try (JsonParser parser = JSON.createParser(value)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return new Rejection(Reason.NOT_JSON, "the value is empty; an event is a JSON object");
            }
            if (first != JsonToken.START_OBJECT) {
                return new Rejection(
                        Reason.WRONG_TYPE, ValueReader.describe(parser) + " found, an event is a JSON object");
            }
            Rejection rejection = readObject(parser, root);
            if (rejection != null) {
                return rejection;
            }
            if (parser.nextToken() != null) {
                return new Rejection(
                        Reason.NOT_JSON,
                        ValueReader.describe(parser) + " found after the event's end; a record holds one event");
            }
        } catch (JsonProcessingException e) {
            return new Rejection(Reason.NOT_JSON, e.getOriginalMessage() + at(e));
        } catch (IOException | RuntimeException e) {
            // whatever a hostile event does to the parser must not stop the stream
            return new Rejection(Reason.NOT_JSON, "the parser failed: " + e);
        }
        return requiredMet == requiredFields ? null : missingField();
    }

    private @Nullable Rejection readObject(JsonParser parser, FieldNode parent) throws IOException {
        FieldNode last = null;
        while (true) {
            FieldNode child = parent.after(last);
            if (child == null || !parser.nextFieldName(child.name)) {
                JsonToken token = child == null ? parser.nextToken() : parser.currentToken();
                if (token != JsonToken.FIELD_NAME) {
                    return null;
                }
                child = parent.child(parser.currentName());
            }
            parser.nextToken();
            if (child == null) {
                parser.skipChildren();
                continue;
            }
            last = child;
            Rejection rejection = readField(parser, child);
            if (rejection != null) {
                return rejection;
            }
        }
    }

    private @Nullable Rejection readArray(JsonParser parser, FieldNode parent) throws IOException {
        for (int element = 0; parser.nextToken() != JsonToken.END_ARRAY; element++) {
            FieldNode child = parent.child(element);
            if (child == null) {
                parser.skipChildren();
                continue;
            }
            Rejection rejection = readField(parser, child);
            if (rejection != null) {
                return rejection;
            }
        }
        return null;
    }

    private @Nullable Rejection readField(JsonParser parser, FieldNode field) throws IOException {
        if (field.metIn == event) {
            return new Rejection(
                    Reason.NOT_JSON, "field '" + field.name.getValue() + "' is given twice; which one counts?");
        }
        field.metIn = event;
        List<Target> readers = field.targets();
        if (readers.isEmpty()) {
            return readInside(parser, field);
        }
        for (int i = 0; i < readers.size(); i++) {
            Target target = readers.get(i);
            Rejection rejection = values.read(parser, target);
            if (rejection != null) {
                return rejection;
            }
            if (target.required()) {
                requiredMet++;
            }
        }
        return null;
    }

    private @Nullable Rejection readInside(JsonParser parser, FieldNode field) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            return readObject(parser, field);
        }
        if (token == JsonToken.START_ARRAY && field.hasElements()) {
            return readArray(parser, field);
        }
        parser.skipChildren();
        return null;
    }

    private Rejection missingField() {
        for (Target target : targets) {
            if (target.required() && !wasMet(target)) {
                return new Rejection(
                        Reason.MISSING_FIELD,
                        target.owner() + ": no field at '" + target.path()
                                + "'; send null for a missing value, or make the feature optional");
            }
        }
        throw new IllegalStateException(
                "all " + requiredFields + " required fields were met, but only " + requiredMet + " were counted");
    }

    private boolean wasMet(Target target) {
        FieldNode node = root;
        for (String segment : JsonPointer.parse(target.path()).segments()) {
            FieldNode child = node.child(segment);
            if (child == null || child.metIn != event) {
                return false;
            }
            node = child;
        }
        return true;
    }

    private static String at(JsonProcessingException e) {
        return e.getLocation() == null ? "" : " (byte " + e.getLocation().getByteOffset() + ")";
    }
}
