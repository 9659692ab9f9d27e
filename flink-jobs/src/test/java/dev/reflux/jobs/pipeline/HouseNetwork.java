package dev.reflux.jobs.pipeline;

import dev.reflux.distillation.network.MlpSpec;
import dev.reflux.distillation.network.NetworkProvider;
import dev.reflux.distillation.network.NetworkSpec;
import java.util.Map;
import java.util.Set;

/** A network of a user's own, found by the service loader: a perceptron with two layers of the width that is asked for. */
public final class HouseNetwork implements NetworkProvider {

    @Override
    public String name() {
        return "house";
    }

    @Override
    public NetworkSpec create(Map<String, String> options) {
        if (!options.keySet().equals(Set.of("width"))) {
            throw new IllegalArgumentException(
                    "options " + options.keySet() + " found, house has the one option width");
        }
        int width = Integer.parseInt(options.getOrDefault("width", ""));
        return MlpSpec.of(width, width);
    }
}
