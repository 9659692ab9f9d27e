package dev.reflux.checkpoints;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint that cannot be used. The message names what was found, the rule it breaks and what to do.
 */
public final class CheckpointException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** What kind of trouble, for counters and for deciding whether to go on with the student one has. */
    public enum Problem {
        /** No value, or a {@code reflux-format} header that is absent or names something else. */
        NOT_A_CHECKPOINT,
        /** Written by a newer build. */
        NEWER_VERSION,
        /** Larger than the consumer takes. */
        TOO_LARGE,
        /** Signatures are asked for, and it has none, or none by a key that is trusted. */
        BAD_SIGNATURE,
        /** Signatures are asked for, and it is older than the student at hand: somebody sent an old record again. */
        SENT_AGAIN,
        /** Not JSON, or a field is absent, of the wrong type or out of range. */
        BAD_MANIFEST,
        /** The model lies behind a URI that cannot be read from here. */
        MODEL_UNAVAILABLE,
        /** The model's length is not the manifest's. */
        WRONG_SIZE,
        /** The model's SHA-256 is not the manifest's. */
        WRONG_HASH,
        /** ONNX Runtime does not take the model, or its inputs and outputs are not what it says of itself. */
        BAD_MODEL
    }

    /** What was found may be as long as whoever wrote it likes. */
    private static final int LONGEST_MESSAGE = 1000;

    private final Problem problem;

    public CheckpointException(Problem problem, String message) {
        this(problem, message, null);
    }

    public CheckpointException(Problem problem, String message, @Nullable Throwable cause) {
        super(message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE) + "...", cause);
        this.problem = Objects.requireNonNull(problem);
    }

    public Problem problem() {
        return problem;
    }
}
