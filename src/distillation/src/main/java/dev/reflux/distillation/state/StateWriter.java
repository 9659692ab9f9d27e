package dev.reflux.distillation.state;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * Writes state as versioned sections: a name, a version, the content. What is written here, {@link StateReader} gives
 * back bit for bit. Little endian for arrays, as in memory.
 */
public final class StateWriter {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    /** Writes a section; its content can itself hold sections. */
    public StateWriter section(String name, int version, Consumer<StateWriter> content) {
        StateWriter inner = new StateWriter();
        content.accept(inner);
        byte[] body = inner.toBytes();
        return write(() -> {
            out.writeUTF(name);
            out.writeInt(version);
            out.writeInt(body.length);
            out.write(body);
        });
    }

    public StateWriter putInt(int value) {
        return write(() -> out.writeInt(value));
    }

    public StateWriter putLong(long value) {
        return write(() -> out.writeLong(value));
    }

    public StateWriter putDouble(double value) {
        return write(() -> out.writeDouble(value));
    }

    public StateWriter putString(String value) {
        return write(() -> out.writeUTF(value));
    }

    public StateWriter putBytes(byte[] value) {
        return write(() -> {
            out.writeInt(value.length);
            out.write(value);
        });
    }

    public StateWriter putFloats(float[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return putBytes(buffer.array());
    }

    public StateWriter putDoubles(double[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asDoubleBuffer().put(values);
        return putBytes(buffer.array());
    }

    public StateWriter putInts(int[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asIntBuffer().put(values);
        return putBytes(buffer.array());
    }

    public StateWriter putLongs(long[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asLongBuffer().put(values);
        return putBytes(buffer.array());
    }

    public byte[] toBytes() {
        return bytes.toByteArray();
    }

    private StateWriter write(Write write) {
        try {
            write.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    @FunctionalInterface
    private interface Write {
        void run() throws IOException;
    }
}
