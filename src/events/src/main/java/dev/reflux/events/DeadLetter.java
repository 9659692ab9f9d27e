package dev.reflux.events;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A refused event with its original bytes and place, as it goes to the dead-letter topic: key, value and timestamp
 * unchanged, the rest in {@link #headers}. The arrays are not copied.
 *
 * @param value the original value; null when the record was a tombstone
 * @param key the original key; null when the record had none
 * @param timestamp the record's timestamp, epoch milliseconds
 */
public record DeadLetter(
        byte @Nullable [] value,
        byte @Nullable [] key,
        String topic,
        int partition,
        long offset,
        long timestamp,
        Reason reason,
        String message) {

    /** Name and version of the format, in the header {@link #FORMAT_HEADER}. */
    public static final String FORMAT = "dead-letter/1";

    public static final String FORMAT_HEADER = "reflux-format";
    public static final String REASON_HEADER = "reflux-reason";
    public static final String MESSAGE_HEADER = "reflux-message";
    public static final String TOPIC_HEADER = "reflux-topic";
    public static final String PARTITION_HEADER = "reflux-partition";
    public static final String OFFSET_HEADER = "reflux-offset";
    public static final String TIMESTAMP_HEADER = "reflux-timestamp";

    /** The headers it is published under, in order; names and values are UTF-8 text on the wire. */
    public Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(FORMAT_HEADER, FORMAT);
        headers.put(REASON_HEADER, reason.code());
        headers.put(MESSAGE_HEADER, message);
        headers.put(TOPIC_HEADER, topic);
        headers.put(PARTITION_HEADER, Integer.toString(partition));
        headers.put(OFFSET_HEADER, Long.toString(offset));
        headers.put(TIMESTAMP_HEADER, Long.toString(timestamp));
        return headers;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DeadLetter that
                && Arrays.equals(value, that.value)
                && Arrays.equals(key, that.key)
                && partition == that.partition
                && offset == that.offset
                && timestamp == that.timestamp
                && reason == that.reason
                && topic.equals(that.topic)
                && message.equals(that.message);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                Arrays.hashCode(value), Arrays.hashCode(key), topic, partition, offset, timestamp, reason, message);
    }

    @Override
    public String toString() {
        return topic + "-" + partition + "@" + offset + " " + reason.code() + ": " + message;
    }
}
