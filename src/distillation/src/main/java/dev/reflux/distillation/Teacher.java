package dev.reflux.distillation;

import dev.reflux.distillation.adversarial.Adversary;
import dev.reflux.distillation.committee.Combination;
import dev.reflux.distillation.committee.Member;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.engine.Rng;
import dev.reflux.distillation.feedback.FeedbackPolicy;
import dev.reflux.distillation.network.FeatureLayer;
import dev.reflux.distillation.quality.LearningCurve;
import dev.reflux.distillation.quality.Prequential;
import dev.reflux.distillation.quality.QualityTrack;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The large network, or a committee of several: tells the students what it sees in each batch, and learns from labels and
 * from the students' feedback. {@link #teach} is called once per batch in stream order, {@link #learn} once per batch in
 * the same order when the feedback on it is there; how many batches lie between the two is the caller's to decide and to
 * keep constant.
 *
 * <p>Not thread-safe. Owns its members.
 */
public final class Teacher implements AutoCloseable {

    private static final String SECTION = "teacher";
    private static final int VERSION = 2;

    /** Logit of a class that is taught without doubt: the others together have a probability of some 1e-8. */
    private static final float CERTAIN = 20;

    private final TeacherSpec spec;
    private final int classes;
    private List<Member> members;
    /** Members that are heard: the networks, and the averages that they keep. */
    private final int voices;

    private Combination combination;
    private final FeedbackPolicy policy;
    private final QualityTrack quality;
    private final SideBySide sideBySide;
    private final @Nullable Adversary adversary;
    private final Deque<int[]> pseudoLabels = new ArrayDeque<>();
    private Rng rng;

    /**
     * A teacher.
     *
     * @param predictors its networks; models, unless it is {@link TeacherSpec.Moment#FROZEN}
     * @param seed of all that it does at random
     */
    public Teacher(
            TeacherSpec spec, List<? extends Predictor> predictors, int classes, FeedbackPolicy policy, long seed) {
        this(spec, members(spec, predictors, classes, seed), policy, classes, seed);
    }

    private Teacher(TeacherSpec spec, List<Member> members, FeedbackPolicy policy, int classes, long seed) {
        if (members.size() != spec.members().size()) {
            throw new IllegalArgumentException(
                    "a teacher of " + spec.members().size() + " networks was given " + members.size());
        }
        this.spec = spec;
        this.classes = classes;
        this.members = members;
        this.voices = members.stream().mapToInt(Member::voices).sum();
        this.combination = Combination.of(spec.combination(), voices, classes);
        this.policy = policy;
        this.quality = new QualityTrack(classes, spec.qualityWindow(), spec.curveWindow());
        this.sideBySide = SideBySide.of(members.size());
        this.adversary = spec.adversarial().isOn() ? new Adversary(spec.adversarial(), classes, seed) : null;
        this.rng = new Rng(seed);
    }

    private static List<Member> members(
            TeacherSpec spec, List<? extends Predictor> predictors, int classes, long seed) {
        List<Member> members = new ArrayList<>();
        for (Predictor predictor : predictors) {
            members.add(new Member(predictor, spec.members().get(members.size()), classes, seed + members.size()));
        }
        return members;
    }

    /** Predicts a batch, measures itself on it and says what the students shall learn of it. */
    public Lesson teach(long batch, Examples examples) {
        float[] weights = weights(examples);
        List<Member.Answer> answers = sideBySide
                .map(members, member -> switch (spec.moment()) {
                    case FROZEN -> member.predict(examples);
                    case BEFORE -> member.predictBeforeLearning(examples);
                    case STEPWISE -> member.predictAndLearn(examples, weights);
                    case AFTER -> member.teachInHindsight(examples, weights);
                })
                .stream()
                .flatMap(List::stream)
                .toList();
        List<Outputs> predicted = answers.stream().map(Member.Answer::predicted).toList();
        List<Outputs> taught = answers.stream().map(Member.Answer::taught).toList();
        float[] before = predicted.get(0).logits();
        float[] after = taught.get(0).logits();
        if (voices > 1) {
            before = new float[examples.size() * classes];
            after = new float[before.length];
            combination.combine(examples, spec.rowsPerStep(), predicted, taught, before, after);
        }
        quality.measure(examples, before);
        return new Lesson(
                batch,
                examples.size(),
                classes,
                before,
                policy.teachesPseudoLabels() ? pseudoLabels(after, examples.size()) : after,
                features(taught.get(0)),
                spec.combination() == Combination.Kind.GRADIENT && voices > 1
                        ? taught.stream().map(Outputs::logits).toList()
                        : List.of(),
                shift(examples, taught.get(0)));
    }

    /** Moves that are hard for the first of its networks. */
    private float[] shift(Examples examples, Outputs taught) {
        if (adversary == null) {
            return new float[0];
        }
        Model model = models().get(0);
        double[] targets =
                switch (spec.adversarial().loss()) {
                    case RSLAD -> Adversary.softLabels(taught.logits(), 0, examples.size(), classes);
                    case ARD -> Adversary.labels(examples, taught.logits(), 0, examples.size(), classes);
                };
        return model.toRaw(adversary.attack(model, examples, 0, examples.size(), targets), examples.size());
    }

