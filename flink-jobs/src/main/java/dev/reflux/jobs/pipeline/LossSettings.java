package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Options;
import java.util.Map;

/**
 * One term of a student's objective.
 *
 * @param weight factor of the term, at least 0
 * @param options the loss's own options by name, every one of its {@link LossCatalog} entry
 */
public record LossSettings(double weight, Map<String, Object> options) {

    public LossSettings {
        if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("weight: " + weight + " found, must be at least 0 and finite");
        }
        options = Options.copyInOrder(options);
    }
}
