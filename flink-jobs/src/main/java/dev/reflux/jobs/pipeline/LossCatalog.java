package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Catalog;
import dev.reflux.jobs.pipeline.options.OptionSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The losses that a pipeline file may name, each with its options: a new loss is one line of {@link #STANDARD}. */
public final class LossCatalog implements Catalog<LossSettings> {

    private static final OptionSpec WEIGHT =
            OptionSpec.number("weight", "Factor in the sum of the losses", "", "1", "[0, 1000000]");

    /** The losses of this build. */
    public static final LossCatalog STANDARD = new LossCatalog(Map.of(
            "label", List.of(),
            "kd",
                    List.of(OptionSpec.number(
                            "temperature",
                            "Softens both outputs; above 1 shows more of how the teacher ranks the wrong classes",
                            "",
                            "1",
                            "(0, 1000]"))));

    private final Map<String, List<OptionSpec>> losses;

    /** @param losses name to the options besides the weight */
    public LossCatalog(Map<String, List<OptionSpec>> losses) {
        this.losses = Map.copyOf(losses);
    }

    @Override
    public Class<LossSettings> type() {
        return LossSettings.class;
    }

    @Override
    public Set<String> names() {
        return new TreeSet<>(losses.keySet());
    }

    @Override
    public List<OptionSpec> options(String name) {
        List<OptionSpec> options = new ArrayList<>(List.of(WEIGHT));
        options.addAll(losses.getOrDefault(name, List.of()));
        return options;
    }

    @Override
    public String shorthand() {
        return WEIGHT.name();
    }

    @Override
    public LossSettings create(String name, Map<String, Object> options) {
        Map<String, Double> others = new LinkedHashMap<>();
        options.forEach((key, value) -> others.put(key, (Double) value));
        double weight = others.remove(WEIGHT.name());
        return new LossSettings(weight, others);
    }

    @Override
    public Map<String, Object> options(String name, LossSettings value) {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put(WEIGHT.name(), value.weight());
        options.putAll(value.options());
        return options;
    }
}
