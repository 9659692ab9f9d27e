package dev.reflux.checkpoints;

import dev.reflux.checkpoints.CheckpointException.Problem;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A manifest and the model it speaks of; that they belong together has been checked.
 *
 * @param model ONNX bytes; not copied, so leave them alone afterwards
 */
public record Checkpoint(Manifest manifest, byte[] model) {

    /**
     * @throws CheckpointException {@code WRONG_SIZE} or {@code WRONG_HASH}
     */
    public Checkpoint {
        if (model.length != manifest.size()) {
            throw new CheckpointException(
                    Problem.WRONG_SIZE,
                    "the model of " + manifest.student() + " step " + manifest.step() + " has " + model.length
                            + " bytes, its manifest says " + manifest.size() + "; it was cut or exchanged on the way");
        }
        String actual = sha256(model);
        if (!actual.equals(manifest.sha256())) {
            throw new CheckpointException(
                    Problem.WRONG_HASH,
                    "the model of " + manifest.student() + " step " + manifest.step() + " has sha256 " + actual
                            + ", its manifest says " + manifest.sha256() + "; it was changed on the way");
        }
    }

    /** SHA-256 in lower-case hexadecimal, as manifests hold it. */
    public static String sha256(byte[] model) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(model));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256, which every one must have", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Checkpoint that && manifest.equals(that.manifest) && Arrays.equals(model, that.model);
    }

    @Override
    public int hashCode() {
        return manifest.hashCode();
    }

    @Override
    public String toString() {
        return "Checkpoint[" + manifest + "]";
    }
}
