package dev.reflux.distillation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Does the same with each of several independent things: at once where cores allow, else one after the other. */
final class SideBySide implements AutoCloseable {

    private final @Nullable ExecutorService threads;

    private SideBySide(@Nullable ExecutorService threads) {
        this.threads = threads;
    }

    /** For so many things, with as many threads as there are things and cores. */
    static SideBySide of(int things) {
        int useful = Math.min(things, Runtime.getRuntime().availableProcessors());
        if (useful < 2) {
            return new SideBySide(null);
        }
        return new SideBySide(Executors.newFixedThreadPool(useful, task -> {
            Thread thread = new Thread(task, "reflux-member");
            thread.setDaemon(true);
            return thread;
        }));
    }

    /** The results in the order of the things; the first failure is thrown once all are done. */
    <T, R> List<R> map(List<T> things, Function<T, R> work) {
        ExecutorService pool = threads;
        if (pool == null) {
            return things.stream().map(work).toList();
        }
        List<Callable<R>> tasks = new ArrayList<>();
        things.forEach(thing -> tasks.add(() -> work.apply(thing)));
        try {
            List<R> results = new ArrayList<>();
            for (Future<R> future : pool.invokeAll(tasks)) {
                results.add(future.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while the members of the committee were at work");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Waits for what is still at work: it may use memory that its owner is about to free. */
    @Override
    public void close() {
        ExecutorService pool = threads;
        if (pool == null) {
            return;
        }
        pool.shutdown();
        boolean interrupted = false;
        while (!pool.isTerminated()) {
            try {
                pool.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
