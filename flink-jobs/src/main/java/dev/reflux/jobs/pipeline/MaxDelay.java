package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Texts;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How long the first event of a micro-batch may wait for the last one, or {@code off}: batches by count alone, whose
 * boundaries, and with them all results, do not depend on time.
 */
public record MaxDelay(@Nullable Duration limit) {

    /** Batches by count alone. */
    public static final MaxDelay OFF = new MaxDelay(null);

    public MaxDelay {
        if (limit != null && (limit.isNegative() || limit.isZero())) {
            throw new IllegalArgumentException(Texts.duration(limit) + " found, must be above 0, or off");
        }
    }

    public static MaxDelay of(Duration limit) {
        return new MaxDelay(limit);
    }

    public static MaxDelay parse(String text) {
        if (text.equals("off")) {
            return OFF;
        }
        Duration limit;
        try {
            limit = Texts.parseDuration(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + ", or off", e);
        }
        return new MaxDelay(limit);
    }

    /** Empty where batches are made by count alone. */
    public Optional<Duration> duration() {
        return Optional.ofNullable(limit);
    }

    @Override
    public String toString() {
        return limit == null ? "off" : Texts.duration(limit);
    }
}
