package dev.reflux.checkpoints.follow;

import dev.reflux.checkpoints.Acceptance;
import dev.reflux.checkpoints.CheckpointException;
import dev.reflux.checkpoints.CheckpointFeed;
import dev.reflux.checkpoints.CheckpointRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.WakeupException;

/** A topic of one partition in memory, decoded as the reader of a real one does. */
final class QueueFeed implements CheckpointFeed {

    private final Acceptance acceptance;
    private final List<Entry> past = new ArrayList<>();
    private final LinkedBlockingQueue<Entry> coming = new LinkedBlockingQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private long nextOffset;

    QueueFeed(Acceptance acceptance) {
        this.acceptance = acceptance;
    }

    /** Published before anybody followed. */
    void addPast(ProducerRecord<byte[], byte[]> sent) {
        past.add(decode(sent));
    }

    void publish(ProducerRecord<byte[], byte[]> sent) {
        coming.add(decode(sent));
    }

    boolean isRead() {
        return coming.isEmpty();
    }

    private Entry decode(ProducerRecord<byte[], byte[]> sent) {
        long offset = nextOffset++;
        try {
            return new Published(
                    CheckpointRecord.decode(sent.key(), sent.value(), sent.headers(), acceptance), 0, offset);
        } catch (CheckpointException e) {
            return new Rejected(e.problem(), String.valueOf(e.getMessage()), 0, offset);
        }
    }

    @Override
    public List<Entry> poll(Duration timeout) {
        try {
            Entry entry = null;
            long end = System.nanoTime() + timeout.toNanos();
            while (entry == null && System.nanoTime() < end) {
                if (woken.getAndSet(false)) {
                    throw new WakeupException();
                }
                entry = coming.poll(20, TimeUnit.MILLISECONDS);
            }
            return entry == null ? List.of() : List.of(entry);
        } catch (InterruptedException e) {
            throw new WakeupException();
        }
    }

    @Override
    public boolean findNewest(Predicate<? super Entry> usable) {
        boolean found = false;
        for (Entry entry : past) {
            found |= usable.test(entry);
        }
        return found;
    }

    @Override
    public void wakeup() {
        woken.set(true);
    }

    @Override
    public void close() {}
}
