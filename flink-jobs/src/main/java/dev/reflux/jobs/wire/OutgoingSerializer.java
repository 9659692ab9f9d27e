package dev.reflux.jobs.wire;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

final class OutgoingSerializer extends WireSerializer<OutgoingRecord> {

    private static final long serialVersionUID = 1L;

    @Override
    public void serialize(OutgoingRecord sent, DataOutputView out) throws IOException {
        writeBytes(sent.key(), out);
        writeBytes(sent.value(), out);
        out.writeInt(sent.headers().size());
        for (Map.Entry<String, String> header : sent.headers().entrySet()) {
            out.writeUTF(header.getKey());
            out.writeUTF(header.getValue());
        }
        out.writeLong(sent.timestamp());
    }

    @Override
    public OutgoingRecord deserialize(DataInputView in) throws IOException {
        byte[] key = readBytes(in);
        byte[] value = readBytes(in);
        int count = in.readInt();
        Map<String, String> headers = new HashMap<>();
        for (int i = 0; i < count; i++) {
            headers.put(in.readUTF(), in.readUTF());
        }
        return new OutgoingRecord(key, value, headers, in.readLong());
    }

    @Override
    public TypeSerializerSnapshot<OutgoingRecord> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Found by Flink by its name when state is restored. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<OutgoingRecord> {
        public Snapshot() {
            super(OutgoingSerializer::new);
        }
    }
}
