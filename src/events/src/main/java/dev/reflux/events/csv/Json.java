package dev.reflux.events.csv;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing piece of JSON text in UTF-8. */
final class Json {

    private static final byte[] NULL = {'n', 'u', 'l', 'l'};
    private static final char[] HEX = "0123456789abcdef".toCharArray();
    private static final int LONGEST_ESCAPE = 6;

    private byte[] bytes = new byte[1024];
    private int size;

    void clear() {
        size = 0;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    void raw(byte[] text) {
        require(text.length);
        System.arraycopy(text, 0, bytes, size, text.length);
        size += text.length;
    }

    void raw(char ascii) {
        require(1);
        bytes[size++] = (byte) ascii;
    }

    void nothing() {
        raw(NULL);
    }

    /**
     * Writes a number as JSON has it.
     *
     * @return false when the text is no finite number; then nothing is written
     */
    boolean number(char[] text, int from, int to) {
        if (isJsonNumber(text, from, to)) {
            require(to - from);
            for (int i = from; i < to; i++) {
                bytes[size++] = (byte) text[i];
            }
            return true;
        }
        return looseNumber(new String(text, from, to - from));
    }

    /** What spreadsheets write and JSON forbids: .5, 5., +5, 007. */
    private boolean looseNumber(String text) {
        if (!text.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?")) {
            return false;
        }
        double value = Double.parseDouble(text);
        if (!Double.isFinite(value)) {
            return false;
        }
        raw(Double.toString(value).getBytes(StandardCharsets.US_ASCII));
        return true;
    }

    /** Writes a string with its quotes. */
    void string(char[] text, int from, int to) {
        raw('"');
        for (int i = from; i < to; i++) {
            char c = text[i];
            require(LONGEST_ESCAPE);
            if (c < 0x80) {
                ascii(c);
            } else if (c < 0x800) {
                bytes[size++] = (byte) (0xC0 | c >> 6);
                bytes[size++] = (byte) (0x80 | c & 0x3F);
            } else if (Character.isHighSurrogate(c) && i + 1 < to && Character.isLowSurrogate(text[i + 1])) {
                int codePoint = Character.toCodePoint(c, text[++i]);
                bytes[size++] = (byte) (0xF0 | codePoint >> 18);
                bytes[size++] = (byte) (0x80 | codePoint >> 12 & 0x3F);
                bytes[size++] = (byte) (0x80 | codePoint >> 6 & 0x3F);
                bytes[size++] = (byte) (0x80 | codePoint & 0x3F);
            } else {
                int valid = Character.isSurrogate(c) ? 0xFFFD : c;
                bytes[size++] = (byte) (0xE0 | valid >> 12);
                bytes[size++] = (byte) (0x80 | valid >> 6 & 0x3F);
                bytes[size++] = (byte) (0x80 | valid & 0x3F);
            }
        }
        raw('"');
    }

    private void ascii(char c) {
        if (c == '"' || c == '\\') {
            bytes[size++] = '\\';
            bytes[size++] = (byte) c;
        } else if (c < 0x20) {
            bytes[size++] = '\\';
            bytes[size++] = 'u';
            bytes[size++] = '0';
            bytes[size++] = '0';
            bytes[size++] = (byte) HEX[c >> 4];
            bytes[size++] = (byte) HEX[c & 0xF];
        } else {
            bytes[size++] = (byte) c;
        }
    }

    private void require(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }

    /** Appends {@code text} as the inside of a JSON string. */
    static void escape(String text, StringBuilder target) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                target.append('\\').append(c);
            } else if (c < 0x20) {
                target.append("\\u00").append(HEX[c >> 4]).append(HEX[c & 0xF]);
            } else {
                target.append(c);
            }
        }
    }

    static boolean isJsonNumber(char[] text, int from, int to) {
        int i = from;
        if (i < to && text[i] == '-') {
            i++;
        }
        int start = i;
        i = digits(text, i, to);
        if (i == start || text[start] == '0' && i > start + 1) {
            return false;
        }
        if (i < to && text[i] == '.') {
            start = ++i;
            i = digits(text, i, to);
            if (i == start) {
                return false;
            }
        }
        if (i < to && (text[i] == 'e' || text[i] == 'E')) {
            i++;
            if (i < to && (text[i] == '+' || text[i] == '-')) {
                i++;
            }
            start = i;
            i = digits(text, i, to);
            if (i == start) {
                return false;
            }
        }
        return i == to;
    }

    private static int digits(char[] text, int from, int to) {
        int i = from;
        while (i < to && text[i] >= '0' && text[i] <= '9') {
            i++;
        }
        return i;
    }
}