    private boolean learnsAtOnce() {
        return spec.moment() == TeacherSpec.Moment.AFTER || spec.moment() == TeacherSpec.Moment.STEPWISE;
    }

    private float[] weights(Examples examples) {
        float[] weights = new float[examples.size()];
        if (learnsAtOnce()) {
            policy.weigh(examples, weights);
        }
        return weights;
    }

    /**
     * Draws a class for each row from what is taught, remembers it, and returns it as logits that leave no doubt. Where
     * nothing is taught none is drawn.
     */
    private float[] pseudoLabels(float[] logits, int size) {
        int[] drawn = new int[size];
        float[] certain = new float[size * classes];
        double[] probabilities = new double[classes];
        for (int row = 0; row < size; row++) {
            if (!Logits.speak(logits, row, classes)) {
                drawn[row] = Examples.UNLABELLED;
                Arrays.fill(certain, row * classes, (row + 1) * classes, Float.NaN);
                continue;
            }
            Logits.softmax(logits, row, 1, probabilities);
            double rest = rng.nextDouble();
            int chosen = 0;
            while (chosen < classes - 1 && rest >= probabilities[chosen]) {
                rest -= probabilities[chosen++];
            }
            drawn[row] = chosen;
            certain[row * classes + chosen] = CERTAIN;
        }
        pseudoLabels.add(drawn);
        return certain;
    }

    private Map<String, float[]> features(Outputs outputs) {
        Map<String, float[]> features = new HashMap<>();
        for (int i = 0; i < outputs.layers().size(); i++) {
            FeatureLayer layer = outputs.layers().get(i);
            features.put(layer.name(), outputs.features(i));
        }
        return features;
    }

    /**
     * Takes the steps that waited for the feedback on this batch.
     *
     * @param feedback one entry per student
     */
    public void learn(Examples examples, List<Feedback> feedback) {
        policy.hear(feedback);
        int[] taught = policy.teachesPseudoLabels() ? pseudoLabels.remove() : null;
        boolean learnsLabels = spec.moment() == TeacherSpec.Moment.BEFORE;
        if (spec.moment() == TeacherSpec.Moment.FROZEN || !(learnsLabels || policy.addsGradient())) {
            return;
        }
        float[] weights = learnsLabels ? new float[examples.size()] : null;
        if (weights != null) {
            policy.weigh(examples, feedback, weights);
        }
        sideBySide.map(members, member -> {
            member.learn(examples, weights, policy, feedback, taught);
            return member;
        });
    }

    /** Multiplies the learning rate of its networks from now on; no part of the state. */
    public void scaleRate(double factor) {
        members.forEach(member -> member.scaleRate(factor));
    }

    /** Keeps the newest share of its networks' replay memories. */
    public void forget(double keptShare) {
        members.forEach(member -> member.forget(keptShare));
    }

    /** Gives up its networks for those of another teacher of the same shape, which is closed. Its own quality goes on. */
    public void takeOver(Teacher other) {
        members.forEach(Member::close);
        members = other.members;
        combination = other.combination;
        other.members = List.of();
        other.close();
    }

    /** Its networks that learn here, in order; none when it comes from elsewhere. */
    public List<Model> models() {
        return members.stream()
                .map(Member::predictor)
                .filter(Model.class::isInstance)
                .map(Model.class::cast)
                .toList();
    }

    /** Values that its networks have learned. */
    public long parameterCount() {
        return members.stream()
                .mapToLong(member -> member.predictor().parameterCount())
                .sum();
    }

    /** Its own quality, always measured before it learned the example. */
    public Prequential quality() {
        return quality.prequential();
    }

    public LearningCurve curve() {
        return quality.curve();
    }

    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> {
            members.forEach(member -> member.write(section));
            combination.write(section);
            policy.write(section);
            quality.write(section);
            section.putLong(adversary == null ? 0 : adversary.state());
            section.putLong(rng.state()).putInt(pseudoLabels.size());
            pseudoLabels.forEach(section::putInts);
        });
    }

    /**
     * The teacher that {@link #write} wrote; it goes on bit for bit.
     *
     * @param predictors reads each member's network from the state, or brings one that is not in it
     */
    public static Teacher read(
            TeacherSpec spec,
            List<Function<StateReader, Predictor>> predictors,
            int classes,
            FeedbackPolicy policy,
            long seed,
            StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        List<Member> members = new ArrayList<>();
        for (Function<StateReader, Predictor> predictor : predictors) {
            StateReader own = Member.open(section);
            Member member = new Member(
                    predictor.apply(own), spec.members().get(members.size()), classes, seed + members.size());
            member.read(own);
            members.add(member);
        }
        Teacher teacher = new Teacher(spec, members, policy, classes, seed);
        teacher.combination.read(section);
        policy.read(section);
        teacher.quality.read(section);
        long adversaryState = section.getLong();
        if (teacher.adversary != null) {
            teacher.adversary.restore(adversaryState);
        }
        teacher.rng = new Rng(section.getLong());
        int waiting = section.getInt();
        for (int i = 0; i < waiting; i++) {
            teacher.pseudoLabels.add(section.getInts());
        }
        return teacher;
    }

    @Override
    public void close() {
        sideBySide.close();
        members.forEach(Member::close);
    }
}
