package dev.reflux.jobs.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Packed batches as bytes, for the network and for state, and back into direct buffers. */
public final class PackedBytes {

    private PackedBytes() {}

    /** A copy of the whole buffer. */
    public static byte[] of(ByteBuffer packed) {
        byte[] bytes = new byte[packed.limit()];
        packed.get(0, bytes);
        return bytes;
    }

    /** A direct buffer with these bytes, as a batch is read from. */
    public static ByteBuffer toBuffer(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(0, bytes);
    }
}
