package dev.reflux.drift;

import java.io.DataInput;
import java.io.IOException;

/** What all states have in common when they are read: a version in front, and one way to say that they make no sense. */
final class States {

    private States() {}

    /** Reads what follows the version. */
    @FunctionalInterface
    interface Body<T> {
        T read(int version) throws IOException;
    }

    /**
     * Reads a state of version 1 up to {@code newest}.
     *
     * @param what names the state in errors
     * @throws IOException also when the state is of a newer version or makes no sense
     */
    static <T> T read(String what, int newest, DataInput in, Body<T> body) throws IOException {
        int version = in.readInt();
        if (version < 1 || version > newest) {
            throw new IOException(what + " state: version " + version + " found, this build reads up to " + newest);
        }
        try {
            return body.read(version);
        } catch (IllegalArgumentException | IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw new IOException(what + " state: damaged, " + e.getMessage(), e);
        }
    }

    static DriftLevel readLevel(DataInput in) throws IOException {
        return DriftLevel.values()[in.readByte()];
    }
}
