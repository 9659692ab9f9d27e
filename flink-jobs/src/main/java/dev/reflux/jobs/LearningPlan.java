package dev.reflux.jobs;

import dev.reflux.checkpoints.ModelStore;
import dev.reflux.checkpoints.gate.GatePolicy;
import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.Predictor;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.StudentSpec;
import dev.reflux.distillation.Teacher;
import dev.reflux.distillation.TeacherSpec;
import dev.reflux.distillation.adversarial.AdversarialSpec;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.feedback.FeedbackPolicies;
import dev.reflux.distillation.feedback.FeedbackPolicy;
import dev.reflux.distillation.reaction.ReactionSpec;
import dev.reflux.distillation.reaction.TeacherReaction;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.events.BatchLayout;
import dev.reflux.events.EventSchema;
import dev.reflux.events.MicroBatch;
import dev.reflux.jobs.external.ExternalTeachers;
import dev.reflux.jobs.pipeline.Cadence;
import dev.reflux.jobs.pipeline.DistillationSettings.Scheme;
import dev.reflux.jobs.pipeline.NetworkPlan;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.pipeline.PipelineSpecs;
import dev.reflux.jobs.pipeline.StudentSettings;
import dev.reflux.jobs.pipeline.TeacherSettings.From;
import dev.reflux.jobs.pipeline.TeacherSettings.Teach;
import dev.reflux.jobs.publish.FlinkModelStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A pipeline file turned into what its operators build: who learns, from what, and in which steps. */
public final class LearningPlan {

    /** Labelled events over which the recent quality of teacher and students is measured. */
    public static final int QUALITY_WINDOW = 2_000;

    /** Distance of the seeds of a committee's members, so that they meet no student's. */
    private static final long MEMBER_SEEDS = 1_000_003;

    /** The same of the teachers that begin on a warning. */
    private static final long ALTERNATIVE_SEEDS = 1_000_000_007;

    private final JobSettings settings;
    private final Pipeline pipeline;
    private final EventSchema schema;
    private final BatchLayout batchLayout;
    private final InputLayout inputLayout;
    private final NetworkPlan networks;

