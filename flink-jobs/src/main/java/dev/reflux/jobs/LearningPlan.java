package dev.reflux.jobs;

import dev.reflux.checkpoints.ModelStore;
import dev.reflux.checkpoints.gate.GatePolicy;
import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.StudentSpec;
import dev.reflux.distillation.Teacher;
import dev.reflux.distillation.TeacherSpec;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.engine.ModelSpec;
import dev.reflux.distillation.feedback.FeedbackPolicies;
import dev.reflux.distillation.feedback.FeedbackPolicy;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.events.BatchLayout;
import dev.reflux.events.EventSchema;
import dev.reflux.events.MicroBatch;
import dev.reflux.jobs.pipeline.Cadence;
import dev.reflux.jobs.pipeline.DistillationSettings.Scheme;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.pipeline.PipelineSpecs;
import dev.reflux.jobs.pipeline.StudentSettings;
import dev.reflux.jobs.pipeline.TeacherSettings.Teach;
import dev.reflux.jobs.publish.FlinkModelStore;
import java.nio.ByteBuffer;
import java.util.List;

/** A pipeline file turned into what its operators build: who learns, from what, and in which steps. */
public final class LearningPlan {

    /** Labelled events over which the recent quality of teacher and students is measured. */
    public static final int QUALITY_WINDOW = 2_000;

    private final JobSettings settings;
    private final Pipeline pipeline;
    private final EventSchema schema;
    private final BatchLayout batchLayout;
    private final InputLayout inputLayout;

    private LearningPlan(JobSettings settings, Pipeline pipeline) {
        this.settings = settings;
        this.pipeline = pipeline;
        this.schema = PipelineSpecs.eventSchema(pipeline);
        this.batchLayout = schema.layout();
        this.inputLayout = new InputLayout(
                batchLayout.numeric(),
                batchLayout.categorySizes(),
                batchLayout.textBuckets(),
                batchLayout.tensorShapes());
    }

    public static LearningPlan of(JobSettings settings) {
        return new LearningPlan(settings, PipelineReader.read(settings.pipeline()));
    }

    public Pipeline pipeline() {
        return pipeline;
    }

    public JobSettings settings() {
        return settings;
    }

    public EventSchema schema() {
        return schema;
    }

    public BatchLayout batchLayout() {
        return batchLayout;
    }

    public InputLayout inputLayout() {
        return inputLayout;
    }

    /** When a student is offered for publication, and what keeps it back. */
    public GatePolicy gatePolicy() {
        Cadence every = pipeline.checkpoints().every();
        long batches =
                switch (every.unit()) {
                    case BATCHES -> every.count();
                    case EVENTS -> Math.max(1, every.count() / pipeline.batch().size());
                };
        return pipeline.checkpoints().gate().policy(batches, pipeline.batch().size());
    }

    /** Largest model that travels inside its record, in bytes. */
    public int inlineLimit() {
        return Math.toIntExact(pipeline.checkpoints().inlineLimit().bytes());
    }

    /** Where models above {@link #inlineLimit()} go. */
    public ModelStore modelStore() {
        return new FlinkModelStore(pipeline.checkpoints().store());
    }

    public int classes() {
        return schema.label().classes().size();
    }

    public int lag() {
        return pipeline.feedback().lag();
    }

    public List<String> studentNames() {
        return pipeline.students().stream().map(StudentSettings::name).toList();
    }

    /** Reads a packed batch of this pipeline; shares its memory. */
    public MicroBatch open(ByteBuffer packed) {
        return MicroBatch.wrap(batchLayout, packed);
    }

    /** The batch as the networks see it; shares its memory. */
    public Examples examples(MicroBatch batch) {
        return new Examples(
                inputLayout,
                batch.size(),
                batch.numeric(),
                batch.categories(),
                batch.tokenOffsets(),
                batch.tokens(),
                batch.tensors(),
                batch.labels(),
                batch.truth());
    }

    /** A teacher that has learned nothing yet, or knows what the loaded one does. */
    public Teacher createTeacher() {
        String snapshot = pipeline.teacher().load();
        Model model = snapshot == null
                ? Model.create(teacherModel(), inputLayout, classes(), pipeline.seed())
                : TeacherSnapshot.load(snapshot, this);
        return new Teacher(teacherSpec(), model, policy());
    }

    Model readTeacherModel(StateReader in) {
        return Model.read(teacherModel(), inputLayout, classes(), in);
    }

    /** The teacher as it was saved. */
    public Teacher readTeacher(StateReader in) {
        return Teacher.read(teacherSpec(), teacherModel(), inputLayout, classes(), policy(), in);
    }

    /** A student that has learned nothing yet. */
    public Student createStudent(String name) {
        StudentSettings student = student(name);
        long seed = pipeline.seed() + 1 + studentNames().indexOf(name);
        return new Student(studentSpec(student), Model.create(studentModel(student), inputLayout, classes(), seed));
    }

    /** The student as it was saved. */
    public Student readStudent(String name, StateReader in) {
        StudentSettings student = student(name);
        return Student.read(studentSpec(student), studentModel(student), inputLayout, classes(), in);
    }

    private StudentSettings student(String name) {
        return pipeline.students().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "student '" + name + "' found, the pipeline has " + studentNames()));
    }

    private ModelSpec teacherModel() {
        return new ModelSpec(
                PipelineSpecs.network(pipeline.teacher().network()),
                PipelineSpecs.optimizer(pipeline.teacher().optimizer()),
                pipeline.engine(),
                rowsPerStep());
    }

    private ModelSpec studentModel(StudentSettings student) {
        return new ModelSpec(
                PipelineSpecs.network(student.network()),
                PipelineSpecs.optimizer(student.optimizer()),
                pipeline.engine(),
                rowsPerStep());
    }

    private TeacherSpec teacherSpec() {
        TeacherSpec.Moment moment = pipeline.distillation().scheme() == Scheme.OFFLINE
                ? TeacherSpec.Moment.FROZEN
                : pipeline.teacher().teach() == Teach.BEFORE ? TeacherSpec.Moment.BEFORE : TeacherSpec.Moment.AFTER;
        return new TeacherSpec(moment, rowsPerStep(), QUALITY_WINDOW, settings.curveWindow());
    }

    private StudentSpec studentSpec(StudentSettings student) {
        return new StudentSpec(
                student.name(),
                PipelineSpecs.losses(student.distillation()),
                rowsPerStep(),
                policy().needsLossAfter(),
                QUALITY_WINDOW,
                settings.curveWindow());
    }

    private FeedbackPolicy policy() {
        return FeedbackPolicies.create(
                PipelineSpecs.policy(pipeline.feedback()), pipeline.feedback().weight(), classes());
    }

    private int rowsPerStep() {
        return pipeline.batch().step().rows(pipeline.batch().size());
    }
}
