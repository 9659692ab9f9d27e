package dev.reflux.distillation.loss;

import java.util.Map;

/**
 * One entry of {@code distillation.losses}.
 *
 * @param name as in {@link Losses#names()}
 * @param weight in the sum of the losses, 0 or above
 * @param options further options of the loss by name, numbers and names of layers; what is left out has the default of
 *     its {@link LossOption}
 */
public record LossSpec(String name, double weight, Map<String, Object> options) {

    public LossSpec {
        if (!(weight >= 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException(
                    "losses." + name + ".weight: " + weight + " found, must be 0 or above and finite");
        }
        options = Map.copyOf(options);
    }
}
