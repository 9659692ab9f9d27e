package dev.reflux.service.commands;

import dev.reflux.jobs.metrics.Registries;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.service.Interruption;
import dev.reflux.service.UsageException;
import dev.reflux.service.monitor.MetricsSource;
import dev.reflux.service.monitor.Monitor;
import dev.reflux.service.monitor.WatchedJob;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code reflux monitor}. */
@Command(
        name = "monitor",
        description = {
            "Watches a pipeline that runs on a Flink cluster, until Ctrl-C: live page, health and metrics at one address.",
            "It follows the pipeline's topics, and reads the metrics of the cluster's processes at monitor.scrape."
        })
public final class MonitorCommand implements Callable<Integer> {
    @Mixin
    private PipelineFile pipelineFile = new PipelineFile();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Pipeline pipeline = pipelineFile.read();
        if (pipeline.monitor().scrape().isEmpty()) {
            throw new UsageException(
                    "monitor.scrape is empty, so there is no job to watch; list the URLs of the reporters"
                            + " of the cluster's processes, such as"
                            + " --set 'monitor.scrape=[http://jobmanager:9249/metrics, http://taskmanager:9249/metrics]'");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (Interruption interruption = new Interruption();
                Registries registries = Registries.open(Monitor.otlp(pipeline));
                Monitor monitor = new Monitor(
                        pipeline,
                        WatchedJob.LEARNING,
                        MetricsSource.scraping(pipeline.monitor().scrape()),
                        registries)) {
            out.println(
                    "live page, metrics and health of pipeline " + pipeline.pipeline() + " at " + monitor.address());
            out.flush();
            interruption.requested().join();
            return interruption.exitCode();
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }
}
