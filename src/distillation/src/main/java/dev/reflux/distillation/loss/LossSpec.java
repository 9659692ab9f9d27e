package dev.reflux.distillation.loss;

import java.util.Map;

/**
 * One entry of {@code distillation.losses}.
 *
 * @param name as in {@link Losses#names()}
 * @param weight in the sum of the losses, 0 or above
 * @param settings further settings of the loss by name, such as {@code temperature}
 */
public record LossSpec(String name, double weight, Map<String, Double> settings) {

    public LossSpec {
        if (!(weight >= 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException(
                    "losses." + name + ".weight: " + weight + " found, must be 0 or above and finite");
        }
        settings = Map.copyOf(settings);
    }

    /** A setting, or its default where the pipeline file says nothing. */
    public double setting(String key, double defaultValue) {
        return settings.getOrDefault(key, defaultValue);
    }
}
