package dev.reflux.service.commands;

import dev.reflux.jobs.metrics.Registries;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.service.UsageException;
import dev.reflux.service.monitor.Monitor;
import dev.reflux.service.monitor.WatchedJob;
import dev.reflux.service.runs.RunOutput;
import dev.reflux.service.runs.Watcher;
import java.io.IOException;
import java.net.URI;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The demo's live page, which outlives the run that it shows. */
final class DemoPage implements Watcher, AutoCloseable {
    private final RunOutput output;
    private @Nullable Monitor monitor;

    DemoPage(RunOutput output) {
        this.output = output;
    }

    @Override
    public Watch watch(Pipeline running, Registries registries) {
        try {
            Monitor started = Monitor.ofThisProcess(running, WatchedJob.LEARNING, registries);
            monitor = started;
            output.say("Watch it at " + started.address());
            return started::freeze;
        } catch (IOException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    URI address() {
        return Objects.requireNonNull(monitor, "the run has not begun").address();
    }

    @Override
    public void close() {
        if (monitor != null) {
            monitor.close();
        }
    }
}
