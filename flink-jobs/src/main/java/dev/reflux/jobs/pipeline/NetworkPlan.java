package dev.reflux.jobs.pipeline;

import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.InputSelection;
import dev.reflux.distillation.LearningSpec;
import dev.reflux.distillation.candidates.Way;
import dev.reflux.distillation.committee.MemberSpec;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.engine.ModelSpec;
import dev.reflux.distillation.engine.OptimizerSpec;
import dev.reflux.distillation.exits.ExitsNetwork;
import dev.reflux.distillation.loss.LossShapes;
import dev.reflux.distillation.loss.LossSpec;
import dev.reflux.distillation.loss.Losses;
import dev.reflux.distillation.network.Network;
import dev.reflux.distillation.network.NetworkSpec;
import dev.reflux.distillation.replay.ReplaySpec;
import dev.reflux.events.EventSchema;
import dev.reflux.jobs.pipeline.DistillationSettings.Scheme;
import dev.reflux.jobs.pipeline.TeacherSettings.Committee;
import dev.reflux.jobs.pipeline.TeacherSettings.From;
import dev.reflux.jobs.pipeline.options.OptionException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The networks that a pipeline file asks for: what they are, what they read, and which of their layers are in view. */
public final class NetworkPlan {

    /** Rates of plain SGD where nothing better is known. */
    private static final double TEACHER_RATE = 0.02;

    private static final double STUDENT_RATE = 0.05;

    private static final ReplaySettings NO_REPLAY = replay(0, 0);

    private final Pipeline pipeline;
    private final EventSchema schema;
    private final InputLayout layout;

    /** One network, and what it reads. */
    public record Planned(ModelSpec model, InputSelection inputs) {}

    public NetworkPlan(Pipeline pipeline) {
        this.pipeline = pipeline;
        this.schema = PipelineSpecs.eventSchema(pipeline);
        this.layout = PipelineSpecs.inputLayout(schema);
    }

    /** Everything that an event holds, as networks know it. */
    public InputLayout layout() {
        return layout;
    }

    /**
     * Builds every loss and every network with exits in shape, to know that the layers that they name are there and fit each
     * other; that networks can read their features is known already.
     *
     * @throws OptionException for the first that does not
     */
    void check() {
        for (int i = 0; i < pipeline.students().size(); i++) {
            StudentSettings student = pipeline.students().get(i);
            String path = "students[" + i + "].distillation.";
            if (isSelfTaught(student)) {
                at(path + "exits", () -> {
                    Planned planned = student(student);
                    return Model.network(planned.model(), planned.inputs(), classes());
                });
                continue;
            }
            for (LossSpec loss : PipelineSpecs.losses(student.distillation())) {
                if (loss.weight() > 0) {
                    at(path + "losses." + loss.name(), () -> new Losses(List.of(loss), lossShapes(student)));
                }
            }
        }
    }

    private static void at(String path, Supplier<Object> part) {
        try {
            part.get();
        } catch (OptionException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new OptionException(path, String.valueOf(e.getMessage()));
        }
    }

    private int classes() {
        return pipeline.events().label().classes().size();
    }

    /** The members of the committee, or the one network; the first with the layers in view that a student's losses ask for. */
    public List<Planned> teacher() {
        List<Planned> networks = new ArrayList<>();
        for (MemberSettings member : members()) {
            networks.add(planned(
                    PipelineSpecs.network(member.network()),
                    member.optimizer(),
                    TEACHER_RATE,
                    features(member),
                    networks.isEmpty() ? layersOfTeacher() : List.of()));
        }
        return networks;
    }

    private List<String> features(MemberSettings member) {
        return member.features().isEmpty() ? pipeline.teacher().features() : member.features();
    }

    /** How each network of the teacher learns. */
    public List<MemberSpec> memberSpecs() {
        TeacherSettings teacher = pipeline.teacher();
        List<MemberSpec> specs = new ArrayList<>();
        for (MemberSettings member : members()) {
            ReplaySettings replay = member.replay().capacity() > 0 ? member.replay() : teacher.replay();
            specs.add(new MemberSpec(learning(teacher.steps(), teacher.warmUp(), replay), member.average()));
        }
        return specs;
    }

    /** How a student takes its steps. */
    public LearningSpec learning(StudentSettings student) {
        return learning(student.steps(), student.warmUp(), student.replay());
    }

    private LearningSpec learning(int steps, long warmUp, ReplaySettings replay) {
        return new LearningSpec(rowsPerStep(), steps, warmUp, PipelineSpecs.replay(replay));
    }

