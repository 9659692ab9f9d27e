package dev.reflux.distillation.state;

/** State that cannot be read: cut off, of another shape, or written by a newer build. */
public final class StateException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StateException(String message) {
        super(message);
    }

    public StateException(String message, Throwable cause) {
        super(message, cause);
    }
}
