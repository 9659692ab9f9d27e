package dev.reflux.distillation.loss;

import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.network.FeatureLayer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What a student and its teacher say of some rows: logits, and the outputs of one layer each, which is also their last.
 * The arrays may be changed at will; each input is made of them anew.
 */
final class LossBatch {

    static final int CLASSES = 4;
    /** Feature maps, which every loss takes; their sizes differ. */
    static final FeatureLayer STUDENT = new FeatureLayer("conv-2", List.of(3, 2, 2));

    static final FeatureLayer TEACHER = new FeatureLayer("conv-4", List.of(2, 4, 4));

    final int rows;
    final int classes;
    final FeatureLayer studentLayer;
    final FeatureLayer teacherLayer;
    final float[] logits;
    final float[] features;
    final float[] teacherLogits;
    final float[] teacherFeatures;
    final int[] labels;

    private LossBatch(int rows, int classes, FeatureLayer studentLayer, FeatureLayer teacherLayer) {
        this.rows = rows;
        this.classes = classes;
        this.studentLayer = studentLayer;
        this.teacherLayer = teacherLayer;
        this.logits = new float[rows * classes];
        this.features = new float[rows * studentLayer.width()];
        this.teacherLogits = new float[rows * classes];
        this.teacherFeatures = new float[rows * teacherLayer.width()];
        this.labels = new int[rows];
        Arrays.fill(labels, -1);
    }

    /** Logits alone, without labels. */
    static LossBatch ofLogits(int classes, float[] student, float[] teacher) {
        LossBatch batch = zeros(student.length / classes, classes, STUDENT, TEACHER);
        System.arraycopy(student, 0, batch.logits, 0, student.length);
        System.arraycopy(teacher, 0, batch.teacherLogits, 0, teacher.length);
        return batch;
    }

    /** Features of flat layers, without labels. */
    static LossBatch ofFeatures(int rows, float[] student, float[] teacher) {
        return ofFeatures(
                rows,
                FeatureLayer.flat("hidden-1", student.length / rows),
                student,
                FeatureLayer.flat("hidden-2", teacher.length / rows),
                teacher);
    }

    static LossBatch ofFeatures(
            int rows, FeatureLayer studentLayer, float[] student, FeatureLayer teacherLayer, float[] teacher) {
        LossBatch batch = zeros(rows, CLASSES, studentLayer, teacherLayer);
        System.arraycopy(student, 0, batch.features, 0, student.length);
        System.arraycopy(teacher, 0, batch.teacherFeatures, 0, teacher.length);
        return batch;
    }

    static LossBatch zeros(int rows, int classes, FeatureLayer studentLayer, FeatureLayer teacherLayer) {
        return new LossBatch(rows, classes, studentLayer, teacherLayer);
    }

    /** Normal numbers, and a label on two of three rows. */
    static LossBatch random(int rows, long seed, FeatureLayer studentLayer, FeatureLayer teacherLayer) {
        LossBatch batch = zeros(rows, CLASSES, studentLayer, teacherLayer);
        Random random = new Random(seed);
        for (float[] values : List.of(batch.logits, batch.features, batch.teacherLogits, batch.teacherFeatures)) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
        }
        for (int row = 0; row < rows; row++) {
            batch.labels[row] = row % 3 == 2 ? -1 : random.nextInt(CLASSES);
        }
        return batch;
    }

    /** {@link #random(int, long, FeatureLayer, FeatureLayer)} with feature maps. */
    static LossBatch random(int rows, long seed) {
        return random(rows, seed, STUDENT, TEACHER);
    }

    /** These rows alone, as a batch of their own. */
    LossBatch only(int... chosen) {
        LossBatch batch = zeros(chosen.length, classes, studentLayer, teacherLayer);
        for (int row = 0; row < chosen.length; row++) {
            copy(logits, chosen[row], batch.logits, row, classes);
            copy(features, chosen[row], batch.features, row, studentLayer.width());
            copy(teacherLogits, chosen[row], batch.teacherLogits, row, classes);
            copy(teacherFeatures, chosen[row], batch.teacherFeatures, row, teacherLayer.width());
            batch.labels[row] = labels[chosen[row]];
        }
        return batch;
    }

    private static void copy(float[] source, int from, float[] target, int to, int width) {
        System.arraycopy(source, from * width, target, to * width, width);
    }

    /** Student and teacher have changed places. */
    LossBatch swapped() {
        LossBatch batch = zeros(rows, classes, teacherLayer, studentLayer);
        System.arraycopy(teacherLogits, 0, batch.logits, 0, logits.length);
        System.arraycopy(logits, 0, batch.teacherLogits, 0, logits.length);
        System.arraycopy(teacherFeatures, 0, batch.features, 0, teacherFeatures.length);
        System.arraycopy(features, 0, batch.teacherFeatures, 0, features.length);
        System.arraycopy(labels, 0, batch.labels, 0, rows);
        return batch;
    }

    /** The teacher says nothing about a row, and it has no label. */
    void silence(int row) {
        Arrays.fill(teacherLogits, row * classes, (row + 1) * classes, Float.NaN);
        Arrays.fill(teacherFeatures, row * teacherLayer.width(), (row + 1) * teacherLayer.width(), Float.NaN);
        labels[row] = -1;
    }

    LossShapes shapes() {
        return new LossShapes(classes, layer(studentLayer), layer(teacherLayer), 7);
    }

    private java.util.function.Function<String, FeatureLayer> layer(FeatureLayer last) {
        return name -> switch (name) {
            case Outputs.LOGITS -> FeatureLayer.flat(Outputs.LOGITS, classes);
            case "last" -> last;
            default -> throw new IllegalArgumentException("layer '" + name + "' found");
        };
    }

    LossInput input() {
        return input(0, rows);
    }

    LossInput input(int from, int to) {
        Outputs outputs = zeros();
        System.arraycopy(logits, 0, outputs.logits(), 0, logits.length);
        System.arraycopy(features, 0, outputs.features(0), 0, features.length);
        Lesson lesson = new Lesson(
                0,
                rows,
                classes,
                teacherLogits,
                teacherLogits,
                Map.of(teacherLayer.name(), teacherFeatures),
                List.of(),
                new float[0]);
        return new LossInput(from, to, outputs, IntBuffer.wrap(labels), lesson, null);
    }

    LossInput inputWithoutTeacher() {
        LossInput taught = input();
        return new LossInput(0, rows, taught.outputs(), taught.labels(), null, null);
    }

    /** Room for a gradient. */
    Outputs zeros() {
        return new Outputs(rows, classes, List.of(studentLayer));
    }
}