    /** The networks that are the teacher, as the file names them, or as they follow from the one network. */
    private List<MemberSettings> members() {
        TeacherSettings teacher = pipeline.teacher();
        if (!teacher.members().isEmpty()) {
            return teacher.members();
        }
        MemberSettings one = member(teacher.network(), teacher.optimizer(), NO_REPLAY, 0);
        if (teacher.from() != From.NETWORK
                || teacher.committee() == Committee.NONE
                || !teacher.optimizer().isOpen()
                || network(PipelineSpecs.network(teacher.network()), teacher.features())
                        .sources()
                        .isEmpty()) {
            return List.of(one);
        }
        NetworkSettings whole = teacher.network();
        NetworkSettings shallow = shallow(whole);
        OptimizerSettings careful = new OptimizerSettings.Scaled(0.5);
        OptimizerSettings quick = new OptimizerSettings.Scaled(1);
        return List.of(
                member(whole, careful, NO_REPLAY, 0.03),
                member(shallow, quick, NO_REPLAY, 0.1),
                member(whole, careful, replay(1_000, 1), 0.03),
                member(shallow, quick, replay(4_000, 2), 0.1));
    }

    private static MemberSettings member(
            NetworkSettings network, OptimizerSettings optimizer, ReplaySettings replay, double average) {
        return new MemberSettings(network, optimizer, List.of(), replay, average);
    }

    private static ReplaySettings replay(int capacity, double share) {
        return new ReplaySettings(capacity, share, ReplaySpec.Policy.RECENT, 0, ReplaySpec.Relearn.LABELS);
    }

    /** The same network with its first hidden layer alone. */
    private static NetworkSettings shallow(NetworkSettings network) {
        if (network instanceof NetworkSettings.Mlp mlp && mlp.hidden().size() > 1) {
            List<Integer> first = mlp.hidden().subList(0, 1);
            return new NetworkSettings.Mlp(first, mlp.activation(), mlp.layerNorm(), mlp.residual(), mlp.embedding());
        }
        if (network instanceof NetworkSettings.Text text && text.hidden().size() > 1) {
            return new NetworkSettings.Text(text.embedding(), text.hidden().subList(0, 1), text.activation());
        }
        return network;
    }

    /** The ways in which a student learns. */
    public static List<Way> candidates(StudentSettings student) {
        if (!student.candidates().isEmpty()) {
            return student.candidates();
        }
        return student.optimizer().isOpen() && !isSelfTaught(student)
                ? List.of(Way.MEMORY, Way.ALONE, Way.DISTILLED, Way.BOLD)
                : List.of(Way.DISTILLED);
    }

    private List<String> layersOfTeacher() {
        return pipeline.students().stream()
                .filter(student -> !isSelfTaught(student))
                .flatMap(student -> Losses.teacherLayers(PipelineSpecs.losses(student.distillation())).stream())
                .distinct()
                .toList();
    }

    /** A student's network, with exits when it teaches itself. */
    public Planned student(StudentSettings student) {
        DistillationSettings distillation = student.distillation();
        return isSelfTaught(student)
                ? planned(
                        PipelineSpecs.exits(student),
                        student.optimizer(),
                        STUDENT_RATE,
                        student.features(),
                        ExitsNetwork.exitLayers(distillation.exits().at().size()))
                : planned(
                        PipelineSpecs.network(student.network()),
                        student.optimizer(),
                        STUDENT_RATE,
                        student.features(),
                        Losses.studentLayers(PipelineSpecs.losses(distillation)));
    }

    private Planned planned(
            NetworkSpec network,
            OptimizerSettings optimizer,
            double plainRate,
            List<String> features,
            List<String> layers) {
        InputSelection inputs = inputs(features);
        OptimizerSpec chosen = PipelineSpecs.optimizer(optimizer, network(network, features), plainRate);
        return new Planned(new ModelSpec(network, chosen, pipeline.engine(), rowsPerStep(), layers), inputs);
    }

    private Network network(NetworkSpec network, List<String> features) {
        return Model.network(network, inputs(features), classes());
    }

    private InputSelection inputs(List<String> features) {
        return PipelineSpecs.inputs(schema, layout, features);
    }

    /** Whether a student has no teacher but its own deepest exit. */
    public static boolean isSelfTaught(StudentSettings student) {
        return student.distillation().scheme() == Scheme.SELF;
    }

    /** What the losses of a student must know of it and of its teacher. */
    public LossShapes lossShapes(StudentSettings student) {
        Planned own = student(student);
        Planned teacher = teacher().get(0);
        return new LossShapes(
                classes(),
                Model.network(own.model(), own.inputs(), classes())::layer,
                Model.network(teacher.model(), teacher.inputs(), classes())::layer,
                seed(student));
    }

    /** Of a student's initial parameters and of all that it does at random. */
    public long seed(StudentSettings student) {
        Long own = student.seed();
        return own == null ? pipeline.seed() + 1 + pipeline.students().indexOf(student) : own;
    }

    /** Rows of a step in a full batch. */
    public int rowsPerStep() {
        return pipeline.batch().step().rows(pipeline.batch().size());
    }
}
