package dev.reflux.checkpoints;

import org.jspecify.annotations.Nullable;

/** Says whether a record was signed by somebody trusted, before anything in it is read. */
public interface SignatureCheck {

    /**
     * @param value of the record, all its bytes
     * @param signature value of the header {@value CheckpointRecord#SIGNATURE_HEADER}; null when there is none
     * @throws CheckpointException {@code BAD_SIGNATURE}
     */
    void require(byte[] value, byte @Nullable [] signature);

    /** Whether an unsigned record is refused. */
    boolean asksForSignatures();

    /** Takes signed and unsigned records alike. */
    static SignatureCheck none() {
        return new SignatureCheck() {
            @Override
            public void require(byte[] value, byte @Nullable [] signature) {}

            @Override
            public boolean asksForSignatures() {
                return false;
            }
        };
    }
}
