package dev.reflux.service;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ctrl-C (or a plain {@code kill}) as something to wait for. The JVM's shutdown is held up, for a while at most, until
 * the command has put everything in order and closed this.
 */
public final class Interruption implements AutoCloseable {
    private final CompletableFuture<Void> requested = new CompletableFuture<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger code = new AtomicInteger(ExitCode.INTERRUPTED);
    private final Thread hook;

    /** @param patience how long the process waits for an orderly end before it ends anyway */
    public Interruption(Duration patience) {
        hook = new Thread(() -> hold(patience), "reflux-interruption");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Completes when the user wants the command to end. */
    public CompletableFuture<Void> requested() {
        return requested;
    }

    public boolean isRequested() {
        return requested.isDone();
    }

    /** The process will end with this code although it was interrupted: the orderly end failed. */
    public void failed(int exitCode) {
        code.set(exitCode);
    }

    /** Everything is in order: the process may end. */
    @Override
    public void close() {
        closed.countDown();
        if (!requested.isDone()) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // the shutdown has begun this very moment; the hook finds the latch open
            }
        }
    }

    private void hold(Duration patience) {
        requested.complete(null);
        boolean inOrder;
        try {
            inOrder = closed.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            inOrder = false;
        }
        int ending = code.get();
        if (!inOrder || ending != ExitCode.INTERRUPTED) {
            System.out.flush();
            System.err.flush();
            // exit() cannot be called from a hook, and the signal's own code would say that all went well
            Runtime.getRuntime().halt(inOrder ? ending : ExitCode.FAILED);
        }
    }
}
