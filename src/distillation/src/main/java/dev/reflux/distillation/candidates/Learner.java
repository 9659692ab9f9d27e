package dev.reflux.distillation.candidates;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.LearningSpec;
import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.StudentSpec;
import dev.reflux.distillation.adversarial.AdversarialLearning;
import dev.reflux.distillation.adversarial.AdversarialSpec;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.exits.SelfDistillationLoss;
import dev.reflux.distillation.loss.LabelLoss;
import dev.reflux.distillation.loss.LossInput;
import dev.reflux.distillation.loss.LossShapes;
import dev.reflux.distillation.loss.Losses;
import dev.reflux.distillation.replay.ReplayMemory;
import dev.reflux.distillation.replay.ReplayMemory.Replayed;
import dev.reflux.distillation.replay.ReplaySpec;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One network on its way to become the student: predicts each group of rows, then learns it. For each batch {@link #begin}
 * comes first, then for each group {@link #predict} and {@link #learn}.
 *
 * <p>Not thread-safe. Owns the model.
 */
public final class Learner implements AutoCloseable {

    private static final String SECTION = "learner";
    private static final int VERSION = 1;

    private final Way way;
    private final LearningSpec learning;
    private final Model model;
    private final Losses losses;
    private final LabelLoss labelLoss;
    private final @Nullable ReplayMemory memory;
    private final @Nullable AdversarialLearning adversarial;
    private Outputs outputs;
    private Outputs gradient;
    private long seen;
    private long steps;
    private double rateFactor = 1;

    /** @param shapes what the losses must know of student and teacher */
    public Learner(Way way, StudentSpec student, Model model, LossShapes shapes) {
        this.way = way;
        this.learning = way.learning(student);
        this.model = model;
        this.losses = student.self() != null && way != Way.ALONE
                ? Losses.of("self", new SelfDistillationLoss(student.self(), model.classes()))
                : new Losses(way.losses(student), shapes);
        this.labelLoss = new LabelLoss(model.classes());
        ReplaySpec replay = learning.replay();
        this.memory = replay.isOn()
                ? new ReplayMemory(replay, model.inputs().layout(), model.classes(), shapes.seed())
                : null;
        AdversarialSpec moves = way.adversarial(student);
        this.adversarial = moves.isOn()
                ? new AdversarialLearning(moves, model.classes(), student.qualityWindow(), shapes.seed())
                : null;
        this.outputs = model.outputs(0);
        this.gradient = model.outputs(0);
    }

    public Way way() {
        return way;
    }

    public Model model() {
        return model;
    }

    /** What it minimises. */
    public Losses losses() {
        return losses;
    }

    /** What it predicted of the batch so far, always before it learned the row. */
    public Outputs outputs() {
        return outputs;
    }

    /** Makes room for a batch of a size. */
    public void begin(int size) {
        outputs = model.outputs(size);
        reserve(size);
    }

    /** Takes note of the inputs of a group of rows, and predicts it. */
    public void predict(Examples examples, int from, int to) {
        model.observe(examples, from, to);
        if (adversarial != null) {
            adversarial.measure(model, examples, from, to);
        }
        model.forward(examples, from, to, outputs);
    }

    /** Learns the group of rows that was predicted last, then what is to come again. */
    public void learn(Examples examples, int from, int to, @Nullable Lesson lesson) {
        learn(new LossInput(from, to, outputs, examples.labels(), lesson, null));
        for (int step = 1; step < learning.steps(); step++) {
            Outputs again = model.outputs(examples.size());
            model.forward(examples, from, to, again);
            learn(new LossInput(from, to, again, examples.labels(), lesson, null));
        }
        if (adversarial != null && adversarial.learn(model, examples, from, to, lesson, rateScale())) {
            steps++;
        }
        replay(to - from);
        remember(examples, from, to, lesson);
        seen += to - from;
    }

    private void learn(LossInput input) {
        boolean labelled = input.labelled() > 0;
        if (way == Way.ALONE && !labelled) {
            return;
        }
        gradient.clear(input.from(), input.to());
        losses.addGradient(input, gradient);
        model.learn(gradient, rateScale() * way.rateScale(labelled));
        steps++;
    }

    private double rateScale() {
        return learning.rateScale(seen) * rateFactor;
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
        if (memory != null) {
            memory.replayFor(newRows, learning.rowsPerStep(), this::replay);
        }
    }

    private void replay(Replayed replayed) {
        Examples examples = replayed.examples();
        int size = examples.size();
        int classes = model.classes();
        reserve(size);
        Outputs now = model.outputs(size);
        model.forward(examples, 0, size, now);
        gradient.clear(0, size);
        if (learning.replay().relearn() == ReplaySpec.Relearn.LABELS) {
            labelLoss.addGradient(new LossInput(0, size, now, examples.labels(), null, null), 1, gradient);
        } else {
            Lesson lesson = new Lesson(0, size, classes, replayed.softLabels(), replayed.softLabels());
            losses.addReplayGradient(new LossInput(0, size, now, examples.labels(), lesson, null), gradient);
        }
        if (learning.replay().policy() == ReplaySpec.Policy.DARK_EXPERIENCE) {
            float scale = (float) (2 * learning.replay().darkWeight() / size);
            for (int i = 0; i < size * classes; i++) {
                gradient.logits()[i] += scale * (now.logits()[i] - replayed.logits()[i]);
            }
        }
        model.learn(gradient, rateScale());
        steps++;
    }

    private void remember(Examples examples, int from, int to, @Nullable Lesson lesson) {
        boolean labelsOnly = learning.replay().relearn() == ReplaySpec.Relearn.LABELS;
        for (int row = from; memory != null && row < to; row++) {
            if (!labelsOnly || examples.labels().get(row) >= 0) {
                memory.add(examples, row, lesson == null ? null : lesson.softLabels(), outputs.logits());
            }
        }
    }

    private void reserve(int size) {
        if (gradient.size() < size) {
            gradient = model.outputs(size);
        }
    }

    /** Accuracy on examples that were moved to make it err, since the start; NaN where that is not measured. */
    public double robustAccuracy() {
        return adversarial == null ? Double.NaN : adversarial.robustAccuracy();
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
            if (memory != null) {
                memory.write(section);
            }
            if (adversarial != null) {
                adversarial.write(section);
            }
        });
    }

    /**
     * The learner that {@link #write} wrote; it goes on bit for bit.
     *
     * @param models reads the network from the state
     */
    public static Learner read(
            Way way, StudentSpec student, Function<StateReader, Model> models, LossShapes shapes, StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        Learner learner = new Learner(way, student, models.apply(section), shapes);
        learner.losses.read(section);
        learner.seen = section.getLong();
        learner.steps = section.getLong();
        if (learner.memory != null) {
            learner.memory.read(section);
        }
        if (learner.adversarial != null) {
            learner.adversarial.read(section);
        }
        return learner;
    }

    @Override
    public void close() {
        model.close();
    }
}
