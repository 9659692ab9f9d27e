package dev.reflux.distillation.committee;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.LearningSpec;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.Predictor;
import dev.reflux.distillation.engine.AveragedModel;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.feedback.FeedbackPolicy;
import dev.reflux.distillation.loss.LabelLoss;
import dev.reflux.distillation.loss.LossInput;
import dev.reflux.distillation.replay.ReplayMemory;
import dev.reflux.distillation.replay.ReplayMemory.Replayed;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One of the networks that are the teacher: predicts and learns a batch by itself, so that the members of a committee can
 * do so side by side. Owns its predictor.
 */
public final class Member implements AutoCloseable {

    private static final String SECTION = "member";
    private static final int VERSION = 1;

    private final Predictor predictor;
    private final LearningSpec learning;
    private final LabelLoss labelLoss;
    private final @Nullable AveragedModel average;
    private final @Nullable ReplayMemory memory;
    private Outputs gradient;
    private long seen;
    private double rateFactor = 1;

    /**
     * What a member says of a batch: before it learned the examples, and what it then teaches, the same unless that is in
     * hindsight. NaN for an example of which it sees nothing, because all features that it reads are missing.
     */
    public record Answer(Outputs predicted, Outputs taught) {}

    /** @param seed of what is replayed */
    public Member(Predictor predictor, MemberSpec spec, int classes, long seed) {
        this.predictor = predictor;
        this.learning = spec.learning();
        this.average = predictor instanceof Model model && spec.average() > 0
                ? new AveragedModel(model, spec.average())
                : null;
        this.labelLoss = new LabelLoss(classes);
        this.memory = predictor instanceof Model model && learning.replay().isOn()
                ? new ReplayMemory(learning.replay(), model.inputs().layout(), classes, seed)
                : null;
        this.gradient = Outputs.ofLogits(new float[0], classes);
    }

    public Predictor predictor() {
        return predictor;
    }

    /** The network that learns here. */
    Model model() {
        if (predictor instanceof Model model) {
            return model;
        }
        throw new IllegalStateException(predictor.getClass().getSimpleName() + " cannot learn: it is frozen");
    }

    private Outputs outputs(Examples examples) {
        return predictor instanceof Model model
                ? model.outputs(examples.size())
                : Outputs.ofLogits(new float[examples.size() * gradient.classes()], gradient.classes());
    }

    /** Takes back what a network says of examples of which it sees nothing: it knows the classes' frequencies at best. */
    private void silence(Examples examples, Outputs... said) {
        if (!(predictor instanceof Model model)) {
            return;
        }
        int classes = gradient.classes();
        for (int row = 0; row < examples.size(); row++) {
            if (!model.inputs().sees(examples, row)) {
                for (Outputs outputs : said) {
                    Arrays.fill(outputs.logits(), row * classes, (row + 1) * classes, Float.NaN);
                }
            }
        }
    }

    /** Voices that this member has in its committee: its network's, and that of the average if it keeps one. */
    public int voices() {
        return average == null ? 1 : 2;
    }

    /** Predicts and learns nothing. One answer per voice. */
    public List<Answer> predict(Examples examples) {
        Outputs outputs = outputs(examples);
        if (!(predictor instanceof Model)) {
            predictor.predict(examples, 0, examples.size(), outputs);
            return List.of(new Answer(outputs, outputs));
        }
        Outputs averaged = averaged(examples);
        for (int from = 0; from < examples.size(); from += learning.rowsPerStep()) {
            int to = Math.min(examples.size(), from + learning.rowsPerStep());
            predictor.predict(examples, from, to, outputs);
            predictAverage(examples, from, to, averaged);
        }
        return answers(examples, outputs, outputs, averaged, averaged);
    }

    /** Predicts each group of rows, takes note of its inputs, and learns its labels later. */
    public List<Answer> predictBeforeLearning(Examples examples) {
        Model model = model();
        Outputs outputs = outputs(examples);
        Outputs averaged = averaged(examples);
        for (int from = 0; from < examples.size(); from += learning.rowsPerStep()) {
            int to = Math.min(examples.size(), from + learning.rowsPerStep());
            model.observe(examples, from, to);
            model.predict(examples, from, to, outputs);
            predictAverage(examples, from, to, averaged);
        }
        return answers(examples, outputs, outputs, averaged, averaged);
    }

    /**
     * Predicts each group of rows and learns its labels at once; teaches what it predicted.
     *
     * @param weights {@code [size]} of the labels
     */
    public List<Answer> predictAndLearn(Examples examples, float[] weights) {
        Outputs predicted = outputs(examples);
        Outputs averaged = averaged(examples);
        predictAndLearn(examples, weights, predicted, predicted, averaged, averaged);
        return answers(examples, predicted, predicted, averaged, averaged);
    }

    /**
     * Predicts each group of rows, learns its labels, and says what it then knows.
     *
     * @param weights {@code [size]} of the labels
     */
    public List<Answer> teachInHindsight(Examples examples, float[] weights) {
        Outputs predicted = outputs(examples);
        Outputs taught = outputs(examples);
        Outputs averagedBefore = averaged(examples);
        Outputs averagedAfter = averaged(examples);
        predictAndLearn(examples, weights, predicted, taught, averagedBefore, averagedAfter);
        return answers(examples, predicted, taught, averagedBefore, averagedAfter);
    }

