package dev.reflux.service.commands;

import dev.reflux.events.csv.CsvEvents;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.service.ExitCode;
import dev.reflux.service.Interruption;
import dev.reflux.service.UsageException;
import dev.reflux.service.progress.ProgressView;
import dev.reflux.service.report.ReportTable;
import dev.reflux.service.report.RunReport;
import dev.reflux.service.runs.BoundedRun;
import dev.reflux.service.runs.RunOutput;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reflux evaluate}. */
@Command(
        name = "evaluate",
        description = {
            "Replays a file through an embedded Kafka and the whole job at full speed, and reports how well teacher and"
                    + " students predicted each event before they learned from it.",
            "Broker and cluster exist for this run only; the pipeline's brokers are not touched."
        })
public final class EvaluateCommand implements Callable<Integer> {
    @Mixin
    private PipelineFile pipelineFile = new PipelineFile();

    @Mixin
    private CsvFile csv = new CsvFile();

    @Option(
            names = "--labels",
            paramLabel = "SHARE",
            description =
                    "Share of the labels that learning may see, 0 to 1 (default: 1); quality is measured on all of them.")
    private double labels = 1;

    @Mixin
    private ReportFile reportFile = new ReportFile();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        if (!(labels >= 0 && labels <= 1)) {
            throw new UsageException("--labels is " + labels + ", must be from 0 (hide all) to 1 (hide none)");
        }
        Pipeline pipeline = pipelineFile.read();
        long count = csv.count();
        PrintWriter out = spec.commandLine().getOut();
        RunOutput output = new RunOutput(out, ProgressView.Style.ofStandardOutput());
        try (CsvEvents events = csv.open(pipeline);
                Interruption interruption = new Interruption()) {
            Optional<RunReport> report = new BoundedRun(pipeline, labels, output, interruption)
                    .run("reflux evaluate " + pipeline.pipeline(), events, count, BoundedRun.Feed.FIRST);
            if (report.isEmpty()) {
                out.println("interrupted; nothing is left behind");
                out.flush();
                return interruption.exitCode();
            }
            out.print(ReportTable.of(report.get()));
            reportFile.write(report.get().toJson(), out);
            out.flush();
            return ExitCode.OK;
        }
    }
}
