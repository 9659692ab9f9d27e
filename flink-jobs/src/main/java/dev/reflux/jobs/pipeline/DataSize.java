package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Measured;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of memory or disk, written with its unit: {@code 512KiB}, {@code 1MiB}, {@code 100B}, {@code 2MB}.
 *
 * @param bytes at least 0
 */
public record DataSize(long bytes) implements Measured {

    private static final Pattern FORM = Pattern.compile("(\\d+)\\s*(B|KiB|MiB|GiB|kB|KB|MB|GB)");

    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException(bytes + " bytes found, must not be negative");
        }
    }

    /** Reads the written form; KiB, MiB and GiB are powers of 1024, kB, MB and GB powers of 1000. */
    public static DataSize parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text
                    + "' found, must be a whole number and a unit (B, KiB, MiB, GiB, kB, MB, GB), for example 512KiB");
        }
        long unit =
                switch (matcher.group(2)) {
                    case "B" -> 1;
                    case "KiB" -> 1L << 10;
                    case "MiB" -> 1L << 20;
                    case "GiB" -> 1L << 30;
                    case "kB", "KB" -> 1_000;
                    case "MB" -> 1_000_000;
                    case "GB" -> 1_000_000_000;
                    default -> throw new IllegalStateException(matcher.group(2));
                };
        try {
            return new DataSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit));
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is larger than this machine can count", e);
        }
    }

    @Override
    public double measure() {
        return bytes;
    }

    @Override
    public String baseUnit() {
        return "bytes";
    }

    /** The shortest written form that says the same. */
    @Override
    public String toString() {
        String[] units = {"GiB", "MiB", "KiB"};
        for (int i = 0; i < units.length; i++) {
            long unit = 1L << (30 - 10 * i);
            if (bytes >= unit && bytes % unit == 0) {
                return String.format(Locale.ROOT, "%d%s", bytes / unit, units[i]);
            }
        }
        return bytes + "B";
    }
}
