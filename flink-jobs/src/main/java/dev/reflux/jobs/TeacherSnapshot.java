package dev.reflux.jobs;

import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.jobs.files.WholeFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.core.fs.Path;

/**
 * A teacher in a file of any file system that Flink knows: written by {@code teacher.save}, read by {@code teacher.load}.
 * It holds what the teacher knows: parameters, normalisation and the optimizer's moments. What it heard from its students
 * and how well it did belong to its run: another one has other students and measures its own quality.
 */
public final class TeacherSnapshot {

    private static final String SECTION = "teacher-snapshot";
    private static final int VERSION = 2;

    private TeacherSnapshot() {}

    /** Writes the snapshot; a reader sees the old one or the new one, whole. */
    public static void save(String uri, LearningPlan plan, List<Model> teacher) throws IOException {
        byte[] bytes = new StateWriter()
                .section(SECTION, VERSION, section -> {
                    section.putString(plan.pipeline().pipeline());
                    List<String> classes = plan.schema().label().classes();
                    section.putInt(classes.size());
                    classes.forEach(section::putString);
                    section.putInt(teacher.size());
                    teacher.forEach(model -> model.write(section));
                })
                .toBytes();
        try {
            WholeFile.write(new Path(uri), bytes);
        } catch (IOException e) {
            throw new IOException("teacher.save: " + uri + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** Reads a snapshot for a pipeline that has the same classes, features and teacher network. */
    static List<Model> load(String uri, LearningPlan plan) {
        byte[] bytes;
        try {
            bytes = WholeFile.read(new Path(uri));
        } catch (IOException e) {
            throw new StateException(
                    "teacher.load: " + uri + " cannot be read; write one with teacher.save in an online pipeline", e);
        }
        try {
            StateReader section = new StateReader(bytes).section(SECTION, VERSION);
            String pipeline = section.getString();
            String[] classes = new String[section.getInt()];
            Arrays.setAll(classes, i -> section.getString());
            List<String> expected = plan.schema().label().classes();
            if (!expected.equals(List.of(classes))) {
                throw new StateException("the teacher of pipeline '" + pipeline + "' knows the classes "
                        + List.of(classes) + ", this pipeline has " + expected + "; they must be the same, in order");
            }
            int networks = section.version() == 1 ? 1 : section.getInt();
            if (networks != plan.teacherNetworkCount()) {
                throw new StateException("it has " + networks + " networks, this pipeline's teacher has "
                        + plan.teacherNetworkCount() + "; set teacher.members to match");
            }
            return plan.readTeacherModels(section);
        } catch (StateException e) {
            throw new StateException("teacher.load: " + uri + " does not fit this pipeline: " + e.getMessage(), e);
        }
    }
}
