package dev.reflux.events;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Finds a value's position by text, number or boolean, without allocating. */
final class Vocabulary {

    private static final Pattern JSON_NUMBER = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?");

    private final char[][] table;
    private final int[] codes;
    private final double[] numbers;
    private final int[] numberCodes;
    private final int trueCode;
    private final int falseCode;

    Vocabulary(List<String> values) {
        int buckets = Math.max(4, Integer.highestOneBit(values.size() * 2 - 1) << 1);
        table = new char[buckets][];
        codes = new int[buckets];
        for (int code = 0; code < values.size(); code++) {
            char[] value = values.get(code).toCharArray();
            int bucket = hash(value, 0, value.length) & (buckets - 1);
            while (table[bucket] != null) {
                bucket = (bucket + 1) & (buckets - 1);
            }
            table[bucket] = value;
            codes[bucket] = code;
        }
        numbers = values.stream()
                .filter(Vocabulary::isNumber)
                .mapToDouble(Vocabulary::toNumber)
                .sorted()
                .toArray();
        numberCodes = new int[numbers.length];
        for (int code = 0; code < values.size(); code++) {
            if (isNumber(values.get(code))) {
                numberCodes[Arrays.binarySearch(numbers, toNumber(values.get(code)))] = code;
            }
        }
        trueCode = values.indexOf("true");
        falseCode = values.indexOf("false");
    }

    static void requireDistinctNumbers(String owner, List<String> values) {
        Map<Double, String> seen = new HashMap<>();
        for (String value : values) {
            if (isNumber(value)) {
                String other = seen.put(toNumber(value), value);
                if (other != null) {
                    throw new IllegalArgumentException(owner + ": '" + other + "' and '" + value
                            + "' are the same number: an event's number could mean either");
                }
            }
        }
    }

    /** Position of the text, or -1. */
    int indexOf(char[] text, int offset, int length) {
        int mask = table.length - 1;
        int bucket = hash(text, offset, length) & mask;
        for (char[] value = table[bucket]; value != null; value = table[bucket]) {
            if (Arrays.equals(value, 0, value.length, text, offset, offset + length)) {
                return codes[bucket];
            }
            bucket = (bucket + 1) & mask;
        }
        return -1;
    }

    /** Position of the value that is this number, or -1. */
    int indexOf(double number) {
        int position = Arrays.binarySearch(numbers, number + 0.0);
        return position < 0 ? -1 : numberCodes[position];
    }

    /** Position of {@code "true"} or {@code "false"}, or -1. */
    int indexOf(boolean value) {
        return value ? trueCode : falseCode;
    }

    /** Position of the parser's current value, a string, number or boolean, or -1. */
    int indexOf(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> indexOf(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> indexOf(parser.getDoubleValue());
            case VALUE_TRUE -> trueCode;
            case VALUE_FALSE -> falseCode;
            default -> throw new IllegalArgumentException(parser.currentToken() + " found, must be a single value");
        };
    }

    boolean hasNumbers() {
        return numbers.length > 0;
    }

    boolean hasBooleans() {
        return trueCode >= 0 || falseCode >= 0;
    }

    private static boolean isNumber(String value) {
        return JSON_NUMBER.matcher(value).matches();
    }

    private static double toNumber(String value) {
        // -0.0 and 0.0 are one number, though not one bit pattern
        return Double.parseDouble(value) + 0.0;
    }

    private static int hash(char[] text, int offset, int length) {
        int hash = 0;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + text[i];
        }
        return hash ^ (hash >>> 16);
    }
}
