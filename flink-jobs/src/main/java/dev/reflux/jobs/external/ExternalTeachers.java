package dev.reflux.jobs.external;

import dev.reflux.distillation.Predictor;
import dev.reflux.distillation.external.EventTeacher;
import dev.reflux.distillation.external.TorchScriptTeacher;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.pipeline.PipelineSpecs;
import dev.reflux.jobs.pipeline.TeacherSettings;
import dev.reflux.jobs.pipeline.options.Texts;
import java.io.IOException;
import java.util.Objects;
import java.util.function.Function;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;

/** The frozen teachers of {@code teacher.from} that are no networks of ours. */
public final class ExternalTeachers {

    private ExternalTeachers() {}

    /**
     * The teacher that the pipeline names.
     *
     * @throws IllegalArgumentException when its file cannot be read, or does not fit the pipeline
     * @throws IllegalStateException when the pipeline's teacher is a network
     */
    public static Predictor create(LearningPlan plan) {
        TeacherSettings teacher = plan.pipeline().teacher();
        return switch (teacher.from()) {
            case NETWORK ->
                throw new IllegalStateException("teacher.from is network: it learns here, or is a snapshot");
            case EVENTS -> new EventTeacher();
            case TORCHSCRIPT ->
                load(
                        teacher,
                        script -> new TorchScriptTeacher(
                                script,
                                PipelineSpecs.inputs(plan.schema(), plan.inputLayout(), teacher.features()),
                                plan.classes(),
                                teacher.output()));
            case ONNX -> load(teacher, onnx -> new OnnxTeacher(onnx, plan.schema(), teacher.features()));
        };
    }

    private static Predictor load(TeacherSettings teacher, Function<byte[], Predictor> open) {
        String uri = Objects.requireNonNull(teacher.load());
        byte[] bytes;
        try (FSDataInputStream in = new Path(uri).getFileSystem().open(new Path(uri))) {
            bytes = in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "teacher.load: " + uri + " cannot be read (" + e.getMessage() + "); name the file of the "
                            + Texts.wireName(teacher.from()) + " teacher where each TaskManager can read it",
                    e);
        }
        try {
            return open.apply(bytes);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("teacher.load: " + uri + " does not fit: " + e.getMessage(), e);
        }
    }
}
