package dev.reflux.jobs.publish;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.events.MicroBatch;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.wire.PackedBytes;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last batches, as many as hold the labelled events of the evaluation window. */
final class EvaluationWindow {

    private final LearningPlan plan;
    private final Deque<ByteBuffer> batches = new ArrayDeque<>();
    private long labelled;

    EvaluationWindow(LearningPlan plan) {
        this.plan = plan;
    }

    /** Adds a batch, whose memory it shares, and drops what is not needed any more. */
    void add(MicroBatch batch) {
        batches.add(batch.packed());
        labelled += labels(batch);
        while (batches.size() > 1) {
            long oldest = labels(plan.open(batches.getFirst()));
            if (labelled - oldest < LearningPlan.QUALITY_WINDOW) {
                break;
            }
            labelled -= oldest;
            batches.removeFirst();
        }
    }

    private static long labels(MicroBatch batch) {
        long labels = 0;
        for (int row = 0; row < batch.size(); row++) {
            labels += batch.truth().get(row) >= 0 ? 1 : 0;
        }
        return labels;
    }

    /** The batches, the oldest first. */
    List<MicroBatch> batches() {
        return batches.stream().map(plan::open).toList();
    }

    void write(StateWriter out) {
        out.putInt(batches.size());
        batches.forEach(batch -> out.putBytes(PackedBytes.of(batch)));
    }

    void read(StateReader in) {
        int count = in.getInt();
        for (int i = 0; i < count; i++) {
            add(plan.open(PackedBytes.toBuffer(in.getBytes())));
        }
    }
}
