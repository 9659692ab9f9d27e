package dev.reflux.jobs.pipeline;

import dev.reflux.distillation.loss.LossOption;
import dev.reflux.distillation.loss.LossType;
import dev.reflux.distillation.loss.Losses;
import dev.reflux.jobs.pipeline.options.Catalog;
import dev.reflux.jobs.pipeline.options.OptionSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The losses that a pipeline file may name, each with the options that it describes itself. */
public final class LossCatalog implements Catalog<LossSettings> {

    private static final OptionSpec WEIGHT =
            OptionSpec.number("weight", "Factor in the sum of the losses", "", "1", "[0, 1000000]");

    /** The losses of this build. */
    public static final LossCatalog STANDARD = new LossCatalog(Losses.types().stream()
            .collect(Collectors.toMap(
                    LossType::name,
                    type -> type.options().stream().map(LossCatalog::option).toList())));

    private final Map<String, List<OptionSpec>> losses;

    /** @param losses name to the options besides the weight */
    public LossCatalog(Map<String, List<OptionSpec>> losses) {
        this.losses = Map.copyOf(losses);
    }

    private static OptionSpec option(LossOption option) {
        return switch (option.kind()) {
            case NUMBER ->
                OptionSpec.number(option.name(), option.description(), "", option.defaultValue(), option.range());
            case STUDENT_LAYER, TEACHER_LAYER ->
                OptionSpec.text(option.name(), option.description(), option.defaultValue());
        };
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
        Map<String, Object> others = new LinkedHashMap<>(options);
        double weight = (Double) others.remove(WEIGHT.name());
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
