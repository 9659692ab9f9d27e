package dev.reflux.jobs.wire;

import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.jspecify.annotations.Nullable;

/** Type of a value that travels between the operators of a Reflux job in a format of our own. */
public final class WireType<T> extends TypeInformation<T> {

    private static final long serialVersionUID = 1L;

    public static final WireType<RawEvent> RAW_EVENT = new WireType<>(RawEvent.class, new RawEventSerializer());
    public static final WireType<BatchRecord> BATCH = new WireType<>(BatchRecord.class, new BatchSerializer());
    public static final WireType<LessonRecord> LESSON = new WireType<>(LessonRecord.class, new LessonSerializer());
    public static final WireType<OutgoingRecord> OUTGOING =
            new WireType<>(OutgoingRecord.class, new OutgoingSerializer());

    private final Class<T> type;
    private final TypeSerializer<T> serializer;

    private WireType(Class<T> type, TypeSerializer<T> serializer) {
        this.type = type;
        this.serializer = serializer;
    }

    @Override
    public TypeSerializer<T> createSerializer(SerializerConfig config) {
        return serializer;
    }

    @Override
    public Class<T> getTypeClass() {
        return type;
    }

    @Override
    public boolean isBasicType() {
        return false;
    }

    @Override
    public boolean isTupleType() {
        return false;
    }

    @Override
    public boolean isKeyType() {
        return false;
    }

    @Override
    public int getArity() {
        return 1;
    }

    @Override
    public int getTotalFields() {
        return 1;
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof WireType;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WireType<?> that && that.type == type;
    }

    @Override
    public int hashCode() {
        return type.hashCode();
    }

    @Override
    public String toString() {
        return type.getSimpleName();
    }
}
