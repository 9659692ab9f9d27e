package dev.reflux.jobs;

import java.io.Serializable;

/**
 * What the operators of a job are told, in a form that Flink can ship with the job graph.
 *
 * @param pipeline the effective pipeline file, as YAML
 * @param labelShare share of the labels that learning may see, in [0, 1]; quality is measured on all
 * @param curveWindow events per point of the learning curves; 0 keeps none
 */
public record JobSettings(String pipeline, double labelShare, long curveWindow) implements Serializable {

    public JobSettings {
        if (!(labelShare >= 0 && labelShare <= 1)) {
            throw new IllegalArgumentException("labels: share " + labelShare + " found, must be in [0, 1]");
        }
    }
}
