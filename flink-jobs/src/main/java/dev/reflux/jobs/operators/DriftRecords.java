package dev.reflux.jobs.operators;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.drift.DriftLevel;
import dev.reflux.drift.DriftRecord;
import dev.reflux.events.MicroBatch;
import dev.reflux.jobs.records.DriftRecordJson;
import dev.reflux.jobs.records.DriftRecordJson.Position;
import dev.reflux.jobs.records.DriftRecordJson.Published;
import dev.reflux.jobs.wire.OutgoingRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Makes records of what was found, with its places in the events topic. */
final class DriftRecords {

    private final String pipeline;
    private final List<String> reactions;
    private final EventPositions positions;
    private final Map<DriftKey, DriftRecord> latest = new ConcurrentHashMap<>();

    /** @param reactions what is done about an alarm */
    DriftRecords(String pipeline, List<String> reactions) {
        this(pipeline, reactions, new EventPositions());
    }

    private DriftRecords(String pipeline, List<String> reactions, EventPositions positions) {
        this.pipeline = pipeline;
        this.reactions = reactions;
        this.positions = positions;
    }

    /** Takes in a batch whose first row is event number {@code event} of the stream. */
    void add(long event, MicroBatch batch) {
        positions.add(event, batch);
    }

    /** What was found in a window that ends with the batch. */
    List<OutgoingRecord> of(List<DriftRecord> found, MicroBatch batch) {
        int last = batch.size() - 1;
        Position end = new Position(
                batch.partitions().get(last),
                batch.offsets().get(last),
                batch.eventTimes().get(last));
        List<OutgoingRecord> records = new ArrayList<>();
        for (DriftRecord one : found) {
            latest.put(DriftKey.of(one), one);
            Position change = one.changeEvent() == null ? null : positions.atOrBefore(one.changeEvent());
            records.add(new OutgoingRecord(
                    one.subject().getBytes(StandardCharsets.UTF_8),
                    DriftRecordJson.write(new Published(
                            pipeline, one, end, change, one.level() == DriftLevel.DRIFT ? reactions : List.of())),
                    Map.of("reflux-format", DriftRecordJson.FORMAT),
                    end.time()));
        }
        return records;
    }

    /** The newest record on a key; null before the first. Any thread may ask. */
    @Nullable
    DriftRecord latest(DriftKey key) {
        return latest.get(key);
    }

    void write(StateWriter out) {
        positions.write(out);
    }

    /** Records of this kind that know the places that were saved. */
    DriftRecords read(StateReader in) {
        return new DriftRecords(pipeline, reactions, EventPositions.read(in));
    }
}
