package dev.reflux.events;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.TemporalAccessor;

/** ISO 8601 dates and times, extended form; without a zone they are UTC. */
final class EventTime {

    private static final DateTimeFormatter ISO = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .optionalStart()
            .appendLiteral('T')
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .optionalStart()
            .appendOffsetId()
            .toFormatter();

    private EventTime() {}

    /**
     * Epoch milliseconds.
     *
     * @throws DateTimeException when the text is not ISO 8601 or no such time exists
     */
    static long parse(String text) {
        TemporalAccessor time = ISO.parseBest(text, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
        if (time instanceof OffsetDateTime zoned) {
            return zoned.toInstant().toEpochMilli();
        }
        LocalDateTime local = time instanceof LocalDate date ? date.atStartOfDay() : (LocalDateTime) time;
        return local.toInstant(ZoneOffset.UTC).toEpochMilli();
    }
}
