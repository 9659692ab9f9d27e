package dev.reflux.distillation.network;

import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** The networks of the users' own that are on the class path of the current thread. */
public final class NetworkProviders {

    private NetworkProviders() {}

    /**
     * The network that the provider of this name makes.
     *
     * @throws IllegalArgumentException when there is no such provider, saying which there are, or it refuses the options
     */
    public static NetworkSpec create(String name, Map<String, String> options) {
        Map<String, NetworkProvider> installed = installed();
        NetworkProvider provider = installed.get(name);
        if (provider == null) {
            throw new IllegalArgumentException("network '" + name + "' found, installed are "
                    + (installed.isEmpty() ? "none" : String.join(", ", installed.keySet()))
                    + "; put the jar of its NetworkProvider on the class path, with its class named in META-INF/services/"
                    + NetworkProvider.class.getName());
        }
        return provider.create(options);
    }

    private static Map<String, NetworkProvider> installed() {
        Map<String, NetworkProvider> installed = new TreeMap<>();
        try {
            for (NetworkProvider provider : ServiceLoader.load(NetworkProvider.class)) {
                NetworkProvider other = installed.putIfAbsent(provider.name(), provider);
                if (other != null) {
                    throw new IllegalArgumentException("network '" + provider.name() + "': both "
                            + other.getClass().getName() + " and "
                            + provider.getClass().getName()
                            + " have this name; take one off the class path");
                }
            }
        } catch (ServiceConfigurationError e) {
            throw new IllegalArgumentException(
                    "a network of META-INF/services/" + NetworkProvider.class.getName() + " does not load: "
                            + e.getMessage(),
                    e);
        }
        return installed;
    }
}
