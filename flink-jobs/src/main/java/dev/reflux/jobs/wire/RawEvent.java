package dev.reflux.jobs.wire;

import org.jspecify.annotations.Nullable;

/**
 * An event as it lies in Kafka.
 *
 * @param timestamp of the record, in milliseconds since the epoch
 */
public record RawEvent(
        byte @Nullable [] key, byte @Nullable [] value, String topic, int partition, long offset, long timestamp) {}
