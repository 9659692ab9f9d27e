package dev.reflux.service;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.util.SerializedThrowable;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;

/**
 * The one message of an exception that a user can act on. Flink and Kafka wrap what happened many times over, and the
 * outer messages ("Job execution failed.") say nothing.
 */
public final class ErrorText {
    private static final String OWN_PACKAGE = "dev.reflux.";

    private ErrorText() {}

    /**
     * The message of the outermost exception of our own, which was written for the user, else of the innermost cause,
     * which is where it began.
     */
    public static String of(Throwable error) {
        List<Throwable> chain = chain(error);
        for (Throwable one : chain) {
            if (one.getClass().getName().startsWith(OWN_PACKAGE) && one.getMessage() != null) {
                return one.getMessage();
            }
        }
        Throwable innermost = chain.get(chain.size() - 1);
        String message = innermost.getMessage();
        if (innermost instanceof OffsetOutOfRangeException) {
            return "events were deleted from their topic before they were read (" + message
                    + "); to go on without them set kafka.properties: { auto.offset.reset: earliest }";
        }
        if (message == null || message.isBlank()) {
            return innermost.getClass().getSimpleName();
        }
        return isSelfExplaining(innermost) ? message : innermost.getClass().getSimpleName() + ": " + message;
    }

    /** The exceptions from the outermost to the first cause, with those unpacked that Flink carried as bytes. */
    public static List<Throwable> chain(Throwable error) {
        List<Throwable> chain = new ArrayList<>();
        Throwable next = error;
        while (next != null && !chain.contains(next)) {
            if (next instanceof SerializedThrowable packed) {
                Throwable unpacked = packed.deserializeError(ErrorText.class.getClassLoader());
                if (unpacked != next && !chain.contains(unpacked)) {
                    next = unpacked;
                    continue;
                }
            }
            chain.add(next);
            next = next.getCause();
        }
        return chain;
    }

    private static boolean isSelfExplaining(Throwable error) {
        return error.getClass() == IllegalArgumentException.class
                || error.getClass() == IllegalStateException.class
                || error.getClass() == RuntimeException.class;
    }
}
