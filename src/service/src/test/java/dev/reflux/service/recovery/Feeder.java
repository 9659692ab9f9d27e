package dev.reflux.service.recovery;

import dev.reflux.service.support.TestEvents;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/** A producer of a fixed stream, which comes in slices: each begins with a bad event that tells its number. */
final class Feeder {

    /** Events of a slice. The dead letter of its first one waits for no Flink checkpoint, and so tells how far a job is. */
    static final long SLICE = 51;

    private static final Duration PAUSE = Duration.ofMillis(25);

    private final String bootstrapServers;
    private final String topic;

    Feeder(String bootstrapServers, String topic) {
        this.bootstrapServers = bootstrapServers;
        this.topic = topic;
    }

    /** The bad event that a slice begins with. */
    static String marker(long slice) {
        return "bad " + slice;
    }

    private static byte[] event(long i) {
        return i % SLICE == 0 ? marker(i).getBytes(StandardCharsets.UTF_8) : TestEvents.event(i, Long.MAX_VALUE);
    }

    /** Sends a part of the stream and returns when it is in the topic. */
    void send(long from, long to) throws Exception {
        TestEvents.send(
                bootstrapServers, topic, from, LongStream.range(from, to).mapToObj(Feeder::event));
    }

    /**
     * Goes on sending slice by slice while the reader is there, and sends what is left when it is gone. However slow the
     * reader's end is, a slice is left for then: it ends in mid-stream.
     */
    CompletableFuture<Void> goOn(long from, long to, CountDownLatch readerIsGone) {
        return CompletableFuture.runAsync(() -> {
            try {
                long next = from;
                while (!readerIsGone.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                    if (next + SLICE < to) {
                        send(next, next + SLICE);
                        next += SLICE;
                    }
                }
                send(next, to);
            } catch (Exception e) {
                throw new IllegalStateException("the events cannot be sent", e);
            }
        });
    }
}
