package dev.reflux.jobs.pipeline;

import dev.reflux.distillation.InputSelection;
import dev.reflux.distillation.engine.EngineChoice;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.loss.LossSpec;
import dev.reflux.distillation.loss.Losses;
import dev.reflux.events.EventSchema;
import dev.reflux.jobs.pipeline.DistillationSettings.Scheme;
import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Options;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A whole pipeline file with every default filled in. Read one with {@link PipelineReader}, print one with
 * {@link PipelineWriter}.
 */
public record Pipeline(
        @Option(
                description = "Name of the pipeline, beginning of its topics' names",
                pattern = "[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?",
                patternInWords = "lower-case letters, digits, and dots and hyphens between them, at most 100")
        String pipeline,

        @Option(description = "The brokers", defaultValue = "{}")
        KafkaSettings kafka,

        @Option(description = "The topics", defaultValue = "{}")
        TopicNames topics,

        @Option(description = "How events are read") EventsSettings events,

        @Option(description = "Micro-batches", defaultValue = "{}")
        BatchSettings batch,

        @Option(
                description =
                        "What runs the networks' steps: fused (plain loops, quick for small networks and steps), tensor (PyTorch, quick for large ones), or auto",
                defaultValue = "auto")
        EngineChoice engine,

        @Option(description = "The large network", defaultValue = "{}")
        TeacherSettings teacher,

        @Option(description = "How the students learn from labels and teacher", defaultValue = "{}")
        DistillationSettings distillation,

        @Option(
                description = "The small networks, each published under its name",
                defaultValue = "[{}]",
                count = "[1, 64]")
        List<StudentSettings> students,

        @Option(description = "The loop from students to teacher", defaultValue = "{}")
        FeedbackSettings feedback,

        @Option(description = "What is watched for change", defaultValue = "{}")
        DriftSettings drift,

        @Option(description = "Published students", defaultValue = "{}")
        CheckpointSettings checkpoints,

        @Option(description = "The job that scores events with published students", defaultValue = "{}")
        ScoringSettings scoring,

        @Option(description = "The Flink job", defaultValue = "{}")
        FlinkSettings flink,

        @Option(description = "The endpoint with metrics, health and the live page", defaultValue = "{}")
        MonitorSettings monitor,

        @Option(description = "Seed of everything random: initial parameters, sampling", defaultValue = "42")
        long seed) {

    public Pipeline {
        students = List.copyOf(students);
        Options.check(
                Pipeline.class,
                pipeline,
                kafka,
                topics,
                events,
                batch,
                engine,
                teacher,
                distillation,
                students,
                feedback,
                drift,
                checkpoints,
                scoring,
                flink,
                monitor,
                seed);
        Set<String> names = new HashSet<>();
        for (StudentSettings student : students) {
            if (!names.add(student.name())) {
                throw new OptionException(
                        "students", "'" + student.name() + "' is named twice; give each student its own name");
            }
        }
        if (scoring.student() != null && !names.contains(scoring.student())) {
            throw new OptionException(
                    "scoring.student", "'" + scoring.student() + "' found, the pipeline's students are " + names);
        }
        if (topics.predictions().equals(scoring.events())) {
            throw new OptionException(
                    "scoring.events", "the predictions would be scored in turn; name a topic of events");
        }
        List<String> known =
                events.features().stream().map(FeatureSettings::name).toList();
        requireFeatures("teacher.features", teacher.features(), known);
        for (int i = 0; i < teacher.members().size(); i++) {
            requireFeatures(
                    "teacher.members[" + i + "].features",
                    teacher.members().get(i).features(),
                    known);
        }
        for (int i = 0; i < students.size(); i++) {
            requireFeatures("students[" + i + "].features", students.get(i).features(), known);
        }
        requireNetworks(events, teacher, students);
        TeacherRules.check(events, teacher, distillation, students, feedback);
        DriftRules.check(drift, events.features());
        DriftRules.check(drift.reaction(), teacher, distillation, feedback);
        for (StudentSettings student : students) {
            requireRows(batch, student);
        }
    }

    /** Every network must be able to read the features that it is given. */
    private static void requireNetworks(
            EventsSettings events, TeacherSettings teacher, List<StudentSettings> students) {
        if (teacher.members().isEmpty()) {
            requireNetwork("teacher.network", events, teacher.network(), teacher.features());
        }
        for (int i = 0; i < teacher.members().size(); i++) {
            MemberSettings member = teacher.members().get(i);
            List<String> features = member.features().isEmpty() ? teacher.features() : member.features();
            requireNetwork("teacher.members[" + i + "].network", events, member.network(), features);
        }
        for (int i = 0; i < students.size(); i++) {
            StudentSettings student = students.get(i);
            requireNetwork("students[" + i + "].network", events, student.network(), student.features());
        }
    }

    private static void requireNetwork(
            String path, EventsSettings events, NetworkSettings network, List<String> features) {
        EventSchema schema =
                EventSchemas.of(events.label(), events.features(), events.teacher(), events.id(), events.time());
        InputSelection inputs = PipelineSpecs.inputs(schema, PipelineSpecs.inputLayout(schema), features);
        try {
            Model.network(
                    PipelineSpecs.network(network),
                    inputs,
                    schema.label().classes().size());
        } catch (IllegalArgumentException e) {
            List<String> names = features.isEmpty()
                    ? events.features().stream().map(FeatureSettings::name).toList()
                    : features;
            throw new OptionException(path, e.getMessage() + " (it reads the features " + names + ")");
        }
    }

    /** A relation between the events of a step needs that many of them; with fewer it would silently teach nothing. */
    private static void requireRows(BatchSettings batch, StudentSettings student) {
        int rows = batch.step().rows(batch.size());
        for (LossSpec loss : PipelineSpecs.losses(student.distillation())) {
            int least = Losses.leastRows(loss);
            if (loss.weight() > 0 && rows < least) {
                throw new OptionException(
                        batch.size() < least ? "batch.size" : "batch.step",
                        (batch.size() < least ? batch.size() : batch.step()) + " found, but the loss " + loss.name()
                                + " of student '" + student.name()
                                + "' compares the events of a step and needs at least "
                                + least + "; give more (32 events, say), or leave the loss out");
            }
        }
    }

    /** Whether there is a teacher: without one every student teaches itself. */
    public boolean hasTeacher() {
        return distillation.scheme() != Scheme.SELF;
    }

    private static void requireFeatures(String path, List<String> chosen, List<String> known) {
        for (String name : chosen) {
            if (!known.contains(name)) {
                throw new OptionException(
                        path, "'" + name + "' found, the events have " + known + "; name features that there are");
            }
        }
    }
}
