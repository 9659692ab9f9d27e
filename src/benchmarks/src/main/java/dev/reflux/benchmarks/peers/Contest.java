package dev.reflux.benchmarks.peers;

import dev.reflux.benchmarks.DecodedEvents;
import dev.reflux.benchmarks.RawLoop;
import dev.reflux.benchmarks.WholeJob;
import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Student;
import dev.reflux.events.LabelMask;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.csv.CsvEvents;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.pipeline.PipelineSpecs;
import dev.reflux.jobs.pipeline.PipelineWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Ours and MOA's learners on the first rows of one stream. */
final class Contest {

    private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();

    private final Path csv;
    private final int limit;
    private final Path pipelineFile;
    private final List<String> settings;
    private final LearningPlan plan;
    private List<MicroBatch> batches;

    /**
     * Reads and decodes the rows.
     *
     * @param settings of the pipeline, each {@code PATH=VALUE}
     * @param labels share of the labels that learning may see
     */
    Contest(Path csv, int limit, Path pipelineFile, List<String> settings, double labels) throws IOException {
        this.csv = csv;
        this.limit = limit;
        this.pipelineFile = pipelineFile;
        this.settings = List.copyOf(settings);
        this.plan = plan(pipeline(List.of()), labels);
        try (CsvEvents events = events()) {
            DecodedEvents decoded = new DecodedEvents(plan, events);
            decoded.decode(Integer.MAX_VALUE);
            this.batches = decoded.batches();
        }
    }

    private Pipeline pipeline(List<String> further) {
        List<String> all = new ArrayList<>(settings);
        all.addAll(further);
        return PipelineReader.read(pipelineFile, Map.of(), all);
    }

    private static LearningPlan plan(Pipeline pipeline, double labels) {
        return LearningPlan.of(new JobSettings(PipelineWriter.complete(pipeline), labels, 0));
    }

    private CsvEvents events() throws IOException {
        return CsvEvents.open(PipelineSpecs.eventSchema(plan.pipeline()), csv, limit);
    }

    int rows() {
        return batches.stream().mapToInt(MicroBatch::size).sum();
    }

    /** Puts a change into all events but the first so many. */
    void change(Change change, int at) {
        List<MicroBatch> changed = new ArrayList<>();
        LabelMask mask = DecodedEvents.mask(plan);
        long first = 0;
        for (MicroBatch batch : batches) {
            changed.add(change.apply(batch, plan.classes(), first, at, mask));
            first += batch.size();
        }
        batches = changed;
    }

    /**
     * What a learner did in this thread or that of another JVM.
     *
     * @param timed events that the times are of
     * @param seconds of predicting and learning them
     * @param processorSeconds those of them in which its thread had a processor
     */
    record Run(Hits hits, int timed, double seconds, double processorSeconds) {

        double rate() {
            return timed / seconds;
        }

        double processorRate() {
            return timed / processorSeconds;
        }
    }

    /** One of MOA's, written as MOA does. */
    Run moa(MoaJvm jvm, String learner) throws IOException, InterruptedException {
        Path stream = Files.createTempFile("moa", ".stream");
        try {
            new MoaStream(plan.batchLayout(), plan.classes()).write(batches, stream);
            MoaJvm.Result result = jvm.run(learner, stream);
            Hits hits = new Hits();
            for (MicroBatch batch : batches) {
                for (int row = 0; row < batch.size(); row++) {
                    hits.add(result.predicted()[hits.size()] == batch.truth().get(row));
                }
            }
            return new Run(
                    hits, Math.max(0, hits.size() - MoaJvm.UNTIMED), result.seconds(), result.processorSeconds());
        } finally {
            Files.delete(stream);
        }
    }

    /**
     * Teacher and student on one thread, without Kafka and Flink.
     *
     * @param studentProcessorSeconds the student's part, with all the ways in which it learns at once
     */
    record Loop(Run teacher, Hits student, double studentProcessorSeconds) {

        double studentProcessorRate() {
            return student.size() / studentProcessorSeconds;
        }
    }

    Loop loop() {
        Hits teacher = new Hits();
        Hits student = new Hits();
        RawLoop.Result result = new RawLoop(plan, batches).run((examples, lesson, feedback) -> {
            add(teacher, examples, lesson.predicted());
            add(student, examples, feedback.logits());
        });
        return new Loop(
                new Run(teacher, teacher.size(), result.seconds(), result.processorSeconds()),
                student,
                result.studentProcessorSeconds());
    }

    /** The student's network from labels only, on one thread, without a teacher. */
    Run alone() {
        LearningPlan alone = plan(
                pipeline(List.of("students.0.candidates=[alone]", "students.0.control=false")),
                plan.settings().labelShare());
        List<Examples> examples = batches.stream().map(alone::examples).toList();
        Hits hits = new Hits();
        try (Student student = alone.createStudent(alone.studentNames().get(0))) {
            long start = System.nanoTime();
            long processorStart = THREAD.getCurrentThreadCpuTime();
            for (int batch = 0; batch < examples.size(); batch++) {
                Feedback feedback = student.study(batch, examples.get(batch));
                add(hits, examples.get(batch), feedback.logits());
            }
            return new Run(
                    hits,
                    hits.size(),
                    (System.nanoTime() - start) / 1e9,
                    (THREAD.getCurrentThreadCpuTime() - processorStart) / 1e9);
        }
    }

    /** What {@code reflux evaluate} runs, on the rows as the file has them. */
    WholeJob.Result job() throws IOException {
        try (CsvEvents events = events()) {
            return WholeJob.run(plan.pipeline(), events, rows());
        }
    }

    private void add(Hits hits, Examples examples, float[] logits) {
        for (int row = 0; row < examples.size(); row++) {
            hits.add(Logits.argmax(logits, row, plan.classes())
                    == examples.truth().get(row));
        }
    }
}
