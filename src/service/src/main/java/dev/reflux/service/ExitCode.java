package dev.reflux.service;

/** What the process tells the shell. */
public final class ExitCode {
    /** Done. */
    public static final int OK = 0;
    /** Something failed while running. */
    public static final int FAILED = 1;
    /** The command line, a file or the configuration cannot be used; nothing was started. */
    public static final int USAGE = 2;
    /** Ended by Ctrl-C, in order. The system's own code for it, so that shells and scripts see what they expect. */
    public static final int INTERRUPTED = 130;

    private ExitCode() {}
}
