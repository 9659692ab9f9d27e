package dev.reflux.benchmarks;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/**
 * A long stream that stays a bounded distance ahead of its reader, so that the broker needs to keep that much of it and
 * no more. One event in a thousand is cut off in the middle.
 */
final class ThrottledEvents implements Iterator<byte[]> {

    private static final int BROKEN_EVERY = 1_000;
    private static final int ASK_EVERY = 1_000;
    private static final long PAUSE_NANOS = 2_000_000;

    private final LongFunction<byte[]> stream;
    private final long count;
    private final long ahead;
    private final LongSupplier read;
    private volatile boolean ended;
    private long next;

    /**
     * @param ahead how many events it may be ahead of the reader
     * @param read how many events the reader has read
     */
    ThrottledEvents(LongFunction<byte[]> stream, long count, long ahead, LongSupplier read) {
        this.stream = stream;
        this.count = count;
        this.ahead = ahead;
        this.read = read;
    }

    /** How many of the first {@code count} events are broken. */
    static long broken(long count) {
        return count / BROKEN_EVERY;
    }

    @Override
    public boolean hasNext() {
        return next < count && !ended;
    }

    @Override
    public byte[] next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the stream has ended after " + next + " events");
        }
        while (next % ASK_EVERY == 0 && !ended && next - read.getAsLong() > ahead) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        byte[] event = stream.apply(next++);
        return next % BROKEN_EVERY == 0 ? Arrays.copyOf(event, event.length / 2) : event;
    }

    /** Nobody reads any more. */
    void end() {
        ended = true;
    }
}
