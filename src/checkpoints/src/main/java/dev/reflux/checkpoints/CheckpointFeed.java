package dev.reflux.checkpoints;

import dev.reflux.checkpoints.CheckpointException.Problem;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/** Checkpoint records as they come, good and bad. One thread at a time, except for {@link #wakeup}. */
public interface CheckpointFeed extends AutoCloseable {

    /** What a record turned out to be. */
    sealed interface Entry {
        int partition();

        long offset();
    }

    /** A checkpoint whose signature, size and hash are right; the model has not been loaded. */
    record Published(Checkpoint checkpoint, int partition, long offset) implements Entry {}

    /** A record to pass over. */
    record Rejected(Problem problem, String message, int partition, long offset) implements Entry {}

    /** Records that arrived, in order per partition; empty when {@code timeout} passed without any. */
    List<Entry> poll(Duration timeout);

    /**
     * Looks back from where {@link #poll} goes on, in stretches that grow, and stops with the first stretch that has a
     * usable entry: so the newest is found without reading the whole topic. Afterwards {@link #poll} goes on where it
     * would have.
     *
     * @param usable is shown all entries of a stretch, in order per partition; the last it takes is the newest
     * @return whether any was usable
     */
    boolean findNewest(Predicate<? super Entry> usable);

    /** Makes a call of another thread return early with Kafka's {@code WakeupException}. */
    void wakeup();

    @Override
    void close();
}
