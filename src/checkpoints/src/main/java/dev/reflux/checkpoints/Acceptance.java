package dev.reflux.checkpoints;

import dev.reflux.checkpoints.CheckpointException.Problem;

/**
 * What a consumer takes from a topic. Whoever may write to the topic decides what consumers run, unless they ask for
 * signatures; the limit bounds what one record can make them allocate.
 *
 * @param store where models beside their record lie
 * @param signatures who must have signed
 * @param maxModelBytes largest model, at least 1
 */
public record Acceptance(ModelStore store, SignatureCheck signatures, long maxModelBytes) {

    /** More than a million hash buckets with an embedding of 32 each. */
    public static final long DEFAULT_MAX_MODEL_BYTES = 256L << 20;

    /** The manifest beside an inline model; a vocabulary of a hundred thousand words fits. */
    private static final long MANIFEST_BYTES = 4L << 20;

    public Acceptance {
        if (maxModelBytes < 1) {
            throw new IllegalArgumentException("maxModelBytes is " + maxModelBytes + "; a model has at least one byte");
        }
    }

    /** Unsigned models up to {@value #DEFAULT_MAX_MODEL_BYTES} bytes. */
    public static Acceptance of(ModelStore store) {
        return new Acceptance(store, SignatureCheck.none(), DEFAULT_MAX_MODEL_BYTES);
    }

    public Acceptance withSignatures(SignatureCheck check) {
        return new Acceptance(store, check, maxModelBytes);
    }

    public Acceptance withMaxModelBytes(long bytes) {
        return new Acceptance(store, signatures, bytes);
    }

    void requireValueSize(int bytes) {
        // base64 is four bytes for three
        long limit = maxModelBytes / 3 * 4 + MANIFEST_BYTES;
        if (bytes > limit) {
            throw new CheckpointException(
                    Problem.TOO_LARGE,
                    "the record has " + bytes + " bytes, this consumer takes up to " + limit
                            + "; raise its limit of model bytes if the record is meant");
        }
    }

    void requireModelSize(Manifest manifest) {
        if (manifest.size() > maxModelBytes) {
            throw new CheckpointException(
                    Problem.TOO_LARGE,
                    "the model of " + manifest.student() + " step " + manifest.step() + " is said to have "
                            + manifest.size() + " bytes, this consumer takes up to " + maxModelBytes
                            + "; raise its limit of model bytes if the student is meant");
        }
    }
}
