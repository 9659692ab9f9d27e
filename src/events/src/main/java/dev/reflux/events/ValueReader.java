package dev.reflux.events;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.DateTimeException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Reads the value under a parser into the row that a batch has begun. */
final class ValueReader {

    private static final int SHOWN = 60;

    private final TokenHasher hasher = new TokenHasher();
    private final IntConsumer tokens = this::addToken;
    private final DecodingListener listener;
    private final TeacherReader teachers = new TeacherReader();

    private @Nullable MicroBatchBuilder current;
    private int text;
    private long eventTime;

    ValueReader(DecodingListener listener) {
        this.listener = listener;
    }

    /** Turns to the row that {@code batch} has just begun. */
    void begin(MicroBatchBuilder batch, long timestamp) {
        current = batch;
        eventTime = timestamp;
    }

    /** The row's time: the event's own, else the timestamp it began with. */
    long eventTime() {
        return eventTime;
    }

    /** Reads the parser's current value, an array or object with all that is in it; null when all is well. */
    @Nullable
    Rejection read(JsonParser parser, Target target) throws IOException {
        JsonToken token = parser.currentToken();
        if (target instanceof Target.Numeric numeric && isNumber(token)) {
            return readNumeric(parser, numeric);
        }
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        if (target instanceof Target.Tensor tensor) {
            return token == JsonToken.START_ARRAY
                    ? readTensor(parser, tensor)
                    : wrongType(parser, tensor, "an array of numbers");
        }
        if (target instanceof Target.Teacher teacher) {
            return teachers.read(parser, token, teacher, batch());
        }
        if (isNumber(token) && !Double.isFinite(parser.getDoubleValue())) {
            return notFinite(parser, target);
        }
        if (target instanceof Target.Code code) {
            return readCode(parser, token, code);
        }
        if (target instanceof Target.Value value) {
            return readValue(parser, token, value);
        }
        if (target instanceof Target.Text words) {
            return readText(parser, token, words);
        }
        if (target instanceof Target.ClassLabel label) {
            return readLabel(parser, token, label);
        }
        if (target instanceof Target.Time time) {
            return readTime(parser, token, time);
        }
        if (target instanceof Target.Id id) {
            return readId(parser, token, id);
        }
        return wrongType(parser, target, "a number");
    }

    private @Nullable Rejection readNumeric(JsonParser parser, Target.Numeric target) throws IOException {
        float number = parser.getFloatValue();
        if (!Float.isFinite(number)) {
            return notFinite(parser, target);
        }
        batch().setNumeric(target.column(), number);
        return null;
    }

    private @Nullable Rejection readCode(JsonParser parser, JsonToken token, Target.Code target) throws IOException {
        if (!isNumber(token)) {
            return wrongType(parser, target, "a code from 0 to " + (target.size() - 1));
        }
        double code = parser.getDoubleValue();
        if (code != Math.rint(code)) {
            return wrongType(parser, target, "a whole number from 0 to " + (target.size() - 1));
        }
        batch().setCategory(target.column(), code >= 0 && code < target.size() ? (int) code : -1);
        return null;
    }

