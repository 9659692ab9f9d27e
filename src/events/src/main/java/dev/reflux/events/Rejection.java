package dev.reflux.events;

/**
 * A refused event.
 *
 * @param message what was found, the rule it breaks and how to mend it; at most {@value #MAX_MESSAGE} characters
 */
public record Rejection(Reason reason, String message) {

    /** Longer messages are cut: they travel in a record header. */
    public static final int MAX_MESSAGE = 500;

    public Rejection {
        if (message.length() > MAX_MESSAGE) {
            message = message.substring(0, MAX_MESSAGE - 3) + "...";
        }
    }
}
