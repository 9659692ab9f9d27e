package dev.reflux.distillation;

import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.engine.ModelSpec;
import dev.reflux.distillation.loss.LossInput;
import dev.reflux.distillation.loss.LossShapes;
import dev.reflux.distillation.loss.Losses;
import dev.reflux.distillation.quality.LearningCurve;
import dev.reflux.distillation.quality.Prequential;
import dev.reflux.distillation.quality.SlidingShare;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;

/**
 * The small network that is published: predicts each batch, learns it from labels and from the teacher's lesson, and
 * says in its feedback where it erred.
 *
 * <p>Not thread-safe. Owns the model.
 */
public final class Student implements AutoCloseable {

    private static final String SECTION = "student";
    private static final int VERSION = 1;

    private final StudentSpec spec;
    private final Model model;
    private final Losses losses;
    private final Prequential quality;
    private final LearningCurve curve;
    private final double[] probabilities;
    private Outputs gradient;
    private final SlidingShare agreement;
    private long steps;

    /** @param shapes what the losses must know of student and teacher */
    public Student(StudentSpec spec, Model model, LossShapes shapes) {
        this.spec = spec;
        this.model = model;
        this.losses = new Losses(spec.losses(), shapes);
        this.gradient = model.outputs(0);
        this.quality = new Prequential(model.classes(), spec.qualityWindow());
        this.curve = new LearningCurve(spec.curveWindow());
        this.agreement = new SlidingShare(spec.qualityWindow());
        this.probabilities = new double[model.classes()];
    }

    /** Predicts the batch, measures itself on it, learns it, and reports. The drift level is left at none. */
    public Feedback study(Lesson lesson, Examples examples) {
        int size = examples.size();
        Outputs outputs = model.outputs(size);
        float[] logits = outputs.logits();
        if (gradient.size() < size) {
            gradient = model.outputs(size);
        }
        for (int from = 0; from < size; from += spec.rowsPerStep()) {
            int to = Math.min(size, from + spec.rowsPerStep());
            model.observe(examples, from, to);
            model.forward(examples, from, to, outputs);
            gradient.clear(from, to);
            losses.addGradient(new LossInput(from, to, outputs, examples.labels(), lesson, null), gradient);
            model.learn(gradient, 1);
            steps++;
        }
        measure(lesson, examples, logits);
        return new Feedback(
                lesson.batch(),
                spec.name(),
                logits,
                meanLogLoss(examples, logits),
                spec.lossAfter() ? lossAfter(examples) : Double.NaN,
                classError(examples, logits),
                0);
    }

    private void measure(Lesson lesson, Examples examples, float[] logits) {
        int classes = model.classes();
        for (int row = 0; row < examples.size(); row++) {
            int truth = examples.truth().get(row);
            if (truth >= 0) {
                curve.add(quality.add(logits, row, truth));
            } else {
                curve.addUnlabelled();
            }
            if (lesson.teaches(row)) {
                agreement.add(Logits.argmax(logits, row, classes) == Logits.argmax(lesson.predicted(), row, classes));
            }
        }
    }

    private double lossAfter(Examples examples) {
        float[] logits = new float[examples.size() * model.classes()];
        model.predict(examples, 0, examples.size(), logits);
        return meanLogLoss(examples, logits);
    }

    private double meanLogLoss(Examples examples, float[] logits) {
        double sum = 0;
        int labelled = 0;
        for (int row = 0; row < examples.size(); row++) {
            int label = examples.labels().get(row);
            if (label >= 0) {
                sum += Logits.logLoss(logits, row, model.classes(), label);
                labelled++;
            }
        }
        return labelled == 0 ? Double.NaN : sum / labelled;
    }

    private float[] classError(Examples examples, float[] logits) {
        float[] error = new float[model.classes()];
        int[] labelled = new int[error.length];
        for (int row = 0; row < examples.size(); row++) {
            int label = examples.labels().get(row);
            if (label >= 0) {
                Logits.softmax(logits, row, 1, probabilities);
                error[label] += (float) (1 - probabilities[label]);
                labelled[label]++;
            }
        }
        for (int c = 0; c < error.length; c++) {
            error[c] = labelled[c] == 0 ? Float.NaN : error[c] / labelled[c];
        }
        return error;
    }

    public String name() {
        return spec.name();
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

    /** Share of all examples on which student and teacher predicted the same class; NaN before the first. */
    public double agreement() {
        return agreement.total();
    }

    /** The same among the last examples, as many as the quality window has. */
    public double recentAgreement() {
        return agreement.recent();
    }

    /** Examples seen since the start. */
    public long seen() {
        return agreement.count();
    }

    /** Optimizer steps taken since the start. */
    public long steps() {
        return steps;
    }

    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> {
            model.write(section);
            losses.write(section);
            section.putLong(steps);
            agreement.write(section);
            quality.write(section);
            curve.write(section);
        });
    }

    /** The student that {@link #write} wrote; it goes on bit for bit. */
    public static Student read(
            StudentSpec spec, ModelSpec modelSpec, InputSelection inputs, LossShapes shapes, StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        Student student = new Student(spec, Model.read(modelSpec, inputs, shapes.classes(), section), shapes);
        student.losses.read(section);
        student.steps = section.getLong();
        student.agreement.read(section);
        student.quality.read(section);
        student.curve.read(section);
        return student;
    }

    @Override
    public void close() {
        model.close();
    }
}
