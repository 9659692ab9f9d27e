package dev.reflux.service.embedded;

/** The embedded cluster, or a job in it, did not do what was asked. */
public final class EmbeddedFlinkException extends RuntimeException {
    public EmbeddedFlinkException(String message, Throwable cause) {
        super(message, cause);
    }
}
