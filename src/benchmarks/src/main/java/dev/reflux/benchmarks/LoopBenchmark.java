package dev.reflux.benchmarks;

import dev.reflux.distillation.engine.StepTimes;
import dev.reflux.events.generated.DriftingStream;
import dev.reflux.events.generated.DriftingStreamSpec;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineWriter;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code src/benchmarks/run loop}. */
@Command(
        name = "loop",
        mixinStandardHelpOptions = true,
        description = {
            "How much of the raw speed of teacher and student the whole job keeps, and where a step's time goes.",
            "Raw: one thread, decoded batches in memory, no Kafka, no Flink. Evaluate: what `reflux evaluate` runs, on"
                    + " the same events as JSON. Both in turn, several times, after a warm-up."
        })
final class LoopBenchmark implements Callable<Integer> {
    private static final long SEED = 1;
    private static final int LEAST_BATCHES = 20;

    @Option(names = "--batches", split = ",", defaultValue = "32,128,512", description = "Default: ${DEFAULT-VALUE}.")
    private List<Integer> sizes = List.of();

    @Option(
            names = "--teacher",
            split = ",",
            defaultValue = "512,512,256",
            description = "Widths of the teacher's hidden layers (default: ${DEFAULT-VALUE}).")
    private List<Integer> teacher = List.of();

    @Option(
            names = "--student",
            split = ",",
            defaultValue = "64",
            description = "Widths of the student's hidden layers (default: ${DEFAULT-VALUE}).")
    private List<Integer> student = List.of();

