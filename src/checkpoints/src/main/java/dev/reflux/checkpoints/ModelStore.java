package dev.reflux.checkpoints;

import dev.reflux.checkpoints.CheckpointException.Problem;
import java.io.IOException;
import java.io.InputStream;

/**
 * Where models too large for a Kafka record lie.
 */
public interface ModelStore {

    /**
     * Makes a model readable under the URI returned, all of it or nothing; writing the same name and bytes again is
     * harmless, as it happens after a recovery.
     *
     * @param name relative path of letters, digits, {@code . - _} and {@code /}
     */
    String write(String name, byte[] model) throws IOException;

    /**
     * @param uri as {@link #write} returned it, or as a hostile manifest has it
     * @param size that the model should have; of a longer one no more is read than shows that it is longer
     */
    byte[] read(String uri, long size) throws IOException;

    /** Deletes a model, if it is there. */
    void delete(String uri) throws IOException;

    /** All that is in a stream, but at most one byte more than {@code size}; closes it. */
    static byte[] readAtMost(InputStream in, long size) throws IOException {
        try (in) {
            return in.readNBytes((int) Math.min(size + 1, Integer.MAX_VALUE - 8));
        }
    }

    /** For pipelines and consumers whose models are all inline. */
    static ModelStore none() {
        return new ModelStore() {
            @Override
            public String write(String name, byte[] model) {
                throw new IllegalStateException("the model " + name + " has " + model.length
                        + " bytes, more than fit into a record, and there is no place to store it;"
                        + " raise the inline limit or configure a model store");
            }

            @Override
            public byte[] read(String uri, long size) {
                throw new CheckpointException(
                        Problem.MODEL_UNAVAILABLE,
                        "the model lies at " + uri + ", and this consumer has no model store; configure one");
            }

            @Override
            public void delete(String uri) {}
        };
    }
}