    private LearningPlan(JobSettings settings, Pipeline pipeline) {
        this.settings = settings;
        this.pipeline = pipeline;
        this.schema = PipelineSpecs.eventSchema(pipeline);
        this.batchLayout = schema.layout();
        this.networks = new NetworkPlan(pipeline);
        this.inputLayout = networks.layout();
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
        return pipeline.checkpoints()
                .gate()
                .policy(
                        batches,
                        pipeline.batch().size(),
                        pipeline.drift().reaction().publishAfter());
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
                batch.truth(),
                batch.teacher());
    }

    /** A teacher that has learned nothing yet, or knows what the loaded one does. */
    public Teacher createTeacher() {
        return new Teacher(teacherSpec(), createPredictors(), classes(), policy(), pipeline.seed());
    }

    /** What the teacher does about drift. */
    public TeacherReaction createTeacherReaction() {
        return new TeacherReaction(reaction(), new TeacherReaction.Teachers() {
            @Override
            public Teacher create(long number) {
                long seed = pipeline.seed() + ALTERNATIVE_SEEDS * number;
                return new Teacher(teacherSpec(), createModels(seed), classes(), policy(), seed);
            }

            @Override
            public Teacher read(StateReader in) {
                return readTeacher(in);
            }
        });
    }

    /** What learners do about drift. */
    public ReactionSpec reaction() {
        return PipelineSpecs.reaction(pipeline.drift().reaction());
    }

    private List<? extends Predictor> createPredictors() {
        if (isExternal()) {
            return List.of(ExternalTeachers.create(this));
        }
        String snapshot = pipeline.teacher().load();
        if (snapshot != null) {
            return TeacherSnapshot.load(snapshot, this);
        }
        return createModels(pipeline.seed());
    }

    private List<Model> createModels(long seed) {
        List<Model> models = new ArrayList<>();
        for (NetworkPlan.Planned network : networks.teacher()) {
            long own = seed + MEMBER_SEEDS * models.size();
            models.add(Model.create(network.model(), network.inputs(), classes(), own));
        }
        return models;
    }

    private boolean isExternal() {
        return pipeline.teacher().from() != From.NETWORK;
    }

    /** The teacher as it was saved. */
    public Teacher readTeacher(StateReader in) {
        return Teacher.read(teacherSpec(), teacherReaders(), classes(), policy(), pipeline.seed(), in);
    }

    private List<Function<StateReader, Predictor>> teacherReaders() {
        if (isExternal()) {
            return List.of(own -> ExternalTeachers.create(this));
        }
        List<Function<StateReader, Predictor>> readers = new ArrayList<>();
        networks.teacher()
                .forEach(network -> readers.add(own -> Model.read(network.model(), network.inputs(), classes(), own)));
        return readers;
    }

    /** The networks of the teacher as they were saved, one behind the other. */
    List<Model> readTeacherModels(StateReader in) {
        return networks.teacher().stream()
                .map(network -> Model.read(network.model(), network.inputs(), classes(), in))
                .toList();
    }

    /** A student that has learned nothing yet. */
    public Student createStudent(String name) {
        StudentSettings student = student(name);
        NetworkPlan.Planned network = networks.student(student);
        return new Student(
                studentSpec(student),
                () -> Model.create(network.model(), network.inputs(), classes(), networks.seed(student)),
                networks.lossShapes(student));
    }

    /** The student as it was saved. */
    public Student readStudent(String name, StateReader in) {
        StudentSettings student = student(name);
        NetworkPlan.Planned network = networks.student(student);
        return Student.read(studentSpec(student), network.model(), network.inputs(), networks.lossShapes(student), in);
    }

    /** The network alone of a student, as it was saved. */
    public Model readStudentModel(String name, StateReader in) {
        NetworkPlan.Planned network = networks.student(student(name));
        return Model.read(network.model(), network.inputs(), classes(), in);
    }

    private StudentSettings student(String name) {
        return pipeline.students().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "student '" + name + "' found, the pipeline has " + studentNames()));
    }

    int teacherNetworkCount() {
        return networks.teacher().size();
    }

    /** The features that a student reads, and its published models take. */
    public EventSchema studentSchema(String name) {
        List<String> features = student(name).features();
        return features.isEmpty() ? schema : schema.select(features);
    }

    private TeacherSpec teacherSpec() {
        TeacherSpec.Moment moment = pipeline.distillation().scheme() == Scheme.OFFLINE
                ? TeacherSpec.Moment.FROZEN
                : moment(pipeline.teacher().teach());
        return new TeacherSpec(
                moment,
                networks.memberSpecs(),
                pipeline.teacher().combine(),
                teacherAdversary(),
                QUALITY_WINDOW,
                settings.curveWindow());
    }

    private static TeacherSpec.Moment moment(Teach teach) {
        return switch (teach) {
            case BEFORE -> TeacherSpec.Moment.BEFORE;
            case STEPWISE -> TeacherSpec.Moment.STEPWISE;
            case AFTER -> TeacherSpec.Moment.AFTER;
        };
    }

    private StudentSpec studentSpec(StudentSettings student) {
        return new StudentSpec(
                student.name(),
                PipelineSpecs.losses(student.distillation()),
                NetworkPlan.isSelfTaught(student)
                        ? PipelineSpecs.selfDistillation(student.distillation().exits())
                        : null,
                networks.learning(student),
                PipelineSpecs.adversarial(student.distillation().adversarial()),
                NetworkPlan.candidates(student),
                student.control(),
                policy().needsLossAfter(),
                QUALITY_WINDOW,
                settings.curveWindow());
    }

    /** How the teacher moves events for the students who learn from its moves: all as the first of them has it. */
    private AdversarialSpec teacherAdversary() {
        return pipeline.students().stream()
                .map(student -> PipelineSpecs.adversarial(student.distillation().adversarial()))
                .filter(spec -> spec.isOn() && spec.weight() > 0 && spec.hardFor() == AdversarialSpec.HardFor.TEACHER)
                .findFirst()
                .orElse(AdversarialSpec.NONE);
    }

    private FeedbackPolicy policy() {
        return FeedbackPolicies.create(
                PipelineSpecs.policy(pipeline.feedback()), pipeline.feedback().weight(), classes());
    }
}
