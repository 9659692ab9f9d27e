package dev.reflux.service.recovery;

import dev.reflux.service.support.TestEvents;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

/** A producer that goes on whatever happens to who reads: a fixed stream, sent in parts at a pace or at once. */
final class Feeder {

    private static final long SLICE = 50;
    private static final Duration PAUSE = Duration.ofMillis(25);

    private final String bootstrapServers;
    private final String topic;
    private volatile boolean hurried;

    Feeder(String bootstrapServers, String topic) {
        this.bootstrapServers = bootstrapServers;
        this.topic = topic;
    }

    /** Event number {@code i}; the first of each {@code period} is a bad one that tells its number. */
    static byte[] event(long i, long period) {
        return i % period == 0 ? ("bad " + i).getBytes(StandardCharsets.UTF_8) : TestEvents.event(i, Long.MAX_VALUE);
    }

    /** Sends a part of the stream and returns when it is in the topic. */
    void send(long from, long to, long period) throws Exception {
        TestEvents.send(
                bootstrapServers, topic, from, LongStream.range(from, to).mapToObj(i -> event(i, period)));
    }

    /** Sends a part of the stream in small slices with pauses between them, until hurried. */
    CompletableFuture<Void> sendSlowly(long from, long to, long period) {
        hurried = false;
        return CompletableFuture.runAsync(() -> {
            try {
                for (long next = from; next < to; next += SLICE) {
                    send(next, Math.min(to, next + SLICE), period);
                    if (!hurried) {
                        LockSupport.parkNanos(PAUSE.toNanos());
                    }
                }
            } catch (Exception e) {
                throw new IllegalStateException("the events cannot be sent", e);
            }
        });
    }

    /** No more pauses. */
    void hurry() {
        hurried = true;
    }
}
