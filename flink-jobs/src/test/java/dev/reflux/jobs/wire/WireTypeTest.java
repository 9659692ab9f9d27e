package dev.reflux.jobs.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.distillation.Lesson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class WireTypeTest {

    private static <T> T roundTrip(WireType<T> type, T value) throws IOException {
        TypeSerializer<T> serializer = type.createSerializer(new SerializerConfigImpl());
        DataOutputSerializer out = new DataOutputSerializer(16);
        serializer.serialize(value, out);
        DataOutputSerializer copied = new DataOutputSerializer(16);
        serializer.copy(new DataInputDeserializer(out.getCopyOfBuffer()), copied);
        assertThat(copied.getCopyOfBuffer()).isEqualTo(out.getCopyOfBuffer());
        DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
        T read = serializer.deserialize(in);
        assertThat(in.available()).isZero();
        return read;
    }

    private static ByteBuffer packed() {
        return ByteBuffer.allocateDirect(6).order(ByteOrder.LITTLE_ENDIAN).put(0, new byte[] {1, 2, 3, 4, 5, 6});
    }

    @Test
    void rawEvent_withoutKeyAndValue_survives() throws IOException {
        RawEvent tombstone = new RawEvent(null, null, "p.events", 3, 77, 123);
        assertThat(roundTrip(WireType.RAW_EVENT, tombstone)).isEqualTo(tombstone);
        RawEvent event = roundTrip(WireType.RAW_EVENT, new RawEvent(new byte[] {9}, new byte[0], "p.events", 0, 1, -1));
        assertThat(event.key()).containsExactly(9);
        assertThat(event.value()).isEmpty();
    }

    @Test
    void outgoingRecord_withHeaders_survives() throws IOException {
        byte[] value = "größer".getBytes(StandardCharsets.UTF_8);
        OutgoingRecord read =
                roundTrip(WireType.OUTGOING, new OutgoingRecord(null, value, Map.of("a", "b", "ü", "ß"), 5));
        assertThat(read.key()).isNull();
        assertThat(read.value()).isEqualTo(value);
        assertThat(read.headers()).isEqualTo(Map.of("a", "b", "ü", "ß"));
        assertThat(read.timestamp()).isEqualTo(5);
    }

    @Test
    void batch_isReadIntoADirectBuffer() throws IOException {
        BatchRecord read = roundTrip(WireType.BATCH, new BatchRecord(packed()));
        assertThat(read.packed().isDirect()).isTrue();
        assertThat(read.packed()).isEqualTo(packed());
    }

    @Test
    void lesson_withoutHindsight_keepsOneArrayForBoth() throws IOException {
        float[] logits = {1.5f, Float.MIN_VALUE, -0f, 4};
        Lesson before = new Lesson(9, 2, 2, logits, logits);
        LessonRecord read = roundTrip(WireType.LESSON, new LessonRecord("channel", packed(), before));
        assertThat(read.channel()).isEqualTo("channel");
        assertThat(read.packed()).isEqualTo(packed());
        assertThat(read.lesson().batch()).isEqualTo(9);
        assertThat(read.lesson().predicted()).isEqualTo(logits);
        assertThat(read.lesson().softLabels()).isSameAs(read.lesson().predicted());
    }

    @Test
    void lesson_inHindsight_keepsBoth() throws IOException {
        float[] predicted = {1, 2};
        float[] softLabels = {3, 4};
        LessonRecord read =
                roundTrip(WireType.LESSON, new LessonRecord("c", packed(), new Lesson(0, 1, 2, predicted, softLabels)));
        assertThat(read.lesson().predicted()).isEqualTo(predicted);
        assertThat(read.lesson().softLabels()).isEqualTo(softLabels);
    }

    @Test
    void serializers_areFoundAgainByTheirSnapshots() throws Exception {
        for (WireType<?> type :
                new WireType<?>[] {WireType.RAW_EVENT, WireType.OUTGOING, WireType.BATCH, WireType.LESSON}) {
            TypeSerializer<?> serializer = type.createSerializer(new SerializerConfigImpl());
            TypeSerializerSnapshot<?> snapshot = serializer
                    .snapshotConfiguration()
                    .getClass()
                    .getDeclaredConstructor()
                    .newInstance();
            assertThat(snapshot.restoreSerializer()).isEqualTo(serializer);
        }
    }
}
