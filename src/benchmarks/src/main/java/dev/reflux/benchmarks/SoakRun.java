package dev.reflux.benchmarks;

import dev.reflux.events.generated.DriftingStream;
import dev.reflux.events.generated.DriftingStreamSpec;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.report.IntakeReport;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code src/benchmarks/run soak}. */
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        description = {
            "Whether memory stays where it is over millions of events: generated ones flow through an embedded Kafka and"
                    + " the whole job, one in a thousand broken; the process's memory is read at every percent.",
            "Exit code 1 when resident memory grows more than the limit after the first tenth, or events are lost."
        })
final class SoakRun implements Callable<Integer> {
    private static final long SEED = 1;

    @Option(names = "--events", defaultValue = "10000000", description = "Default: ${DEFAULT-VALUE}.")
    private long events;

    @Option(names = "--batch", defaultValue = "256", description = "Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--limit",
            paramLabel = "PERCENT",
            defaultValue = "5",
            description = "Growth of resident memory that still counts as flat (default: ${DEFAULT-VALUE}).")
    private double limit;

    @Option(
            names = "--ahead",
            defaultValue = "200000",
            description = "Events that the producer may be ahead of the job (default: ${DEFAULT-VALUE}).")
    private long ahead;

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = "Another setting of the pipeline, such as engine=fused or batch.step=event.")
    private List<String> settings = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        DriftingStream stream = new DriftingStream(DriftingStreamSpec.demo(SEED));
        Pipeline pipeline = GeneratedPipeline.of(
                stream.schema(), batch, new GeneratedPipeline.Hidden(List.of(128, 128), List.of(32)), settings);
        out.println(Texts.machine());
        out.println(Texts.format(
                "%,d events of 10 numerics and a category; teacher [128, 128], student [32], batches of %d%s",
                events, batch, settings.isEmpty() ? "" : ", " + String.join(", ", settings)));
        out.println();
        out.println(Texts.format(
                "%12s  %8s  %10s  %9s  %9s  %9s  %9s  %9s  %9s",
                "events", "seconds", "events/s", "RSS", "anonymous", "heap", "live heap", "direct", "NDArrays"));
        out.flush();
        List<MemorySample> samples = new ArrayList<>();
        IntakeReport intake = SoakJob.run(pipeline, stream::event, new SoakJob.Length(events, ahead), sample -> {
            out.println(row(sample, samples.isEmpty() ? null : samples.get(samples.size() - 1)));
            out.flush();
            samples.add(sample);
        });
        boolean flat = printMemory(samples, out);
        boolean complete = printEvents(intake, out);
        out.flush();
        return flat && complete ? 0 : 1;
    }

    private static String row(MemorySample sample, @Nullable MemorySample before) {
        double rate = before == null
                ? sample.events() / sample.seconds()
                : (sample.events() - before.events()) / (sample.seconds() - before.seconds());
        return Texts.format(
                "%,12d  %8.1f  %,10.0f  %9s  %9s  %9s  %9s  %9s  %9s",
                sample.events(),
                sample.seconds(),
                rate,
                mega(sample.resident()),
                mega(sample.anonymous()),
                mega(sample.heapCommitted()),
                mega(sample.heapLive()),
                mega(sample.direct()),
                sample.liveArrays() < 0 ? "-" : Long.toString(sample.liveArrays()));
    }

    private static String mega(long bytes) {
        return bytes < 0 ? "-" : Texts.format("%,.1f MB", bytes / 1048576.0);
    }

    private boolean printMemory(List<MemorySample> samples, PrintWriter out) {
        Flatness resident = Flatness.of(samples, MemorySample::resident);
        out.println();
        if (resident.atTenth() < 0) {
            out.println("resident memory: this system does not tell");
            return false;
        }
        boolean flat = resident.growth() * 100 <= limit;
        out.println(line("resident memory", resident) + (flat ? ": flat" : ": NOT FLAT"));
        out.println(line("live heap", Flatness.of(samples, MemorySample::heapLive)));
        out.println(line("direct buffers", Flatness.of(samples, MemorySample::direct)));
        Flatness arrays = Flatness.of(samples, MemorySample::liveArrays);
        out.println(
                arrays.most() < 0
                        ? "native arrays: the job does not report them"
                        : Texts.format(
                                "native arrays: at most %d at the first tenth, %d after it, %d at the end",
                                arrays.atTenth(), arrays.most(), arrays.atEnd()));
        return flat;
    }

    private static String line(String what, Flatness of) {
        return Texts.format(
                "%s: %s after the first tenth, at most %s after that (%+.1f %%), %s at the end",
                what, mega(of.atTenth()), mega(of.most()), of.growth() * 100, mega(of.atEnd()));
    }

    private boolean printEvents(IntakeReport intake, PrintWriter out) {
        long broken = ThrottledEvents.broken(events);
        boolean complete = intake.deadLetters() == broken && intake.trained() == events - broken;
        out.println(Texts.format(
                "events: %,d sent, %,d trained on, %,d of %,d broken ones in the dead-letter topic: %s",
                events,
                intake.trained(),
                intake.deadLetters(),
                broken,
                complete ? "they add up" : "THEY DO NOT ADD UP"));
        return complete;
    }
}
