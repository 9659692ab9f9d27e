package dev.reflux.benchmarks;

import dev.reflux.checkpoints.Acceptance;
import dev.reflux.checkpoints.CheckpointRecord;
import dev.reflux.checkpoints.ModelStore;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.Teacher;
import dev.reflux.events.EventDecoder;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.events.generated.DriftingStream;
import dev.reflux.events.generated.DriftingStreamSpec;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineWriter;
import dev.reflux.jobs.publish.StudentPublisher;
import dev.reflux.jobs.publish.StudentPublisher.Offer;
import dev.reflux.jobs.wire.OutgoingRecord;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code src/benchmarks/run scoring}. */
@Command(
        name = "scoring",
        mixinStandardHelpOptions = true,
        description = {
            "How many events a published student scores per second.",
            "Runtime: ONNX Runtime alone, on one thread, over tensors that stay as they are. Client: the same with raw"
                    + " columns copied in and probabilities copied out, what a follower does. Job: the scoring job, from"
                    + " JSON in Kafka to JSON in Kafka."
        })
final class ScoringBenchmark implements Callable<Integer> {
    private static final long SEED = 1;
    private static final int LEARNED = 4096;
    private static final int NO_DRIFT = 0;

    @Option(names = "--batches", split = ",", defaultValue = "1,32,512", description = "Default: ${DEFAULT-VALUE}.")
    private List<Integer> sizes = List.of();

    @Option(
            names = "--student",
            split = ",",
            defaultValue = "64",
            description = "Widths of the student's hidden layers (default: ${DEFAULT-VALUE}).")
    private List<Integer> hidden = List.of();

    @Option(
            names = "--seconds",
            defaultValue = "2",
            description = "How long one measurement of the model takes (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--repetitions", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}.")
    private int repetitions;

    @Option(
            names = "--events",
            defaultValue = "400000",
            description = "Events of a run of the job; 0 leaves the job out (default: ${DEFAULT-VALUE}).")
    private int events;

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = "Another setting of the pipeline, such as checkpoints.precision=int8.")
    private List<String> settings = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        DriftingStream stream = new DriftingStream(DriftingStreamSpec.wide(SEED));
        Pipeline pipeline = pipeline(stream, sizes.get(sizes.size() - 1));
        OutgoingRecord student = student(pipeline, stream);
        byte[] model = CheckpointRecord.decode(
                        student.key(), student.value(), student.kafkaHeaders(), Acceptance.of(ModelStore.none()))
                .model();
        out.println(Texts.machine());
        out.println(Texts.format(
                "student 54-%s-7 of %,d bytes%s; %d repetitions, medians (least..most)",
                hidden, model.length, settings.isEmpty() ? "" : ", " + String.join(", ", settings), repetitions));
        out.println();
        out.println(Texts.format("%5s  %35s  %35s", "batch", "runtime events/s", "client events/s"));
        for (int size : sizes) {
            try (ScoringModel measured = new ScoringModel(model, size)) {
                out.println(Texts.format(
                        "%5d  %35s  %35s",
                        size,
                        rates(repetitions, () -> measured.runtimeRate(seconds)),
                        rates(repetitions, () -> measured.clientRate(seconds))));
                out.flush();
            }
        }
        printNodes(model, out);
        if (events > 0) {
            printJob(stream, student, out);
        }
        out.flush();
        return 0;
    }

    private static String rates(int repetitions, Callable<Double> measurement) throws Exception {
        List<Double> found = new ArrayList<>();
        for (int i = 0; i < repetitions; i++) {
            found.add(measurement.call());
        }
        Spread of = Spread.of(found);
        return Texts.format("%,.0f (%,.0f..%,.0f)", of.median(), of.least(), of.most());
    }

    /** Where the largest batch spends its time, by the runtime's own clock. */
    private void printNodes(byte[] model, PrintWriter out) throws Exception {
        int largest = sizes.get(sizes.size() - 1);
        out.println();
        out.println(Texts.format("A call of %d events by kind of node, as the runtime's own profile has it:", largest));
        ScoringModel.profile(model, largest, seconds)
                .forEach((kind, share) -> out.println(Texts.format("%20s  %5.1f%%", kind, share * 100)));
    }

    private void printJob(DriftingStream stream, OutgoingRecord student, PrintWriter out) throws Exception {
        out.println();
        out.println(Texts.format(
                "The scoring job over %,d events, embedded broker included, after a run to warm up:", events));
        out.println(Texts.format("%5s  %35s  %5s  %22s", "batch", "events/s", "cores", "events/s per core"));
        for (int size : sizes) {
            Pipeline pipeline = pipeline(stream, size);
            List<ScoringRun.Result> results = new ArrayList<>();
            for (int i = 0; i <= repetitions; i++) {
                ScoringRun.Result result = ScoringRun.run(pipeline, student, stream::event, events);
                if (i > 0) {
                    results.add(result);
                }
            }
            Spread rate = Spread.of(
                    results.stream().map(ScoringRun.Result::eventsPerSecond).toList());
            Spread cores =
                    Spread.of(results.stream().map(ScoringRun.Result::cores).toList());
            out.println(Texts.format(
                    "%5d  %35s  %5.2f  %22s",
                    size,
                    Texts.format("%,.0f (%,.0f..%,.0f)", rate.median(), rate.least(), rate.most()),
                    cores.median(),
                    Texts.format("%,.0f", rate.median() / cores.median())));
            out.flush();
        }
    }

    private Pipeline pipeline(DriftingStream stream, int batch) {
        List<String> all = new ArrayList<>(List.of(
                "checkpoints.every=1 batches",
                "checkpoints.gate.minEvents=1",
                "checkpoints.gate.maxRegression=1",
                "scoring.batch=" + batch));
        all.addAll(settings);
        return GeneratedPipeline.of(stream.schema(), LEARNED, new GeneratedPipeline.Hidden(List.of(32), hidden), all);
    }

    /** A student that has learned one batch. */
    private static OutgoingRecord student(Pipeline pipeline, DriftingStream stream) throws IOException {
        LearningPlan plan = LearningPlan.of(new JobSettings(PipelineWriter.complete(pipeline), 1, 0));
        MicroBatchBuilder rows = new MicroBatchBuilder(plan.batchLayout(), LEARNED);
        EventDecoder decoder = new EventDecoder(plan.schema());
        for (int i = 0; i < LEARNED; i++) {
            if (decoder.decode(stream.event(i), 0, i, 0, rows) != null) {
                throw new IllegalStateException("the generated event " + i + " cannot be read");
            }
        }
        MicroBatch batch = rows.build(0);
        try (Teacher teacher = plan.createTeacher();
                Student student = plan.createStudent(plan.studentNames().get(0));
                StudentPublisher publisher = new StudentPublisher(plan)) {
            Lesson lesson = teacher.teach(0, plan.examples(batch));
            Feedback feedback = student.study(lesson, plan.examples(batch));
            return publisher
                    .afterBatch(student, batch, feedback.logits(), NO_DRIFT, Instant.now())
                    .flatMap(Offer::checkpoint)
                    .orElseThrow(() -> new IllegalStateException("the student was held"));
        }
    }
}
