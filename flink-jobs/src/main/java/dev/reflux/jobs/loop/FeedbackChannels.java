package dev.reflux.jobs.loop;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where the operators of one process find each other's {@link FeedbackChannel}. It is process-wide because Flink gives
 * two operators of a slot nothing else in common; ids are random, so that jobs, attempts and replicas never meet.
 */
public final class FeedbackChannels {

    private static final Map<String, FeedbackChannel> OPEN = new ConcurrentHashMap<>();

    private FeedbackChannels() {}

    /** Opens a channel under a new id. Whoever opens it closes it. */
    public static FeedbackChannel open(List<String> students, int capacity) {
        FeedbackChannel channel = new FeedbackChannel(UUID.randomUUID().toString(), students, capacity);
        OPEN.put(channel.id(), channel);
        return channel;
    }

    /** @throws IllegalStateException when the teacher that opened the channel is not in this process */
    public static FeedbackChannel find(String id) {
        FeedbackChannel channel = OPEN.get(id);
        if (channel == null) {
            throw new IllegalStateException("feedback channel " + id + " is not open in this process: teacher and"
                    + " student do not run in the same TaskManager, or the teacher has stopped. The loop needs both in"
                    + " one slot: keep them in the same slot sharing group and leave their co-location group as it is");
        }
        return channel;
    }

    public static void close(FeedbackChannel channel) {
        OPEN.remove(channel.id());
    }
}
