package dev.reflux.service.runs;

import dev.reflux.service.ErrorText;

/** A run ended because its job failed; the message leads with what was being done and ends with the job's own. */
public final class RunException extends RuntimeException {
    public RunException(String what, Throwable cause) {
        super(what + ": " + ErrorText.of(cause), cause);
    }
}
