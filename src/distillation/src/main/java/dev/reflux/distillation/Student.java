package dev.reflux.distillation;

import dev.reflux.distillation.adversarial.AdversarialLearning;
import dev.reflux.distillation.committee.GradientWeights;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.engine.ModelSpec;
import dev.reflux.distillation.exits.SelfDistillationLoss;
import dev.reflux.distillation.loss.LossInput;
import dev.reflux.distillation.loss.LossShapes;
import dev.reflux.distillation.loss.Losses;
import dev.reflux.distillation.quality.LearningCurve;
import dev.reflux.distillation.quality.Prequential;
import dev.reflux.distillation.quality.QualityTrack;
import dev.reflux.distillation.quality.SlidingShare;
import dev.reflux.distillation.replay.ReplayMemory;
import dev.reflux.distillation.replay.ReplayMemory.Replayed;
import dev.reflux.distillation.replay.ReplaySpec;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import org.jspecify.annotations.Nullable;

/**
 * The small network that is published: predicts each batch, learns it from labels and from the teacher's lesson, and
 * says in its feedback where it erred.
 *
 * <p>Not thread-safe. Owns the model.
 */
public final class Student implements AutoCloseable {

    private static final String SECTION = "student";
    private static final int VERSION = 2;

    /** How unequal the members of a committee may count for a student that weighs them itself. */
    private static final double MEMBER_TOLERANCE = 0.6;

    private final StudentSpec spec;
    private final Model model;
    private final Losses losses;
    private final QualityTrack quality;
    private final SlidingShare agreement;
    private final @Nullable ReplayMemory memory;
    private final @Nullable AdversarialLearning adversarial;
    private final double[] probabilities;
    private Outputs gradient;
    private long seen;
    private long steps;
    private double rateFactor = 1;

    /** @param shapes what the losses must know of student and teacher */
    public Student(StudentSpec spec, Model model, LossShapes shapes) {
        this.spec = spec;
        this.model = model;
        this.losses = spec.self() == null
                ? new Losses(spec.losses(), shapes)
                : Losses.of("self", new SelfDistillationLoss(spec.self(), model.classes()));
        this.gradient = model.outputs(0);
        this.quality = new QualityTrack(model.classes(), spec.qualityWindow(), spec.curveWindow());
        this.agreement = new SlidingShare(spec.qualityWindow());
        ReplaySpec replay = spec.learning().replay();
        this.memory = replay.isOn()
                ? new ReplayMemory(replay, model.inputs().layout(), model.classes(), shapes.seed())
                : null;
        this.adversarial = spec.adversarial().isOn()
                ? new AdversarialLearning(spec.adversarial(), model.classes(), spec.qualityWindow(), shapes.seed())
                : null;
        this.probabilities = new double[model.classes()];
    }

    /** Predicts the batch, measures itself on it, learns it, and reports. The drift level is left at none. */
    public Feedback study(Lesson lesson, Examples examples) {
        return study(lesson.batch(), lesson, examples);
    }

    /** {@link #study(Lesson, Examples)} without a teacher. */
    public Feedback study(long batch, Examples examples) {
        return study(batch, null, examples);
    }

    private Feedback study(long batch, @Nullable Lesson lesson, Examples examples) {
        int size = examples.size();
        double lossBefore = spec.lossAfter() ? batchLoss(examples) : Double.NaN;
        Outputs outputs = model.outputs(size);
        reserve(size);
        MembersOfLesson heard = new MembersOfLesson(lesson);
        for (int from = 0; from < size; from += spec.learning().rowsPerStep()) {
            int to = Math.min(size, from + spec.learning().rowsPerStep());
            model.observe(examples, from, to);
            if (adversarial != null) {
                adversarial.measure(model, examples, from, to);
            }
            model.forward(examples, from, to, outputs);
            Lesson ofGroup = heard.by(outputs.logits(), from, to);
            learn(new LossInput(from, to, outputs, examples.labels(), ofGroup, null));
            for (int step = 1; step < spec.learning().steps(); step++) {
                Outputs again = model.outputs(size);
                model.forward(examples, from, to, again);
                learn(new LossInput(from, to, again, examples.labels(), ofGroup, null));
            }
            if (adversarial != null && adversarial.learn(model, examples, from, to, ofGroup, rateScale())) {
                steps++;
            }
            replay(to - from);
            remember(examples, from, to, ofGroup, outputs);
            seen += to - from;
        }
        quality.measure(examples, outputs.logits());
        if (lesson != null) {
            measureAgreement(lesson, outputs.logits());
        }
        return new Feedback(
                batch,
                spec.name(),
                outputs.logits(),
                spec.lossAfter() ? lossBefore : meanLogLoss(examples, outputs.logits()),
                spec.lossAfter() ? batchLoss(examples) : Double.NaN,
                classError(examples, outputs.logits()),
                0);
    }

    private void reserve(int size) {
        if (gradient.size() < size) {
            gradient = model.outputs(size);
        }
    }

