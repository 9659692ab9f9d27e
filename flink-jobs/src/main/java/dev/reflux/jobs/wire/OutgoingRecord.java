package dev.reflux.jobs.wire;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record on its way to a Kafka topic.
 *
 * @param headers values are written as UTF-8
 * @param timestamp of the record, in milliseconds since the epoch
 */
public record OutgoingRecord(
        byte @Nullable [] key, byte @Nullable [] value, Map<String, String> headers, long timestamp) {

    public OutgoingRecord {
        headers = Map.copyOf(headers);
    }
}
