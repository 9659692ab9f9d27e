package dev.reflux.service.topics;

/** The brokers could not be asked, or refused. */
public final class TopicsException extends RuntimeException {
    public TopicsException(String message, Throwable cause) {
        super(message, cause);
    }
}
