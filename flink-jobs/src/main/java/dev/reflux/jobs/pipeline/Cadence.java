package dev.reflux.jobs.pipeline;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often something happens, counted on the stream and not by the clock: {@code 200 batches}, {@code 10000 events}.
 *
 * @param count at least 1
 */
public record Cadence(long count, Unit unit) {

    /** What is counted. */
    public enum Unit {
        BATCHES,
        EVENTS
    }

    private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\s+(batch|batches|event|events)");

    public Cadence {
        if (count < 1) {
            throw new IllegalArgumentException(count + " found, must be at least 1");
        }
    }

    public static Cadence parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' found, must be a number and a unit, for example 200 batches or 10000 events");
        }
        return new Cadence(
                Long.parseLong(matcher.group(1)), matcher.group(2).startsWith("batch") ? Unit.BATCHES : Unit.EVENTS);
    }

    @Override
    public String toString() {
        return switch (unit) {
            case BATCHES -> count + (count == 1 ? " batch" : " batches");
            case EVENTS -> count + (count == 1 ? " event" : " events");
        };
    }
}