    private void learn(LossInput input) {
        gradient.clear(input.from(), input.to());
        losses.addGradient(input, gradient);
        model.learn(gradient, rateScale());
        steps++;
    }

    private double rateScale() {
        return spec.learning().rateScale(seen) * rateFactor;
    }

    /** Multiplies the learning rate from now on; no part of the state. */
    public void scaleRate(double factor) {
        rateFactor = factor;
    }

    /** Keeps the newest share of the replay memory. */
    public void forget(double keptShare) {
        if (memory != null) {
            memory.keepNewest(keptShare);
        }
    }

    private void replay(int newRows) {
        int due = memory == null ? 0 : memory.due(newRows);
        if (memory == null || due == 0) {
            return;
        }
        Replayed replayed = memory.draw(due);
        Examples examples = replayed.examples();
        int size = examples.size();
        int classes = model.classes();
        reserve(size);
        Outputs outputs = model.outputs(size);
        model.forward(examples, 0, size, outputs);
        Lesson lesson = new Lesson(0, size, classes, replayed.softLabels(), replayed.softLabels());
        gradient.clear(0, size);
        losses.addReplayGradient(new LossInput(0, size, outputs, examples.labels(), lesson, null), gradient);
        if (spec.learning().replay().policy() == ReplaySpec.Policy.DARK_EXPERIENCE) {
            float scale = (float) (2 * spec.learning().replay().darkWeight() / size);
            for (int i = 0; i < size * classes; i++) {
                gradient.logits()[i] += scale * (outputs.logits()[i] - replayed.logits()[i]);
            }
        }
        model.learn(gradient, rateScale());
        steps++;
    }

    private void remember(Examples examples, int from, int to, @Nullable Lesson lesson, Outputs outputs) {
        for (int row = from; memory != null && row < to; row++) {
            memory.add(examples, row, lesson == null ? null : lesson.softLabels(), outputs.logits());
        }
    }

    /** What is heard of a lesson: the committee's word, or that of its members as this student weighs them. */
    private final class MembersOfLesson {

        private final @Nullable Lesson lesson;
        private final @Nullable GradientWeights weights;
        private final @Nullable Lesson weighted;

        MembersOfLesson(@Nullable Lesson lesson) {
            this.lesson = lesson;
            if (lesson == null || lesson.members().isEmpty()) {
                weights = null;
                weighted = null;
            } else {
                weights = new GradientWeights(lesson.members().size(), model.classes(), MEMBER_TOLERANCE);
                weighted = lesson.withSoftLabels(new float[lesson.softLabels().length]);
            }
        }

        @Nullable
        Lesson by(float[] logits, int from, int to) {
            if (lesson == null || weights == null || weighted == null) {
                return lesson;
            }
            weights.combine(from, to, logits, lesson.members(), weighted.softLabels());
            return weighted;
        }
    }

    private void measureAgreement(Lesson lesson, float[] logits) {
        int classes = model.classes();
        for (int row = 0; row < lesson.size(); row++) {
            if (lesson.teaches(row)) {
                agreement.add(Logits.argmax(logits, row, classes) == Logits.argmax(lesson.predicted(), row, classes));
            }
        }
    }

    /** Mean log loss on the visible labels, as the network now stands. */
    private double batchLoss(Examples examples) {
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
        return quality.prequential();
    }

    /** What it minimises. */
    public Losses losses() {
        return losses;
    }

    public LearningCurve curve() {
        return quality.curve();
    }

    /** Share of the examples that the teacher said something of on which both predicted the same class; NaN before the first. */
    public double agreement() {
        return agreement.total();
    }

    /** The same among the last examples, as many as the quality window has. */
    public double recentAgreement() {
        return agreement.recent();
    }

    /** Accuracy on examples that were moved to make it err, since the start; NaN where that is not measured. */
    public double robustAccuracy() {
        return adversarial == null ? Double.NaN : adversarial.robustAccuracy();
    }

    /** Examples seen since the start. */
    public long seen() {
        return seen;
    }

    /** Optimizer steps taken since the start. */
    public long steps() {
        return steps;
    }

    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> {
            model.write(section);
            losses.write(section);
            section.putLong(seen).putLong(steps);
            agreement.write(section);
            quality.write(section);
            if (memory != null) {
                memory.write(section);
            }
            if (adversarial != null) {
                adversarial.write(section);
            }
        });
    }

    /** The student that {@link #write} wrote; it goes on bit for bit. */
    public static Student read(
            StudentSpec spec, ModelSpec modelSpec, InputSelection inputs, LossShapes shapes, StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        Student student = new Student(spec, Model.read(modelSpec, inputs, shapes.classes(), section), shapes);
        student.losses.read(section);
        student.seen = section.getLong();
        student.steps = section.getLong();
        student.agreement.read(section);
        student.quality.read(section);
        if (student.memory != null) {
            student.memory.read(section);
        }
        if (student.adversarial != null) {
            student.adversarial.read(section);
        }
        return student;
    }

    @Override
    public void close() {
        model.close();
    }
}
