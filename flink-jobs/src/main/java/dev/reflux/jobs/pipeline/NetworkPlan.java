package dev.reflux.jobs.pipeline;

import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.InputSelection;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.engine.ModelSpec;
import dev.reflux.distillation.exits.ExitsNetwork;
import dev.reflux.distillation.loss.LossShapes;
import dev.reflux.distillation.loss.LossSpec;
import dev.reflux.distillation.loss.Losses;
import dev.reflux.distillation.network.NetworkSpec;
import dev.reflux.events.EventSchema;
import dev.reflux.jobs.pipeline.DistillationSettings.Scheme;
import dev.reflux.jobs.pipeline.options.OptionException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The networks that a pipeline file asks for: what they are, what they read, and which of their layers are in view. */
public final class NetworkPlan {

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
        TeacherSettings teacher = pipeline.teacher();
        List<MemberSettings> members = teacher.members().isEmpty()
                ? List.of(new MemberSettings(teacher.network(), teacher.optimizer(), teacher.features()))
                : teacher.members();
        List<Planned> networks = new ArrayList<>();
        for (MemberSettings member : members) {
            List<String> features = member.features().isEmpty() ? teacher.features() : member.features();
            networks.add(planned(
                    PipelineSpecs.network(member.network()),
                    member.optimizer(),
                    features,
                    networks.isEmpty() ? layersOfTeacher() : List.of()));
        }
        return networks;
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
                        student.features(),
                        ExitsNetwork.exitLayers(distillation.exits().at().size()))
                : planned(
                        PipelineSpecs.network(student.network()),
                        student.optimizer(),
                        student.features(),
                        Losses.studentLayers(PipelineSpecs.losses(distillation)));
    }

    private Planned planned(
            NetworkSpec network, OptimizerSettings optimizer, List<String> features, List<String> layers) {
        ModelSpec model =
                new ModelSpec(network, PipelineSpecs.optimizer(optimizer), pipeline.engine(), rowsPerStep(), layers);
        return new Planned(model, PipelineSpecs.inputs(schema, layout, features));
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
