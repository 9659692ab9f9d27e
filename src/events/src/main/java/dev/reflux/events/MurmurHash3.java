package dev.reflux.events;

/** MurmurHash3, the 32-bit variant for x86 (Austin Appleby, public domain). */
public final class MurmurHash3 {

    private static final int C1 = 0xcc9e2d51;
    private static final int C2 = 0x1b873593;

    private MurmurHash3() {}

    /** Hash of {@code bytes[0..length)}; to be read as unsigned. */
    public static int hash32(byte[] bytes, int length, int seed) {
        int hash = seed;
        int blocks = length & ~3;
        for (int i = 0; i < blocks; i += 4) {
            int block = (bytes[i] & 0xff)
                    | (bytes[i + 1] & 0xff) << 8
                    | (bytes[i + 2] & 0xff) << 16
                    | (bytes[i + 3] & 0xff) << 24;
            hash ^= scramble(block);
            hash = Integer.rotateLeft(hash, 13) * 5 + 0xe6546b64;
        }
        int tail = 0;
        for (int i = length - 1; i >= blocks; i--) {
            tail = tail << 8 | (bytes[i] & 0xff);
        }
        hash ^= scramble(tail);
        hash ^= length;
        hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
        return hash ^ (hash >>> 16);
    }

    private static int scramble(int block) {
        return Integer.rotateLeft(block * C1, 15) * C2;
    }
}
