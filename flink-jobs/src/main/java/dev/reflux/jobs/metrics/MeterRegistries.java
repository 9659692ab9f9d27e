package dev.reflux.jobs.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where a reporter finds the registry of the process that it runs in.
 *
 * <p>Flink makes reporters itself, from strings in its configuration, so an object cannot be handed to one. The owner of
 * a registry lends it here under a random key and puts the key into the configuration. Keys are random so that several
 * clusters in one process, as in tests, cannot take each other's registry.
 */
public final class MeterRegistries {
    private static final Map<String, MeterRegistry> LENT = new ConcurrentHashMap<>();

    private MeterRegistries() {}

    /** A registry that reporters can find until this is closed; the registry itself stays open. */
    public static final class Loan implements AutoCloseable {
        private final String key = UUID.randomUUID().toString();

        private Loan(MeterRegistry registry) {
            LENT.put(key, registry);
        }

        /** The value of {@link MicrometerReporterFactory#REGISTRY} in a reporter's configuration. */
        public String key() {
            return key;
        }

        @Override
        public void close() {
            LENT.remove(key);
        }
    }

    public static Loan lend(MeterRegistry registry) {
        return new Loan(registry);
    }

    static Optional<MeterRegistry> find(String key) {
        return Optional.ofNullable(LENT.get(key));
    }
}
