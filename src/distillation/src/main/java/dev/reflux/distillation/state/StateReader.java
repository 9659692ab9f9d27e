package dev.reflux.distillation.state;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads what {@link StateWriter} wrote, in the same order. */
public final class StateReader {

    private final DataInputStream in;
    private final int version;

    public StateReader(byte[] bytes) {
        this(bytes, 0);
    }

    private StateReader(byte[] bytes, int version) {
        this.in = new DataInputStream(new ByteArrayInputStream(bytes));
        this.version = version;
    }

    /**
     * Opens the next section.
     *
     * @param name the section expected
     * @param newestVersion newest version of it that this build reads
     * @throws StateException when another section stands there, or one that a newer build wrote
     */
    public StateReader section(String name, int newestVersion) {
        return read("section " + name, () -> {
            String found = in.readUTF();
            if (!found.equals(name)) {
                throw new StateException("state section '" + found + "' found where '" + name
                        + "' is expected: the state belongs to a job of another shape");
            }
            int foundVersion = in.readInt();
            if (foundVersion > newestVersion) {
                throw new StateException("state section '" + name + "': version " + foundVersion
                        + " found, this build reads up to " + newestVersion);
            }
            return new StateReader(readBytes(), foundVersion);
        });
    }

    /** Version of the section being read. */
    public int version() {
        return version;
    }

    public int getInt() {
        return read("an int", in::readInt);
    }

    public long getLong() {
        return read("a long", in::readLong);
    }

    public double getDouble() {
        return read("a double", in::readDouble);
    }

    public String getString() {
        return read("a string", in::readUTF);
    }

    public byte[] getBytes() {
        return read("bytes", this::readBytes);
    }

    private byte[] readBytes() throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new StateException("state is cut off or damaged: " + in.available() + " bytes left where " + length
                    + " are announced");
        }
        return in.readNBytes(length);
    }

    public float[] getFloats() {
        ByteBuffer buffer = ByteBuffer.wrap(getBytes()).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[buffer.remaining() / Float.BYTES];
        buffer.asFloatBuffer().get(values);
        return values;
    }

    public double[] getDoubles() {
        ByteBuffer buffer = ByteBuffer.wrap(getBytes()).order(ByteOrder.LITTLE_ENDIAN);
        double[] values = new double[buffer.remaining() / Double.BYTES];
        buffer.asDoubleBuffer().get(values);
        return values;
    }

    public int[] getInts() {
        ByteBuffer buffer = ByteBuffer.wrap(getBytes()).order(ByteOrder.LITTLE_ENDIAN);
        int[] values = new int[buffer.remaining() / Integer.BYTES];
        buffer.asIntBuffer().get(values);
        return values;
    }

    public long[] getLongs() {
        ByteBuffer buffer = ByteBuffer.wrap(getBytes()).order(ByteOrder.LITTLE_ENDIAN);
        long[] values = new long[buffer.remaining() / Long.BYTES];
        buffer.asLongBuffer().get(values);
        return values;
    }

    /** Whether anything is left in this section. */
    public boolean hasRemaining() {
        return read("the rest", () -> in.available() > 0);
    }

    private static <T> T read(String what, Read<T> read) {
        try {
            return read.run();
        } catch (IOException e) {
            throw new StateException("state is cut off before " + what, e);
        }
    }

    @FunctionalInterface
    private interface Read<T> {
        T run() throws IOException;
    }
}
