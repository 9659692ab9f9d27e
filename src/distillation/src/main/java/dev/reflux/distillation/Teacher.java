package dev.reflux.distillation;

import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.engine.ModelSpec;
import dev.reflux.distillation.feedback.FeedbackPolicy;
import dev.reflux.distillation.loss.LabelLoss;
import dev.reflux.distillation.loss.LossInput;
import dev.reflux.distillation.quality.LearningCurve;
import dev.reflux.distillation.quality.Prequential;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.Arrays;
import java.util.List;

/**
 * The large network: tells the student what it sees in each batch, and learns from labels and from the student's
 * feedback. {@link #teach} is called once per batch in stream order, {@link #learn} once per batch in the same order when
 * the feedback on it is there; how many batches lie between the two is the caller's to decide and to keep constant.
 *
 * <p>Not thread-safe. Owns the model.
 */
public final class Teacher implements AutoCloseable {

    private static final String SECTION = "teacher";
    private static final int VERSION = 1;

    private final TeacherSpec spec;
    private final Model model;
    private final FeedbackPolicy policy;
    private final LabelLoss labelLoss;
    private final Prequential quality;
    private final LearningCurve curve;
    private float[] gradient = new float[0];
    private float[] weights = new float[0];

    public Teacher(TeacherSpec spec, Model model, FeedbackPolicy policy) {
        this.spec = spec;
        this.model = model;
        this.policy = policy;
        this.labelLoss = new LabelLoss(model.classes());
        this.quality = new Prequential(model.classes(), spec.qualityWindow());
        this.curve = new LearningCurve(spec.curveWindow());
    }

    /** Predicts a batch, measures itself on it and says what the student shall learn of it. */
    public Lesson teach(long batch, Examples examples) {
        int size = examples.size();
        int classes = model.classes();
        float[] predicted = new float[size * classes];
        float[] softLabels = predicted;
        if (spec.moment() == TeacherSpec.Moment.AFTER) {
            softLabels = new float[size * classes];
            reserve(size);
            policy.weigh(examples, weights);
        }
        for (int from = 0; from < size; from += spec.rowsPerStep()) {
            int to = Math.min(size, from + spec.rowsPerStep());
            switch (spec.moment()) {
                case FROZEN -> model.predict(examples, from, to, predicted);
                case BEFORE -> {
                    model.observe(examples, from, to);
                    model.predict(examples, from, to, predicted);
                }
                case AFTER -> {
                    model.observe(examples, from, to);
                    teachInHindsight(examples, from, to, predicted, softLabels);
                }
            }
        }
        measure(examples, predicted);
        return new Lesson(batch, size, classes, predicted, softLabels);
    }

    private void teachInHindsight(Examples examples, int from, int to, float[] predicted, float[] softLabels) {
        int classes = model.classes();
        LossInput input =
                new LossInput(from, to, Outputs.ofLogits(predicted, classes), examples.labels(), null, weights);
        if (input.labelled() == 0) {
            model.predict(examples, from, to, predicted);
            System.arraycopy(predicted, from * classes, softLabels, from * classes, (to - from) * classes);
            return;
        }
        model.forward(examples, from, to, predicted);
        Arrays.fill(gradient, from * classes, to * classes, 0);
        labelLoss.addGradient(input, 1, Outputs.ofLogits(gradient, classes));
        model.learn(gradient, 1);
        model.predict(examples, from, to, softLabels);
    }

    /**
     * Takes the steps that waited for the feedback on this batch.
     *
     * @param feedback one entry per student
     */
    public void learn(Examples examples, List<Feedback> feedback) {
        policy.hear(feedback);
        boolean learnsLabels = spec.moment() == TeacherSpec.Moment.BEFORE;
        if (spec.moment() == TeacherSpec.Moment.FROZEN || !(learnsLabels || policy.addsGradient())) {
            return;
        }
        int size = examples.size();
        int classes = model.classes();
        reserve(size);
        if (learnsLabels) {
            policy.weigh(examples, feedback, weights);
        }
        float[] logits = new float[size * classes];
        for (int from = 0; from < size; from += spec.rowsPerStep()) {
            int to = Math.min(size, from + spec.rowsPerStep());
            LossInput input =
                    new LossInput(from, to, Outputs.ofLogits(logits, classes), examples.labels(), null, weights);
            if (!policy.addsGradient() && input.labelled() == 0) {
                continue;
            }
            model.forward(examples, from, to, logits);
            Arrays.fill(gradient, from * classes, to * classes, 0);
            if (learnsLabels) {
                labelLoss.addGradient(input, 1, Outputs.ofLogits(gradient, classes));
            }
            if (policy.addsGradient()) {
                policy.addGradient(from, to, logits, feedback, gradient);
            }
            model.learn(gradient, 1);
        }
    }

    private void measure(Examples examples, float[] predicted) {
        for (int row = 0; row < examples.size(); row++) {
            int truth = examples.truth().get(row);
            if (truth >= 0) {
                curve.add(quality.add(predicted, row, truth));
            } else {
                curve.addUnlabelled();
            }
        }
    }

    private void reserve(int size) {
        if (weights.length < size) {
            weights = new float[size];
            gradient = new float[size * model.classes()];
        }
    }

    public Model model() {
        return model;
    }

    /** Its own quality, always measured before it learned the example. */
    public Prequential quality() {
        return quality;
    }

    public LearningCurve curve() {
        return curve;
    }

    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> {
            model.write(section);
            policy.write(section);
            quality.write(section);
            curve.write(section);
        });
    }

    /** The teacher that {@link #write} wrote; it goes on bit for bit. */
    public static Teacher read(
            TeacherSpec spec,
            ModelSpec modelSpec,
            InputSelection inputs,
            int classes,
            FeedbackPolicy policy,
            StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        Teacher teacher = new Teacher(spec, Model.read(modelSpec, inputs, classes, section), policy);
        teacher.policy.read(section);
        teacher.quality.read(section);
        teacher.curve.read(section);
        return teacher;
    }

    @Override
    public void close() {
        model.close();
    }
}
