package dev.reflux.distillation.loss;

import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A weighted sum of losses, and the register of all losses there are: a new one is a class that implements {@link Loss}
 * and a line in {@link #TYPES}.
 */
public final class Losses {

    private static final int VERSION = 1;

    /** Every loss that a pipeline file may name. */
    private static final List<LossType> TYPES = List.of(
            LabelLoss.TYPE,
            KdLoss.TYPE,
            DkdLoss.TYPE,
            DistLoss.TYPE,
            HintLoss.TYPE,
            AttentionTransferLoss.TYPE,
            RkdDistanceLoss.TYPE,
            RkdAngleLoss.TYPE,
            SimilarityPreservingLoss.TYPE,
            CrdLoss.TYPE);

    private static final Map<String, LossType> BY_NAME =
            TYPES.stream().collect(Collectors.toMap(LossType::name, Function.identity(), (a, b) -> a, TreeMap::new));

    private static final double FORGETTING = 0.001;

    private final List<Term> terms = new ArrayList<>();
    private final double[] recent;

    /** @throws IllegalArgumentException for a loss that is not known, or when none has a weight above 0 */
    public Losses(List<LossSpec> specs, LossShapes shapes) {
        for (LossSpec spec : specs) {
            LossType type = type(spec.name());
            if (spec.weight() > 0) {
                Loss loss = type.factory().create(new LossSettings(type, spec, shapes));
                boolean layers = layers(type, spec, LossOption.Kind.TEACHER_LAYER)
                        .anyMatch(layer -> !layer.equals(Outputs.LOGITS));
                terms.add(new Term(spec.name(), loss, spec.weight(), layers));
            }
        }
        if (terms.isEmpty()) {
            throw new IllegalArgumentException("losses: none has a weight above 0, so nothing would be learned");
        }
        recent = unknown(terms.size());
    }

    private Losses(Term only) {
        terms.add(only);
        recent = unknown(1);
    }

    private static double[] unknown(int size) {
        double[] values = new double[size];
        Arrays.fill(values, Double.NaN);
        return values;
    }

    /** One loss that no pipeline file names, with the weight 1. */
    public static Losses of(String name, Loss loss) {
        return new Losses(new Term(name, loss, 1, false));
    }

    /** All losses of this build, by name. */
    public static List<LossType> types() {
        return List.copyOf(BY_NAME.values());
    }

    /** Names that a pipeline file may use. */
    public static Set<String> names() {
        return new TreeSet<>(BY_NAME.keySet());
    }

    private static LossType type(String name) {
        LossType type = BY_NAME.get(name);
        if (type == null) {
            throw new IllegalArgumentException("loss '" + name + "' is not known; known are " + names());
        }
        return type;
    }

    /** Names of the student's layers that these losses teach. */
    public static List<String> studentLayers(List<LossSpec> specs) {
        return layers(specs, LossOption.Kind.STUDENT_LAYER);
    }

    /** Names of the teacher's layers that these losses learn from. */
    public static List<String> teacherLayers(List<LossSpec> specs) {
        return layers(specs, LossOption.Kind.TEACHER_LAYER);
    }

    private static List<String> layers(List<LossSpec> specs, LossOption.Kind kind) {
        return specs.stream()
                .filter(spec -> spec.weight() > 0)
                .flatMap(spec -> layers(type(spec.name()), spec, kind))
                .distinct()
                .toList();
    }

    private static Stream<String> layers(LossType type, LossSpec spec, LossOption.Kind kind) {
        return type.options().stream()
                .filter(option -> option.kind() == kind)
                .map(option -> spec.options()
                        .getOrDefault(option.name(), option.defaultValue())
                        .toString());
    }

    /** Rows that a step must have for this loss to say anything. */
    public static int leastRows(LossSpec spec) {
        return type(spec.name()).leastRows();
    }

    /** Adds the gradient of the weighted sum to the group's rows and returns the sum's value. */
    public double addGradient(LossInput input, Outputs gradient) {
        double sum = 0;
        for (int i = 0; i < terms.size(); i++) {
            Term term = terms.get(i);
            double value = term.loss.addGradient(input, term.weight, gradient);
            recent[i] = Double.isNaN(recent[i]) ? value : recent[i] + FORGETTING * (value - recent[i]);
            sum += term.weight * value;
        }
        return sum;
    }

    /** Names of the losses in the sum. */
    public List<String> termNames() {
        return terms.stream().map(Term::name).toList();
    }

    /**
     * What a loss was lately, not weighted: a mean over the groups that forgets half in about 700 of them. For those who
     * watch, from any thread; it is no part of the state. NaN before the first group.
     */
    public double recent(String name) {
        return recent[termNames().indexOf(name)];
    }

    /** {@link #addGradient} for examples that come again: of the teacher, only its soft labels are remembered. */
    public double addReplayGradient(LossInput input, Outputs gradient) {
        double sum = 0;
        for (Term term : terms) {
            if (!term.needsTeacherLayers) {
                sum += term.weight * term.loss.addGradient(input, term.weight, gradient);
            }
        }
        return sum;
    }

    /** Writes what the losses have learned or remember. */
    public void write(StateWriter out) {
        out.section("losses", VERSION, body -> {
            body.putString(describe());
            terms.forEach(term -> term.loss.write(body));
        });
    }

    /**
     * Takes over what {@link #write} wrote.
     *
     * @throws StateException when the losses were others
     */
    public void read(StateReader in) {
        StateReader body = in.section("losses", VERSION);
        String found = body.getString();
        if (!found.equals(describe())) {
            throw new StateException("losses: the state was learned with '" + found + "', the pipeline has '"
                    + describe() + "'; restore the losses, or start from new state");
        }
        terms.forEach(term -> term.loss.read(body));
    }

    private String describe() {
        return terms.stream().map(Term::name).collect(Collectors.joining(", "));
    }

    private record Term(String name, Loss loss, double weight, boolean needsTeacherLayers) {}
}
