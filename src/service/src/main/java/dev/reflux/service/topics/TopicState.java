package dev.reflux.service.topics;

/**
 * A topic as it was found or made.
 *
 * @param condition {@code created}, {@code ok}, or what is wrong with it and how to mend it
 */
public record TopicState(
        String name,
        int partitions,
        int replication,
        String cleanupPolicy,
        long maxMessageBytes,
        boolean usable,
        String condition) {}
