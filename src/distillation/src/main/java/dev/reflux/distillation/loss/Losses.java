package dev.reflux.distillation.loss;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A weighted sum of losses, and the register of all losses there are: a new one is a class that implements {@link Loss}
 * and a line in {@link #KNOWN}.
 */
public final class Losses {

    private static final Map<String, Factory> KNOWN = new TreeMap<>(Map.of(
            "label", (spec, classes) -> new LabelLoss(classes),
            "kd", (spec, classes) -> new KdLoss(spec.setting("temperature", 1), classes)));

    private final List<Term> terms = new ArrayList<>();

    /** @throws IllegalArgumentException for a loss that is not known, or when none has a weight above 0 */
    public Losses(List<LossSpec> specs, int classes) {
        for (LossSpec spec : specs) {
            Factory factory = KNOWN.get(spec.name());
            if (factory == null) {
                throw new IllegalArgumentException("loss '" + spec.name() + "' is not known; known are " + names());
            }
            if (spec.weight() > 0) {
                terms.add(new Term(factory.create(spec, classes), spec.weight()));
            }
        }
        if (terms.isEmpty()) {
            throw new IllegalArgumentException("losses: none has a weight above 0, so nothing would be learned");
        }
    }

    /** Names that a pipeline file may use. */
    public static Set<String> names() {
        return new TreeSet<>(KNOWN.keySet());
    }

    /** Adds the gradient of the weighted sum to the group's rows and returns the sum's value in nats. */
    public double addGradient(LossInput input, float[] gradient) {
        double sum = 0;
        for (Term term : terms) {
            sum += term.weight * term.loss.addGradient(input, term.weight, gradient);
        }
        return sum;
    }

    private record Term(Loss loss, double weight) {}

    @FunctionalInterface
    private interface Factory {
        Loss create(LossSpec spec, int classes);
    }
}
