package dev.reflux.checkpoints;

import dev.reflux.checkpoints.CheckpointException.Problem;
import java.io.IOException;

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
     */
    byte[] read(String uri) throws IOException;

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
            public byte[] read(String uri) {
                throw new CheckpointException(
                        Problem.MODEL_UNAVAILABLE,
                        "the model lies at " + uri + ", and this consumer has no model store; configure one");
            }
        };
    }
}
