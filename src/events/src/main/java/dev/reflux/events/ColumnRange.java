package dev.reflux.events;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Consecutively numbered CSV columns: {@code p0..p783} is {@code p0, p1, ... p783}.
 *
 * @param prefix what the column names share
 * @param first number of the first column
 * @param last number of the last column, inclusive
 */
public record ColumnRange(String prefix, int first, int last) {

    private static final Pattern FORM = Pattern.compile("(.*?)(\\d{1,9})\\.\\.(.*?)(\\d{1,9})");

    public ColumnRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("columns " + prefix + first + ".." + prefix + last
                    + ": the last number must not be below the first");
        }
    }

    /**
     * Reads {@code p0..p783}.
     *
     * @throws IllegalArgumentException when the text has another form or two different prefixes
     */
    public static ColumnRange parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches() || !matcher.group(1).equals(matcher.group(3))) {
            throw new IllegalArgumentException(
                    "columns '" + text + "' is no range: write the first and the last column, such as 'p0..p783'");
        }
        return new ColumnRange(
                matcher.group(1), Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(4)));
    }

    /** How many columns the range has. */
    public int count() {
        return last - first + 1;
    }

    /** The columns' names in order. */
    public List<String> names() {
        return IntStream.rangeClosed(first, last).mapToObj(i -> prefix + i).toList();
    }

    @Override
    public String toString() {
        return prefix + first + ".." + prefix + last;
    }
}
