package dev.reflux.jobs.rows;

import dev.reflux.checkpoints.onnx.RawBatch;
import dev.reflux.events.MicroBatch;
import dev.reflux.jobs.publish.RawColumns;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decoded events with their texts. */
public final class RawRows {

    private final MicroBatch batch;
    private final List<String[]> texts;
    private final @Nullable String[] ids;

    RawRows(MicroBatch batch, List<String[]> texts, @Nullable String[] ids) {
        this.batch = batch;
        this.texts = texts;
        this.ids = ids;
    }

    /** Numbers, codes, labels, positions and times of the events. */
    public MicroBatch batch() {
        return batch;
    }

    /** The event's own identity; null when it has none. */
    public @Nullable String id(int row) {
        return ids[row];
    }

    /** The columns that a student takes. */
    public RawBatch columns(RawColumns wanted) {
        return wanted.of(batch, texts);
    }
}
