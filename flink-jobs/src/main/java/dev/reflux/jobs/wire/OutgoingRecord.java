package dev.reflux.jobs.wire;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
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

    /** The headers as Kafka has them, in the order of their names. */
    public Headers kafkaHeaders() {
        RecordHeaders all = new RecordHeaders();
        new TreeMap<>(headers).forEach((name, text) -> all.add(name, text.getBytes(StandardCharsets.UTF_8)));
        return all;
    }
}
