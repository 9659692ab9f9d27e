package dev.reflux.jobs.operators;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.events.MicroBatch;
import dev.reflux.jobs.records.DriftRecordJson.Position;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where in the events topic the events of a stream lie: the position of each batch's first event, of which the older ones are
 * thinned out, so that {@value #CAPACITY} places reach back to the beginning.
 */
final class EventPositions {

    private static final String SECTION = "event-positions";
    private static final int VERSION = 1;
    private static final int CAPACITY = 512;

    private final long[] events = new long[CAPACITY];
    private final int[] partitions = new int[CAPACITY];
    private final long[] offsets = new long[CAPACITY];
    private final long[] times = new long[CAPACITY];
    private int size;

    /** Takes in a batch whose first row is event number {@code event} of the stream. */
    void add(long event, MicroBatch batch) {
        if (size == CAPACITY) {
            thinOut();
        }
        events[size] = event;
        partitions[size] = batch.partitions().get(0);
        offsets[size] = batch.offsets().get(0);
        times[size] = batch.eventTimes().get(0);
        size++;
    }

    /** Drops the place whose gap, once it is gone, is the smallest share of its age; the newest half stays as it is. */
    private void thinOut() {
        long now = events[size - 1];
        int dropped = 1;
        double smallest = Double.POSITIVE_INFINITY;
        for (int i = 1; i < CAPACITY / 2; i++) {
            double share = (double) (events[i + 1] - events[i - 1]) / (now - events[i]);
            if (share < smallest) {
                smallest = share;
                dropped = i;
            }
        }
        size--;
        int moved = size - dropped;
        System.arraycopy(events, dropped + 1, events, dropped, moved);
        System.arraycopy(partitions, dropped + 1, partitions, dropped, moved);
        System.arraycopy(offsets, dropped + 1, offsets, dropped, moved);
        System.arraycopy(times, dropped + 1, times, dropped, moved);
    }

    /** The nearest place known at or before an event; null where none is. */
    @Nullable
    Position atOrBefore(long event) {
        int found = Arrays.binarySearch(events, 0, size, event);
        int place = found >= 0 ? found : -found - 2;
        return place < 0 ? null : new Position(partitions[place], offsets[place], times[place]);
    }

    void write(StateWriter out) {
        out.section(
                SECTION,
                VERSION,
                section -> section.putLongs(Arrays.copyOf(events, size))
                        .putInts(Arrays.copyOf(partitions, size))
                        .putLongs(Arrays.copyOf(offsets, size))
                        .putLongs(Arrays.copyOf(times, size)));
    }

    static EventPositions read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        EventPositions positions = new EventPositions();
        long[] events = section.getLongs();
        positions.size = events.length;
        System.arraycopy(events, 0, positions.events, 0, events.length);
        System.arraycopy(section.getInts(), 0, positions.partitions, 0, events.length);
        System.arraycopy(section.getLongs(), 0, positions.offsets, 0, events.length);
        System.arraycopy(section.getLongs(), 0, positions.times, 0, events.length);
        return positions;
    }
}