    @Option(
            names = "--seconds",
            defaultValue = "6",
            description = "About how long one measurement takes; it sets the number of events"
                    + " (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--repetitions", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}.")
    private int repetitions;

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = "Another setting of the pipeline, such as teacher.teach=before or engine=tensor.")
    private List<String> settings = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** All that was measured at one batch size. */
    record Measured(
            int batch, long events, double decodeSeconds, List<RawLoop.Result> raw, List<WholeJob.Result> whole) {

        Spread rawRate() {
            return Spread.of(raw.stream().map(RawLoop.Result::eventsPerSecond).toList());
        }

        Spread wholeRate() {
            return Spread.of(
                    whole.stream().map(one -> one.report().eventsPerSecond()).toList());
        }

        /** Of each pair that ran one after the other. */
        Spread ratio() {
            List<Double> ratios = new ArrayList<>();
            for (int i = 0; i < raw.size(); i++) {
                ratios.add(whole.get(i).report().eventsPerSecond() / raw.get(i).eventsPerSecond());
            }
            return Spread.of(ratios);
        }

        /** Whether loop and job predicted alike, event for event, which shows that they did the same work. */
        boolean sameWork() {
            RawLoop.Result one = raw.get(0);
            return whole.stream()
                    .map(WholeJob.Result::report)
                    .allMatch(report -> report.teacher().accuracy() == one.teacherAccuracy()
                            && report.students().get(0).accuracy() == one.studentAccuracy());
        }
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        DriftingStream stream = new DriftingStream(DriftingStreamSpec.wide(SEED));
        out.println(Texts.machine());
        out.println(Texts.format(
                "54 numerics, 7 classes; teacher %s, student %s%s; %d repetitions, medians (least..most)",
                teacher, student, settings.isEmpty() ? "" : ", " + String.join(", ", settings), repetitions));
        List<Measured> all = new ArrayList<>();
        for (int size : sizes) {
            Measured measured = measure(stream, size);
            all.add(measured);
            out.println(progress(measured));
            out.flush();
        }
        printRates(all, out);
        printSteps(all, out);
        printCores(all, out);
        out.flush();
        return all.stream().allMatch(Measured::sameWork) ? 0 : 1;
    }

    private Measured measure(DriftingStream stream, int size) {
        Pipeline pipeline =
                GeneratedPipeline.of(stream.schema(), size, new GeneratedPipeline.Hidden(teacher, student), settings);
        LearningPlan plan = LearningPlan.of(new JobSettings(PipelineWriter.complete(pipeline), 1, 0));
        DecodedEvents decoded = new DecodedEvents(plan, events(stream, Long.MAX_VALUE));
        int batches = warmUp(plan, decoded, size);
        double decode = decoded.decode(batches);
        RawLoop loop = new RawLoop(plan, decoded.batches().subList(0, batches));
        long events = (long) batches * size;
        WholeJob.run(pipeline, events(stream, events), events);
        List<RawLoop.Result> raw = new ArrayList<>();
        List<WholeJob.Result> whole = new ArrayList<>();
        for (int i = 0; i < repetitions; i++) {
            raw.add(loop.run());
            whole.add(WholeJob.run(pipeline, events(stream, events), events));
        }
        return new Measured(size, events, decode, raw, whole);
    }

    private static Iterator<byte[]> events(DriftingStream stream, long count) {
        return LongStream.range(0, count).mapToObj(stream::event).iterator();
    }

    /** Returns how many batches a measurement of the wished length takes. */
    private int warmUp(LearningPlan plan, DecodedEvents decoded, int size) {
        int batches = Math.max(LEAST_BATCHES, 4096 / size);
        decoded.decode(batches);
        RawLoop loop = new RawLoop(plan, decoded.batches());
        double spent = 0;
        double rate = 1;
        while (spent < seconds / 3) {
            RawLoop.Result result = loop.run();
            spent += result.seconds();
            rate = result.eventsPerSecond();
        }
        return Math.max(batches + 1, (int) (rate * seconds / size));
    }

    private static String progress(Measured of) {
        return Texts.format(
                "batch %d: %,d events, engines %s and %s, %s",
                of.batch(),
                of.events(),
                of.raw().get(0).teacherEngine(),
                of.raw().get(0).studentEngine(),
                of.sameWork()
                        ? "loop and job predicted alike"
                        : "LOOP AND JOB PREDICTED DIFFERENTLY: they did not do the same work");
    }

    private static void printRates(List<Measured> all, PrintWriter out) {
        out.println();
        out.println(Texts.format("%5s  %29s  %29s  %18s", "batch", "raw events/s", "evaluate events/s", "ratio"));
        for (Measured one : all) {
            Spread ratio = one.ratio();
            out.println(Texts.format(
                    "%5d  %29s  %29s  %18s",
                    one.batch(),
                    rate(one.rawRate()),
                    rate(one.wholeRate()),
                    Texts.format("%.2f (%.2f..%.2f)", ratio.median(), ratio.least(), ratio.most())));
        }
    }

    private static String rate(Spread of) {
        return Texts.format("%,.0f (%,.0f..%,.0f)", of.median(), of.least(), of.most());
    }

    /** One thread's work on an event: the raw loop, and before it the decoding. */
    private static void printSteps(List<Measured> all, PrintWriter out) {
        out.println();
        out.println("A step on one thread, decoding included, by share of its time:");
        out.println(Texts.format(
                "%5s  %9s  %8s  %8s  %9s  %8s  %8s  %8s",
                "batch", "us/event", "forward", "backward", "optimizer", "encode", "decode", "loop"));
        for (Measured one : all) {
            double events = one.raw().stream().mapToLong(RawLoop.Result::events).sum();
            double loop =
                    one.raw().stream().mapToDouble(RawLoop.Result::seconds).sum() / events;
            double total = loop + one.decodeSeconds();
            double forward = perEvent(one, StepTimes::forward);
            double backward = perEvent(one, StepTimes::backward);
            double optimizer = perEvent(one, StepTimes::optimizer);
            double encode = perEvent(one, StepTimes::encode);
            double rest = loop - forward - backward - optimizer - encode;
            out.println(Texts.format(
                    "%5d  %9.1f  %s  %s   %s  %s  %s  %s",
                    one.batch(),
                    total * 1e6,
                    share(forward / total),
                    share(backward / total),
                    share(optimizer / total),
                    share(encode / total),
                    share(one.decodeSeconds() / total),
                    share(rest / total)));
        }
    }

    private static double perEvent(Measured of, ToLongFunction<StepTimes> part) {
        double nanos = 0;
        double events = 0;
        for (RawLoop.Result one : of.raw()) {
            nanos += part.applyAsLong(one.teacher()) + part.applyAsLong(one.student());
            events += one.events();
        }
        return nanos / 1e9 / events;
    }

    private static String share(double of) {
        return Texts.format("%7.1f%%", of * 100);
    }

    /** What the whole job cost on all cores. */
    private static void printCores(List<Measured> all, PrintWriter out) {
        out.println();
        out.println("Processor time of evaluate, in us per event by thread (median), start of the job included:");
        out.println(Texts.format("%5s", "batch")
                + List.of(ThreadTimes.Who.values()).stream()
                        .map(who -> Texts.format("  %19s", who.title))
                        .collect(Collectors.joining())
                + Texts.format("  %5s", "cores"));
        for (Measured one : all) {
            StringBuilder line = new StringBuilder(Texts.format("%5d", one.batch()));
            double cores = 0;
            for (ThreadTimes.Who who : ThreadTimes.Who.values()) {
                List<Double> values = new ArrayList<>();
                for (WholeJob.Result result : one.whole()) {
                    Map<ThreadTimes.Who, Double> cpu = result.cpuSeconds();
                    values.add(cpu.getOrDefault(who, 0.0) / result.report().events() * 1e6);
                }
                double median = Spread.of(values).median();
                cores += median / 1e6 * one.wholeRate().median();
                line.append(Texts.format("  %19.1f", median));
            }
            out.println(line + Texts.format("  %5.2f", cores));
        }
    }
}
