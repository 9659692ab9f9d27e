package dev.reflux.service.malformed;

import dev.reflux.events.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A way to break an event.
 *
 * @param how from the bytes of a good event to those of a bad one; null makes a tombstone
 */
record Broken(String name, Reason reason, UnaryOperator<byte[]> how) {

    /** Largest event of the pipeline that the broken ones are made for, in bytes. */
    static final int MAX_BYTES = 4096;

    /** Every way there is; each makes its event from one of {@link GoodEvents}. */
    static List<Broken> all() {
        List<Broken> all = new ArrayList<>();
        raw(all, "a tombstone", Reason.NOT_JSON, good -> null);
        raw(all, "an empty value", Reason.NOT_JSON, good -> new byte[0]);
        raw(all, "random bytes", Reason.NOT_JSON, good -> new byte[] {(byte) 0x93, 0x01, (byte) 0xfe, 0x7f});
        raw(all, "another UTF-8 than UTF-8", Reason.NOT_JSON, Broken::withInvalidUtf8);
        text(all, "blanks", Reason.NOT_JSON, good -> " \n\t ");
        text(all, "plain text", Reason.NOT_JSON, good -> "ERROR something happened");
        text(all, "XML", Reason.NOT_JSON, good -> "<event><x>1</x></event>");
        text(all, "cut short", Reason.NOT_JSON, good -> good.substring(0, good.length() / 2));
        text(all, "without its last byte", Reason.NOT_JSON, good -> good.substring(0, good.length() - 1));
        text(all, "with something after its end", Reason.NOT_JSON, good -> good + " x");
        text(all, "two events in one record", Reason.NOT_JSON, good -> good + good);
        text(all, "a field given twice", Reason.NOT_JSON, good -> good.replace("\"zone\"", "\"x\":1,\"zone\""));
        text(all, "single quotes", Reason.NOT_JSON, good -> good.replace('"', '\''));
        text(all, "a comma before the end", Reason.NOT_JSON, good -> good.replace("}", ",}"));
        text(
                all,
                "nested without end",
                Reason.NOT_JSON,
                good -> good.replace("\"zone\"", "\"extra\":" + "[".repeat(1500) + "]".repeat(1500) + ",\"zone\""));

        text(all, "an array", Reason.WRONG_TYPE, good -> "[" + good + "]");
        text(all, "a number", Reason.WRONG_TYPE, good -> "42");
        text(all, "a string", Reason.WRONG_TYPE, good -> "\"x\"");
        text(all, "null", Reason.WRONG_TYPE, good -> "null");
        field(all, "a string for a number", Reason.WRONG_TYPE, "x", "\"0.5\"");
        field(all, "an object for a number", Reason.WRONG_TYPE, "y", "{\"value\":1}");
        field(all, "a boolean for a number", Reason.WRONG_TYPE, "y", "true");
        field(all, "a string for a code", Reason.WRONG_TYPE, "zone", "\"north\"");
        field(all, "half a code", Reason.WRONG_TYPE, "zone", "1.5");
        field(all, "a number for a text", Reason.WRONG_TYPE, "note", "7");
        field(all, "an array for a text", Reason.WRONG_TYPE, "note", "[\"a\"]");
        field(all, "a number for a tensor", Reason.WRONG_TYPE, "image", "1");
        field(all, "a string in a tensor", Reason.WRONG_TYPE, "image", "[[1,2],[3,\"4\"]]");
        field(all, "a null in a tensor", Reason.WRONG_TYPE, "image", "[[1,2],[3,null]]");
        field(all, "an array for a label", Reason.WRONG_TYPE, "label", "[\"in\"]");
        field(all, "an object for a label", Reason.WRONG_TYPE, "label", "{\"class\":\"in\"}");

        for (String name : List.of("x", "y", "zone", "note", "image")) {
            text(all, "without " + name, Reason.MISSING_FIELD, good -> good.replace("\"" + name + "\"", "\"other\""));
        }
        text(all, "an empty object", Reason.MISSING_FIELD, good -> "{}");

        field(all, "an unknown class", Reason.UNKNOWN_CLASS, "label", "\"between\"");
        field(all, "a class in another case", Reason.UNKNOWN_CLASS, "label", "\"IN\"");
        field(all, "an empty class", Reason.UNKNOWN_CLASS, "label", "\"\"");
        field(all, "a number for a class", Reason.UNKNOWN_CLASS, "label", "1");
        field(all, "a boolean for a class", Reason.UNKNOWN_CLASS, "label", "false");

        for (String number : List.of("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e39")) {
            field(all, number, Reason.NOT_FINITE, "x", number);
            field(all, number + " in a tensor", Reason.NOT_FINITE, "image", "[[0,1],[" + number + ",1]]");
        }
        for (String number : List.of("NaN", "1e999")) {
            field(all, number + " for a code", Reason.NOT_FINITE, "zone", number);
            field(all, number + " for a class", Reason.NOT_FINITE, "label", number);
        }

        field(all, "a tensor with one too few", Reason.WRONG_TENSOR_SIZE, "image", "[[1,2],[3]]");
        field(all, "a tensor with one too many", Reason.WRONG_TENSOR_SIZE, "image", "[[1,2],[3,4],[5]]");
        field(all, "an empty tensor", Reason.WRONG_TENSOR_SIZE, "image", "[]");

        text(
                all,
                "one byte too large",
                Reason.TOO_LARGE,
                good -> good + " ".repeat(MAX_BYTES + 1 - good.getBytes(StandardCharsets.UTF_8).length));
        text(
                all,
                "ten times too large",
                Reason.TOO_LARGE,
                good -> good.replace("\"zone\"", "\"extra\":\"" + "e".repeat(10 * MAX_BYTES) + "\",\"zone\""));
        return List.copyOf(all);
    }

    private static void raw(List<Broken> all, String name, Reason reason, UnaryOperator<byte[]> how) {
        all.add(new Broken(name, reason, how));
    }

    private static void text(List<Broken> all, String name, Reason reason, UnaryOperator<String> how) {
        raw(
                all,
                name,
                reason,
                good -> how.apply(new String(good, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8));
    }

    /** The good event with another value in one of its fields. */
    private static void field(List<Broken> all, String name, Reason reason, String field, String value) {
        text(
                all,
                name,
                reason,
                good -> good.replaceFirst(
                        "\"" + field + "\":(\\[\\[.*?]]|\"[^\"]*\"|[^,}\\[]+)", "\"" + field + "\":" + value));
    }

    private static byte[] withInvalidUtf8(byte[] good) {
        byte[] bad = good.clone();
        String text = new String(good, StandardCharsets.ISO_8859_1);
        bad[text.indexOf("\"note\":\"") + 8] = (byte) 0xff;
        return bad;
    }
}
