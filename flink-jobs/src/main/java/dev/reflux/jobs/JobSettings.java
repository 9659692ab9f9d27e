package dev.reflux.jobs;

import java.io.Serializable;

/**
 * What the operators of a job are told, in a form that Flink can ship with the job graph.
 *
 * @param pipeline the effective pipeline file, as YAML
 * @param labelShare share of the labels that learning may see, in [0, 1]; quality is measured on all
 * @param curveWindow events per point of the learning curves; 0 keeps none
 * @param expectedEvents how many events there are to the end of the input, {@link #ENDLESS} where it has none; an input
 *     that ends after another number fails the job
 */
public record JobSettings(String pipeline, double labelShare, long curveWindow, long expectedEvents)
        implements Serializable {

    /** In place of the number of expected events: the input does not end. */
    public static final long ENDLESS = -1;

    public JobSettings {
        if (!(labelShare >= 0 && labelShare <= 1)) {
            throw new IllegalArgumentException("labels: share " + labelShare + " found, must be in [0, 1]");
        }
        if (expectedEvents < 0 && expectedEvents != ENDLESS) {
            throw new IllegalArgumentException(
                    "expected events: " + expectedEvents + " found, must be 0 or more, or " + ENDLESS + " for no end");
        }
    }

    /** An input without an end. */
    public JobSettings(String pipeline, double labelShare, long curveWindow) {
        this(pipeline, labelShare, curveWindow, ENDLESS);
    }
}
