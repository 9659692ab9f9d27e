package dev.reflux.distillation.feedback;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The register of all feedback policies: a new one is a class that implements {@link FeedbackPolicy} and a line here. */
public final class FeedbackPolicies {

    private static final Map<String, Factory> KNOWN = new TreeMap<>(Map.of(
            "none", (weight, classes) -> new NoFeedback(),
            "mutual", MutualLearning::new,
            "error-signal", ErrorSignal::new,
            "meta", MetaPseudoLabels::new));

    private FeedbackPolicies() {}

    /** Names that a pipeline file may use. */
    public static Set<String> names() {
        return new TreeSet<>(KNOWN.keySet());
    }

    /**
     * A policy by its name.
     *
     * @param weight how strongly it acts; each policy says what its range is
     */
    public static FeedbackPolicy create(String name, double weight, int classes) {
        Factory factory = KNOWN.get(name);
        if (factory == null) {
            throw new IllegalArgumentException("feedback policy '" + name + "' is not known; known are " + names());
        }
        return factory.create(weight, classes);
    }

    @FunctionalInterface
    private interface Factory {
        FeedbackPolicy create(double weight, int classes);
    }
}
