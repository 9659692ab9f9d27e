package dev.reflux.distillation;

import dev.reflux.distillation.candidates.Choice;
import dev.reflux.distillation.candidates.Learner;
import dev.reflux.distillation.candidates.Way;
import dev.reflux.distillation.committee.GradientWeights;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.engine.ModelSpec;
import dev.reflux.distillation.loss.LossShapes;
import dev.reflux.distillation.loss.Losses;
import dev.reflux.distillation.quality.LearningCurve;
import dev.reflux.distillation.quality.Prequential;
import dev.reflux.distillation.quality.QualityTrack;
import dev.reflux.distillation.quality.SlidingShare;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The small network that is published: predicts each batch, learns it from labels and from the teacher's lesson, and
 * says in its feedback where it erred.
 *
 * <p>It may learn in several ways at once, each in a network of its own, and is then at any time the one that lately erred
 * least. Beside it a control, the same network without a teacher, shows what the teacher is worth.
 *
 * <p>Not thread-safe. Owns its models.
 */
public final class Student implements AutoCloseable {

    private static final String SECTION = "student";
    private static final int VERSION = 3;

    /** How unequal the members of a committee may count for a student that weighs them itself. */
    private static final double MEMBER_TOLERANCE = 0.6;

    private final StudentSpec spec;
    private final int classes;
    /** The candidates in the order of the choice; then the control, unless it is one of them. */
    private final List<Learner> learners;

    private final Choice choice;
    private final QualityTrack quality;
    private final @Nullable QualityTrack controlQuality;
    private final SlidingShare agreement;
    private final double[] probabilities;
    private long seen;

    /**
     * A student that has learned nothing yet.
     *
     * @param models makes the network, each time with the same parameters
     * @param shapes what the losses must know of student and teacher
     */
    public Student(StudentSpec spec, Supplier<Model> models, LossShapes shapes) {
        this(spec, shapes, learners(spec, way -> new Learner(way, spec, models.get(), shapes)));
    }

    private Student(StudentSpec spec, LossShapes shapes, List<Learner> learners) {
        this.spec = spec;
        this.classes = shapes.classes();
        this.learners = learners;
        this.choice = new Choice(spec.candidates().size(), classes);
        this.quality = new QualityTrack(classes, spec.qualityWindow(), spec.curveWindow());
        this.controlQuality =
                spec.control() ? new QualityTrack(classes, spec.qualityWindow(), spec.curveWindow()) : null;
        this.agreement = new SlidingShare(spec.qualityWindow());
        this.probabilities = new double[classes];
    }

    private static List<Learner> learners(StudentSpec spec, Function<Way, Learner> maker) {
        List<Learner> learners = new ArrayList<>();
        spec.candidates().forEach(way -> learners.add(maker.apply(way)));
        if (spec.control() && !spec.candidates().contains(Way.ALONE)) {
            learners.add(maker.apply(Way.ALONE));
        }
        return learners;
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
        learners.forEach(learner -> learner.begin(size));
        float[] served = learners.size() == 1 ? learners.get(0).outputs().logits() : new float[size * classes];
        MembersOfLesson heard = new MembersOfLesson(lesson);
        for (int from = 0; from < size; from += spec.learning().rowsPerStep()) {
            int to = Math.min(size, from + spec.learning().rowsPerStep());
            for (Learner learner : learners) {
                learner.predict(examples, from, to);
            }
            float[] chosen = learners.get(choice.served()).outputs().logits();
            if (chosen != served) {
                System.arraycopy(chosen, from * classes, served, from * classes, (to - from) * classes);
            }
            Lesson ofGroup = heard.by(served, from, to);
            judge(examples, from, to);
            for (Learner learner : learners) {
                learner.learn(examples, from, to, ofGroup);
            }
            seen += to - from;
        }
        quality.measure(examples, served);
        if (controlQuality != null) {
            controlQuality.measure(examples, control().outputs().logits());
        }
        if (lesson != null) {
            measureAgreement(lesson, served);
        }
        return new Feedback(
                batch,
                spec.name(),
                served,
                spec.lossAfter() ? lossBefore : meanLogLoss(examples, served),
                spec.lossAfter() ? batchLoss(examples) : Double.NaN,
                classError(examples, served),
                0);
    }

