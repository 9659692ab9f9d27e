package dev.reflux.jobs.loop;

import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.jobs.wire.PackedBytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A batch that the teacher has taught and not yet learned.
 *
 * @param batch its sequence number
 * @param packed its content
 * @param feedback what the students said of it; null while it is still under way
 */
public record PendingBatch(
        long batch, ByteBuffer packed, @Nullable List<Feedback> feedback) {

    private static final String SECTION = "pending-batch";
    private static final int VERSION = 1;

    public PendingBatch(long batch, ByteBuffer packed) {
        this(batch, packed, null);
    }

    public PendingBatch withFeedback(List<Feedback> arrived) {
        return new PendingBatch(batch, packed, arrived);
    }

    /** @throws IllegalStateException while the feedback is under way: it would be lost */
    public void write(StateWriter out) {
        List<Feedback> arrived = feedback;
        if (arrived == null) {
            throw new IllegalStateException("batch " + batch + " cannot be saved before its feedback has arrived");
        }
        byte[] bytes = PackedBytes.of(packed);
        out.section(SECTION, VERSION, section -> {
            section.putLong(batch).putBytes(bytes).putInt(arrived.size());
            arrived.forEach(one -> one.write(section));
        });
    }

    public static PendingBatch read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        long batch = section.getLong();
        ByteBuffer packed = PackedBytes.toBuffer(section.getBytes());
        int count = section.getInt();
        List<Feedback> feedback = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            feedback.add(Feedback.read(section));
        }
        return new PendingBatch(batch, packed, List.copyOf(feedback));
    }
}
