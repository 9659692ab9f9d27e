package dev.reflux.jobs.rows;

import dev.reflux.events.DecodingListener;
import dev.reflux.events.EventDecoder;
import dev.reflux.events.EventSchema;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.events.Rejection;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gathers JSON events into rows for published students, by the rules that the learning job reads them by. Students take
 * texts as they are, of which a micro-batch has only hashes: they are kept beside it. Not for several threads at once.
 */
public final class RawEvents {

    private final EventDecoder decoder;
    private final MicroBatchBuilder builder;
    private final String[][] texts;
    private final @Nullable String[] ids;
    private final String[] rowTexts;
    private @Nullable String rowId;
    private long batches;

    /**
     * @param maxBytes longer events are refused unread
     * @param capacity events of a full batch
     */
    public RawEvents(EventSchema schema, int maxBytes, int capacity) {
        this.builder = new MicroBatchBuilder(schema.layout(), capacity);
        this.texts = new String[schema.texts().size()][capacity];
        this.ids = new @Nullable String[capacity];
        this.rowTexts = new String[texts.length];
        this.decoder = new EventDecoder(schema, maxBytes, new DecodingListener() {
            @Override
            public void text(int column, String text) {
                rowTexts[column] = text;
            }

            @Override
            public void id(String id) {
                rowId = id;
            }
        });
    }

    /**
     * Adds an event.
     *
     * @return null when it was added, else why not
     */
    public @Nullable Rejection add(byte @Nullable [] value, int partition, long offset, long timestamp) {
        Arrays.fill(rowTexts, "");
        rowId = null;
        Rejection rejection = decoder.decode(value, partition, offset, timestamp, builder);
        if (rejection == null) {
            int row = builder.size() - 1;
            for (int column = 0; column < texts.length; column++) {
                texts[column][row] = rowTexts[column];
            }
            ids[row] = rowId;
        }
        return rejection;
    }

    public boolean isEmpty() {
        return builder.isEmpty();
    }

    public boolean isFull() {
        return builder.isFull();
    }

    /** The events gathered, at least one; gathering begins anew. */
    public RawRows take() {
        int size = builder.size();
        List<String[]> columns =
                Arrays.stream(texts).map(column -> Arrays.copyOf(column, size)).toList();
        return new RawRows(builder.build(batches++), columns, Arrays.copyOf(ids, size));
    }
}