    private @Nullable Rejection readValue(JsonParser parser, JsonToken token, Target.Value target) throws IOException {
        Vocabulary values = target.values();
        int code;
        if (token == JsonToken.VALUE_STRING) {
            code = values.indexOf(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
        } else if (isNumber(token) && values.hasNumbers()) {
            code = values.indexOf(parser.getDoubleValue());
        } else if (isBoolean(token) && values.hasBooleans()) {
            code = values.indexOf(token == JsonToken.VALUE_TRUE);
        } else {
            return wrongType(parser, target, "one of its values, a string");
        }
        batch().setCategory(target.column(), code);
        return null;
    }

    private @Nullable Rejection readText(JsonParser parser, JsonToken token, Target.Text target) throws IOException {
        if (token != JsonToken.VALUE_STRING) {
            return wrongType(parser, target, "a string");
        }
        text = target.column();
        if (listener != DecodingListener.NONE) {
            listener.text(text, parser.getText());
        }
        hasher.buckets(
                parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength(), target.buckets(), tokens);
        return null;
    }

    private @Nullable Rejection readTensor(JsonParser parser, Target.Tensor target) throws IOException {
        int count = 0;
        for (int depth = 1; depth > 0; ) {
            JsonToken token = parser.nextToken();
            if (isNumber(token)) {
                float number = parser.getFloatValue();
                if (!Float.isFinite(number)) {
                    return notFinite(parser, target);
                }
                if (count == target.volume()) {
                    return wrongSize(target, "more than " + count);
                }
                batch().setTensor(target.start() + count++, number);
            } else if (token == JsonToken.START_ARRAY) {
                depth++;
            } else if (token == JsonToken.END_ARRAY) {
                depth--;
            } else {
                return wrongType(parser, target, "nothing but numbers in its arrays");
            }
        }
        return count == target.volume() ? null : wrongSize(target, Integer.toString(count));
    }

    private @Nullable Rejection readLabel(JsonParser parser, JsonToken token, Target.ClassLabel target)
            throws IOException {
        if (!token.isScalarValue()) {
            return wrongType(parser, target, "a class name");
        }
        int code = target.vocabulary().indexOf(parser);
        if (code < 0) {
            return new Rejection(
                    Reason.UNKNOWN_CLASS,
                    "the label at '" + target.path() + "': " + describe(parser) + " found, the classes are "
                            + target.classes());
        }
        batch().setLabel(code);
        return null;
    }

    private @Nullable Rejection readId(JsonParser parser, JsonToken token, Target.Id target) throws IOException {
        if (!token.isScalarValue()) {
            return wrongType(parser, target, "a string or a number");
        }
        listener.id(parser.getText());
        return null;
    }

    private @Nullable Rejection readTime(JsonParser parser, JsonToken token, Target.Time target) throws IOException {
        if (isNumber(token)) {
            double millis = parser.getDoubleValue();
            if (!(Math.abs(millis) < 0x1p63)) {
                return notFinite(parser, target);
            }
            eventTime = token == JsonToken.VALUE_NUMBER_INT ? parser.getLongValue() : (long) millis;
            return null;
        }
        if (token == JsonToken.VALUE_STRING) {
            try {
                eventTime = EventTime.parse(parser.getText());
                return null;
            } catch (DateTimeException | ArithmeticException e) {
                return wrongType(parser, target, "epoch milliseconds or ISO 8601, such as 2026-01-31T12:00:00Z");
            }
        }
        return wrongType(parser, target, "epoch milliseconds or an ISO 8601 string");
    }

    private void addToken(int bucket) {
        batch().addToken(text, bucket);
    }

    private MicroBatchBuilder batch() {
        if (current == null) {
            throw new IllegalStateException("no row was begun");
        }
        return current;
    }

    static boolean isNumber(@Nullable JsonToken token) {
        return token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT;
    }

    private static boolean isBoolean(JsonToken token) {
        return token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE;
    }

    static Rejection wrongType(JsonParser parser, Target target, String wanted) throws IOException {
        return new Rejection(Reason.WRONG_TYPE, place(target) + describe(parser) + " found, must be " + wanted);
    }

    static Rejection notFinite(JsonParser parser, Target target) throws IOException {
        return new Rejection(
                Reason.NOT_FINITE,
                place(target) + describe(parser)
                        + " found, must be finite and within the range of its type; send null for a missing value");
    }

    private static Rejection wrongSize(Target.Tensor target, String found) {
        return new Rejection(
                Reason.WRONG_TENSOR_SIZE,
                place(target) + found + " numbers found, shape " + target.shape() + " holds " + target.volume());
    }

    static String place(Target target) {
        return target.owner() + " at '" + target.path() + "': ";
    }

    /** The parser's current value in few words. */
    static String describe(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            return "an object";
        }
        if (token == JsonToken.START_ARRAY) {
            return "an array";
        }
        if (token == JsonToken.VALUE_STRING) {
            return "the string \"" + shorten(parser.getText()) + "\"";
        }
        return shorten(parser.getText());
    }

    static String shorten(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }
}
