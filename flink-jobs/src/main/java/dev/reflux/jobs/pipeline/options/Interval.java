package dev.reflux.jobs.pipeline.options;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A range of numbers, written as in mathematics: {@code [0, 1)}, {@code (0, inf)}; no text means no bound. */
public record Interval(double low, boolean lowIncluded, double high, boolean highIncluded, String text) {

    private static final Pattern FORM = Pattern.compile("([\\[(])\\s*(\\S+)\\s*,\\s*(\\S+?)\\s*([])])");

    public static Interval parse(String text) {
        if (text.isEmpty()) {
            return new Interval(Double.NEGATIVE_INFINITY, true, Double.POSITIVE_INFINITY, true, "");
        }
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("range: '" + text + "' found, must look like [0, 1) or (0, inf)");
        }
        return new Interval(
                bound(matcher.group(2)),
                matcher.group(1).equals("["),
                bound(matcher.group(3)),
                matcher.group(4).equals("]"),
                text);
    }

    private static double bound(String text) {
        return switch (text) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    boolean contains(double value) {
        return (value > low || (lowIncluded && value == low)) && (value < high || (highIncluded && value == high));
    }

    boolean isBounded() {
        return !text.isEmpty();
    }

    /** The rule as a person would say it: "at least 1", "above 0", "in [0, 1)". */
    String inWords() {
        if (high == Double.POSITIVE_INFINITY) {
            return (lowIncluded ? "at least " : "above ") + Texts.number(low);
        }
        if (low == Double.NEGATIVE_INFINITY) {
            return (highIncluded ? "at most " : "below ") + Texts.number(high);
        }
        return "in " + text;
    }
}
