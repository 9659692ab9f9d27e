package dev.reflux.jobs.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

final class BatchSerializer extends WireSerializer<BatchRecord> {

    private static final long serialVersionUID = 1L;

    @Override
    public void serialize(BatchRecord batch, DataOutputView out) throws IOException {
        writePacked(batch.packed(), out);
    }

    @Override
    public BatchRecord deserialize(DataInputView in) throws IOException {
        return new BatchRecord(readPacked(in));
    }

    static void writePacked(ByteBuffer packed, DataOutputView out) throws IOException {
        byte[] bytes = PackedBytes.of(packed);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static ByteBuffer readPacked(DataInputView in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return PackedBytes.toBuffer(bytes);
    }

    @Override
    public TypeSerializerSnapshot<BatchRecord> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Found by Flink by its name when state is restored. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<BatchRecord> {
        public Snapshot() {
            super(BatchSerializer::new);
        }
    }
}
