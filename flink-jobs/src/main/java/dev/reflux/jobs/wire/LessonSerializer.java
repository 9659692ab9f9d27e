package dev.reflux.jobs.wire;

import dev.reflux.distillation.Lesson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

final class LessonSerializer extends WireSerializer<LessonRecord> {

    private static final long serialVersionUID = 1L;

    @Override
    public void serialize(LessonRecord sent, DataOutputView out) throws IOException {
        Lesson lesson = sent.lesson();
        out.writeUTF(sent.channel());
        BatchSerializer.writePacked(sent.packed(), out);
        out.writeBoolean(lesson != null);
        if (lesson != null) {
            write(lesson, out);
        }
    }

    private static void write(Lesson lesson, DataOutputView out) throws IOException {
        boolean hindsight = lesson.softLabels() != lesson.predicted();
        out.writeLong(lesson.batch());
        out.writeInt(lesson.size());
        out.writeInt(lesson.classes());
        writeFloats(lesson.predicted(), out);
        out.writeBoolean(hindsight);
        if (hindsight) {
            writeFloats(lesson.softLabels(), out);
        }
        out.writeInt(lesson.features().size());
        for (Map.Entry<String, float[]> layer : lesson.features().entrySet()) {
            out.writeUTF(layer.getKey());
            writeSized(layer.getValue(), out);
        }
        out.writeInt(lesson.members().size());
        for (float[] member : lesson.members()) {
            writeFloats(member, out);
        }
        writeSized(lesson.shift(), out);
    }

    @Override
    public LessonRecord deserialize(DataInputView in) throws IOException {
        String channel = in.readUTF();
        ByteBuffer packed = BatchSerializer.readPacked(in);
        return new LessonRecord(channel, packed, in.readBoolean() ? readLesson(in) : null);
    }

    private static Lesson readLesson(DataInputView in) throws IOException {
        long batch = in.readLong();
        int size = in.readInt();
        int classes = in.readInt();
        float[] predicted = readFloats(in, size * classes);
        float[] softLabels = in.readBoolean() ? readFloats(in, size * classes) : predicted;
        Map<String, float[]> features = new HashMap<>();
        for (int layers = in.readInt(); layers > 0; layers--) {
            features.put(in.readUTF(), readSized(in));
        }
        List<float[]> members = new ArrayList<>();
        for (int count = in.readInt(); count > 0; count--) {
            members.add(readFloats(in, size * classes));
        }
        float[] shift = readSized(in);
        return new Lesson(batch, size, classes, predicted, softLabels, features, members, shift);
    }

    private static void writeSized(float[] values, DataOutputView out) throws IOException {
        out.writeInt(values.length);
        writeFloats(values, out);
    }

    private static float[] readSized(DataInputView in) throws IOException {
        return readFloats(in, in.readInt());
    }

    private static void writeFloats(float[] values, DataOutputView out) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        out.write(bytes.array());
    }

    private static float[] readFloats(DataInputView in, int count) throws IOException {
        byte[] bytes = new byte[count * Float.BYTES];
        in.readFully(bytes);
        float[] values = new float[count];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    @Override
    public TypeSerializerSnapshot<LessonRecord> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Found by Flink by its name when state is restored. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<LessonRecord> {
        public Snapshot() {
            super(LessonSerializer::new);
        }
    }
}
