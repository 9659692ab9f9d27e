package dev.reflux.service;

/** What the user gave cannot be used: a file, an option, an address. Ends the process with {@link ExitCode#USAGE}. */
public final class UsageException extends RuntimeException {
    public UsageException(String message) {
        super(message);
    }

    public UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
