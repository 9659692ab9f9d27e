package dev.reflux.jobs.wire;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

final class RawEventSerializer extends WireSerializer<RawEvent> {

    private static final long serialVersionUID = 1L;

    @Override
    public void serialize(RawEvent event, DataOutputView out) throws IOException {
        writeBytes(event.key(), out);
        writeBytes(event.value(), out);
        out.writeUTF(event.topic());
        out.writeInt(event.partition());
        out.writeLong(event.offset());
        out.writeLong(event.timestamp());
    }

    @Override
    public RawEvent deserialize(DataInputView in) throws IOException {
        return new RawEvent(readBytes(in), readBytes(in), in.readUTF(), in.readInt(), in.readLong(), in.readLong());
    }

    @Override
    public TypeSerializerSnapshot<RawEvent> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Found by Flink by its name when state is restored. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<RawEvent> {
        public Snapshot() {
            super(RawEventSerializer::new);
        }
    }
}
