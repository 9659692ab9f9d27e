package dev.reflux.benchmarks.peers;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How many rows of each stream are read: {@code 20000} of all, {@code mnist70k=7000} of one. */
final class RowLimits {

    private final Map<String, Integer> byStream = new HashMap<>();
    private int ofAll = Integer.MAX_VALUE;

    RowLimits(List<String> texts) {
        for (String text : texts) {
            int equals = text.indexOf('=');
            int rows = rows(text, text.substring(equals + 1));
            if (equals < 0) {
                ofAll = rows;
            } else {
                byStream.put(text.substring(0, equals), rows);
            }
        }
    }

    private static int rows(String text, String number) {
        try {
            int rows = Integer.parseInt(number);
            if (rows >= 1) {
                return rows;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(
                "--limit " + text + " found, must be a number of rows from 1, or STREAM= and such a number");
    }

    int of(String stream) {
        return byStream.getOrDefault(stream, ofAll);
    }
}
