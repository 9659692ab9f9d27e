package dev.reflux.service.commands;

import dev.reflux.events.generated.DriftingStream;
import dev.reflux.events.generated.DriftingStreamSpec;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.ExitCode;
import dev.reflux.service.Interruption;
import dev.reflux.service.UsageException;
import dev.reflux.service.progress.ProgressView;
import dev.reflux.service.report.ReportTable;
import dev.reflux.service.report.RunReport;
import dev.reflux.service.runs.BoundedRun;
import dev.reflux.service.runs.RunOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reflux demo}. */
@Command(
        name = "demo",
        description = {
            "Shows the whole service in this one process: an embedded Kafka and Flink, a generated stream whose classes"
                    + " change over time, a teacher and a student that learn from it, published students.",
            "Needs nothing and leaves nothing behind."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final long SEED = 42;
    private static final double LABELS = 0.1;
    private static final String PIPELINE = "demo.yaml";

    @Option(
            names = "--events",
            paramLabel = "N",
            description = "Length of the stream (default: ${DEFAULT-VALUE}).",
            defaultValue = "300000")
    private long events;

    @Option(names = "--keep-page", description = "Go on showing the live page after the end, until Ctrl-C.")
    private boolean keepPage;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description =
                    "Port of the live page, or the next of ten that is free; 0 takes any (default: ${DEFAULT-VALUE}).",
            defaultValue = "8474")
    private int port;

    @Mixin
    private ReportFile reportFile = new ReportFile();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        if (events < 1) {
            throw new UsageException("--events is " + events + ", must be 1 or more");
        }
        if (port < 0 || port > 65535) {
            throw new UsageException("--port is " + port + ", must be 0 to 65535");
        }
        Pipeline pipeline = pipeline(List.of("monitor.port=" + port));
        DriftingStreamSpec streamSpec = DriftingStreamSpec.demo(SEED);
        DriftingStream stream = new DriftingStream(streamSpec);
        PrintWriter out = spec.commandLine().getOut();
        introduce(pipeline, streamSpec, out);
        Iterator<byte[]> source =
                LongStream.range(0, events).mapToObj(stream::event).iterator();
        RunOutput output = new RunOutput(out, ProgressView.Style.ofStandardOutput());
        try (Interruption interruption = new Interruption();
                DemoPage page = new DemoPage(output)) {
            Optional<RunReport> report = new BoundedRun(pipeline, LABELS, output, interruption)
                    .run("reflux demo", source, events, BoundedRun.Feed.ALONGSIDE, page);
            if (report.isEmpty()) {
                out.println("interrupted; nothing is left behind");
                out.flush();
                return interruption.exitCode();
            }
            summarize(pipeline, streamSpec, report.get(), out);
            reportFile.write(report.get().toJson(), out);
            out.flush();
            if (keepPage) {
                output.say("The live page stays at " + page.address() + " until Ctrl-C.");
                interruption.requested().join();
                return interruption.exitCode();
            }
            return ExitCode.OK;
        }
    }

    /** The pipeline that the demo runs. The environment does not change it: the stream is made for it. */
    static Pipeline pipeline() {
        return pipeline(List.of());
    }

    private static Pipeline pipeline(List<String> settings) {
        try (InputStream file = DemoCommand.class.getResourceAsStream(PIPELINE)) {
            if (file == null) {
                throw new IllegalStateException("the jar has no " + PIPELINE + "; build it anew");
            }
            String yaml = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            return PipelineReader.read(PIPELINE, yaml, Map.of(), settings);
        } catch (IOException e) {
            throw new UncheckedIOException("the jar's " + PIPELINE + " cannot be read", e);
        }
    }

    private void introduce(Pipeline pipeline, DriftingStreamSpec stream, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%,d generated events flow through topic %s of an embedded Kafka; their classes change every %,d"
                        + " events.%n",
                events,
                pipeline.topics().events(),
                stream.driftEvery());
        out.printf(
                Locale.ROOT,
                "Only %.0f %% of the labels are shown to the teacher and the student. The student learns from the"
                        + " teacher what the rest cannot tell it; beside it, the same network learns from those labels"
                        + " alone.%n",
                100 * LABELS);
        out.println(
                "All predict each event first and learn from it then: accuracy is on unseen events, measured with all"
                        + " labels.");
        out.println();
        out.flush();
    }

    private void summarize(Pipeline pipeline, DriftingStreamSpec stream, RunReport report, PrintWriter out) {
        out.print(ReportTable.of(report));
        out.println();
        String changes = DemoSummary.changes(stream, report);
        if (!changes.isEmpty()) {
            out.println("How they took the changes of the stream (accuracy before, right after, and once learned):");
            out.println();
            out.println(changes);
        }
        for (RunReport.Student student : report.students()) {
            if (student.gain() != null && student.control() != null) {
                out.printf(
                        Locale.ROOT,
                        "Distillation brought student %s from %.1f %% (the same network, labels alone) to %.1f %%: %+.1f"
                                + " points.%n",
                        student.name(),
                        100 * student.control().accuracy(),
                        100 * student.accuracy(),
                        100 * student.gain());
            }
            out.printf(
                    Locale.ROOT,
                    "Student %s has %.1f %% of the teacher's parameters. It was published %d times to topic %s, as ONNX"
                            + " that takes raw events; the last one has sha256 %s.%n",
                    student.name(),
                    100.0
                            * student.parameters()
                            / Objects.requireNonNull(report.teacher()).parameters(),
                    student.checkpointsPublished(),
                    pipeline.topics().checkpoints(),
                    student.sha256() == null ? "-" : student.sha256().substring(0, 12) + "...");
        }
        out.println("Broker and topics were this process's own and are gone. With your own events:");
        out.println("  reflux run PIPELINE.yaml              against your Kafka");
        out.println("  reflux run PIPELINE.yaml --embedded   against one that reflux starts and keeps");
        out.flush();
    }
}