    private void judge(Examples examples, int from, int to) {
        int candidates = spec.candidates().size();
        for (int row = from; candidates > 1 && row < to; row++) {
            int label = examples.labels().get(row);
            if (label >= 0) {
                choice.label();
                for (int k = 0; k < candidates; k++) {
                    choice.answer(k, learners.get(k).outputs().logits(), row, label);
                }
            }
        }
    }

    private Learner control() {
        return learners.stream()
                .filter(learner -> learner.way() == Way.ALONE)
                .findFirst()
                .orElseThrow();
    }

    private Learner served() {
        return learners.get(choice.served());
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
                weights = new GradientWeights(lesson.members().size(), classes, MEMBER_TOLERANCE);
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
        for (int row = 0; row < lesson.size(); row++) {
            if (lesson.teaches(row)) {
                agreement.add(Logits.argmax(logits, row, classes) == Logits.argmax(lesson.predicted(), row, classes));
            }
        }
    }

    /** Mean log loss on the visible labels of the first candidate, as it now stands: of one network, before and after. */
    private double batchLoss(Examples examples) {
        float[] logits = new float[examples.size() * classes];
        learners.get(0).model().predict(examples, 0, examples.size(), logits);
        return meanLogLoss(examples, logits);
    }

    private double meanLogLoss(Examples examples, float[] logits) {
        double sum = 0;
        int labelled = 0;
        for (int row = 0; row < examples.size(); row++) {
            int label = examples.labels().get(row);
            if (label >= 0) {
                sum += Logits.logLoss(logits, row, classes, label);
                labelled++;
            }
        }
        return labelled == 0 ? Double.NaN : sum / labelled;
    }

    private float[] classError(Examples examples, float[] logits) {
        float[] error = new float[classes];
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

    /** Multiplies the learning rate from now on; no part of the state. */
    public void scaleRate(double factor) {
        learners.forEach(learner -> learner.scaleRate(factor));
    }

    /** Keeps the newest share of what it would learn again. */
    public void forget(double keptShare) {
        learners.forEach(learner -> learner.forget(keptShare));
    }

    /** The network that is served: that of the best candidate by now. */
    public Model model() {
        return served().model();
    }

    /** The way in which the network that is served learns. */
    public Way way() {
        return served().way();
    }

    /** Its own quality, always measured before it learned the example. */
    public Prequential quality() {
        return quality.prequential();
    }

    /** What its first candidate minimises, of those that have a teacher if any does. */
    public Losses losses() {
        return learners.stream()
                .filter(learner -> learner.way() != Way.ALONE)
                .findFirst()
                .orElse(learners.get(0))
                .losses();
    }

    public LearningCurve curve() {
        return quality.curve();
    }

    /** The quality of the same network without a teacher, measured on the same examples; empty without a control. */
    public Optional<Prequential> controlQuality() {
        return Optional.ofNullable(controlQuality).map(QualityTrack::prequential);
    }

    /** {@code [size, classes]}: what the control said of the last batch before it learned it; empty without one. */
    public Optional<float[]> controlLogits() {
        return spec.control() ? Optional.of(control().outputs().logits()) : Optional.empty();
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
        return served().robustAccuracy();
    }

    /** Examples seen since the start. */
    public long seen() {
        return seen;
    }

    /** Optimizer steps taken since the start, by all its candidates. */
    public long steps() {
        return learners.stream()
                .limit(spec.candidates().size())
                .mapToLong(Learner::steps)
                .sum();
    }

    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> {
            learners.forEach(learner -> learner.write(section));
            choice.write(section);
            section.putLong(seen);
            agreement.write(section);
            quality.write(section);
            if (controlQuality != null) {
                controlQuality.write(section);
            }
        });
    }

    /** The student that {@link #write} wrote; it goes on bit for bit. */
    public static Student read(
            StudentSpec spec, ModelSpec modelSpec, InputSelection inputs, LossShapes shapes, StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        Function<StateReader, Model> models = saved -> Model.read(modelSpec, inputs, shapes.classes(), saved);
        Student student =
                new Student(spec, shapes, learners(spec, way -> Learner.read(way, spec, models, shapes, section)));
        student.choice.read(section);
        student.seen = section.getLong();
        student.agreement.read(section);
        student.quality.read(section);
        if (student.controlQuality != null) {
            student.controlQuality.read(section);
        }
        return student;
    }

    @Override
    public void close() {
        learners.forEach(Learner::close);
    }
}