    private void predictAndLearn(
            Examples examples,
            float[] weights,
            Outputs predicted,
            Outputs taught,
            @Nullable Outputs averagedBefore,
            @Nullable Outputs averagedAfter) {
        Model model = model();
        reserve(examples.size());
        for (int from = 0; from < examples.size(); from += learning.rowsPerStep()) {
            int to = Math.min(examples.size(), from + learning.rowsPerStep());
            model.observe(examples, from, to);
            LossInput input = new LossInput(from, to, predicted, examples.labels(), null, weights);
            predictAverage(examples, from, to, averagedBefore);
            if (input.labelled() == 0) {
                model.predict(examples, from, to, predicted);
            } else {
                model.forward(examples, from, to, predicted);
                learnLabels(input, from, to);
                for (int step = 1; step < learning.steps(); step++) {
                    Outputs again = outputs(examples);
                    model.forward(examples, from, to, again);
                    learnLabels(new LossInput(from, to, again, examples.labels(), null, weights), from, to);
                }
            }
            replay(to - from);
            remember(examples, from, to, predicted);
            follow(to - from);
            if (taught != predicted) {
                model.predict(examples, from, to, taught);
                predictAverage(examples, from, to, averagedAfter);
            }
            seen += to - from;
        }
    }

    private @Nullable Outputs averaged(Examples examples) {
        return average == null ? null : outputs(examples);
    }

    private void predictAverage(Examples examples, int from, int to, @Nullable Outputs outputs) {
        if (average != null && outputs != null) {
            average.predict(examples, from, to, outputs);
        }
    }

    private void follow(int rows) {
        if (average != null) {
            average.follow(rows);
        }
    }

    private List<Answer> answers(
            Examples examples,
            Outputs predicted,
            Outputs taught,
            @Nullable Outputs averagedBefore,
            @Nullable Outputs averagedAfter) {
        List<Answer> answers = new ArrayList<>();
        answers.add(new Answer(predicted, taught));
        if (averagedBefore != null && averagedAfter != null) {
            answers.add(new Answer(averagedBefore, averagedAfter));
        }
        answers.forEach(answer -> silence(examples, answer.predicted(), answer.taught()));
        return answers;
    }

    private void learnLabels(LossInput input, int from, int to) {
        gradient.clear(from, to);
        labelLoss.addGradient(input, 1, gradient);
        model().learn(gradient, rateScale());
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
        reserve(size);
        Outputs outputs = outputs(examples);
        model().forward(examples, 0, size, outputs);
        learnLabels(new LossInput(0, size, outputs, examples.labels(), null, null), 0, size);
    }

    /** A teacher learns labels alone: what has none is not worth remembering. */
    private void remember(Examples examples, int from, int to, Outputs predicted) {
        for (int row = from; memory != null && row < to; row++) {
            if (examples.labels().get(row) >= 0) {
                memory.add(examples, row, null, predicted.logits());
            }
        }
    }

    /**
     * Takes the steps that waited for the students' feedback on this batch.
     *
     * @param labelWeights {@code [size]} of the labels; null when they were learned already
     * @param pseudoLabels {@code [size]} that were taught; null where the policy teaches none
     */
    public void learn(
            Examples examples,
            float @Nullable [] labelWeights,
            FeedbackPolicy policy,
            List<Feedback> feedback,
            int @Nullable [] pseudoLabels) {
        Model model = model();
        Outputs outputs = outputs(examples);
        reserve(examples.size());
        for (int from = 0; from < examples.size(); from += learning.rowsPerStep()) {
            int to = Math.min(examples.size(), from + learning.rowsPerStep());
            LossInput input = new LossInput(from, to, outputs, examples.labels(), null, labelWeights);
            boolean labels = labelWeights != null && input.labelled() > 0;
            if (labels || policy.addsGradient()) {
                model.forward(examples, from, to, outputs);
                gradient.clear(from, to);
                if (labels) {
                    labelLoss.addGradient(input, 1, gradient);
                }
                if (policy.addsGradient()) {
                    policy.addGradient(from, to, outputs.logits(), feedback, pseudoLabels, gradient.logits());
                }
                model.learn(gradient, rateScale());
            }
            for (int step = 1; labels && step < learning.steps(); step++) {
                model.forward(examples, from, to, outputs);
                learnLabels(input, from, to);
            }
            if (labelWeights != null) {
                replay(to - from);
                remember(examples, from, to, outputs);
                follow(to - from);
                seen += to - from;
            }
        }
    }

    private void reserve(int size) {
        if (gradient.size() < size) {
            gradient = Outputs.ofLogits(new float[size * gradient.classes()], gradient.classes());
        }
    }

    /** Writes what the member remembers beside its network, and the network when it is one of ours. */
    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> {
            if (predictor instanceof Model model) {
                model.write(section);
            }
            section.putLong(seen);
            if (memory != null) {
                memory.write(section);
            }
            if (average != null) {
                average.write(section);
            }
        });
    }

    /** Opens what {@link #write} wrote; the predictor's own state comes first. */
    public static StateReader open(StateReader in) {
        return in.section(SECTION, VERSION);
    }

    /** Takes over what follows the predictor's own state. */
    public void read(StateReader section) {
        seen = section.getLong();
        if (memory != null) {
            memory.read(section);
        }
        if (average != null) {
            average.read(section);
        }
    }

    @Override
    public void close() {
        if (average != null) {
            average.close();
        }
        predictor.close();
    }
}
