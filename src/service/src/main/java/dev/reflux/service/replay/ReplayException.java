package dev.reflux.service.replay;

/** Events could not be brought into their topic. */
public final class ReplayException extends RuntimeException {
    public ReplayException(String message, Throwable cause) {
        super(message, cause);
    }
}
