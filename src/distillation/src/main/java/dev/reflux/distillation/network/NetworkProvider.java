package dev.reflux.distillation.network;

import java.util.Map;

/**
 * Brings a network of the user's own. An implementation is found by {@link java.util.ServiceLoader}: name its class in
 * {@code META-INF/services/dev.reflux.distillation.network.NetworkProvider} of a jar on the class path.
 */
public interface NetworkProvider {

    /** What a pipeline file calls it. */
    String name();

    /**
     * The network that these options ask for.
     *
     * @param options of the pipeline file; no option is given twice, none has to be given
     * @throws IllegalArgumentException for an option that it does not know or cannot use, naming it
     */
    NetworkSpec create(Map<String, String> options);
}
