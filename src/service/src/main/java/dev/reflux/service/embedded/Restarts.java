package dev.reflux.service.embedded;

import java.time.Duration;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;

/** What a cluster does when a job fails. */
public final class Restarts {
    private final Configuration settings;

    private Restarts(Configuration settings) {
        this.settings = settings;
    }

    /** The first failure ends the job: for a run whose failure would only repeat itself. */
    public static Restarts none() {
        Configuration settings = new Configuration();
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        return new Restarts(settings);
    }

    /**
     * A fixed number of restarts, then the job ends.
     *
     * @param attempts 1 or more
     */
    public static Restarts fixed(int attempts, Duration delay) {
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts is " + attempts + ", must be 1 or more; see none()");
        }
        Configuration settings = new Configuration();
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, attempts);
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, delay);
        return new Restarts(settings);
    }

    /** Restarts for ever, after 1 second at first and up to a minute between: for a service that outlives its broker. */
    public static Restarts unlimited() {
        Configuration settings = new Configuration();
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF, Duration.ofSeconds(1));
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF, Duration.ofMinutes(1));
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_BACKOFF_MULTIPLIER, 2.0);
        settings.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD,
                Duration.ofMinutes(10));
        return new Restarts(settings);
    }

    void apply(Configuration to) {
        to.addAll(settings);
    }
}
