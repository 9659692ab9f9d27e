package dev.reflux.jobs.pipeline.options;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values as people write them. */
public final class Texts {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,15})\\s*(ms|s|min|h|d)");

    private Texts() {}

    /** Reads {@code 50ms}, {@code 10s}, {@code 5min}, {@code 1h}, {@code 7d}. */
    public static Duration parseDuration(String text) {
        Matcher matcher = DURATION.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' found, must be a whole number and a unit (ms, s, min, h, d), for example 50ms");
        }
        long count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "min" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }

    /** The shortest written form of a duration in whole milliseconds. */
    public static String duration(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0 || millis % 1_000 != 0) {
            return millis + "ms";
        }
        if (millis % 60_000 != 0) {
            return millis / 1_000 + "s";
        }
        if (millis % 3_600_000 != 0) {
            return millis / 60_000 + "min";
        }
        return millis % 86_400_000 != 0 ? millis / 3_600_000 + "h" : millis / 86_400_000 + "d";
    }

    /** A number without a needless fraction: {@code 1}, {@code 0.5}, {@code 1e-8}. */
    public static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        if (decimal.scale() > 6 || decimal.scale() < 0) {
            return Double.toString(value).replace(".0E", "e").replace('E', 'e');
        }
        return decimal.toPlainString();
    }

    /** How a constant is written in files: {@code STUDENT_ERROR} is {@code student-error}. */
    public static String wireName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The known word that a wrong one was probably meant to be; empty when none is near. */
    public static Optional<String> nearest(String wrong, Collection<String> known) {
        return known.stream()
                .filter(word -> distance(wrong, word) <= Math.max(1, Math.max(wrong.length(), word.length()) / 3))
                .min(Comparator.<String>comparingInt(word -> distance(wrong, word))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /** Edit distance in which a swap of neighbours is one edit and case counts nothing. */
    static int distance(String left, String right) {
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                cost[i][j] = Math.min(cost[i - 1][j - 1] + change, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
