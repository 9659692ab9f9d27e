package dev.reflux.distillation.loss;

import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.network.FeatureLayer;
import java.util.function.Function;

/**
 * What a loss must know of the two networks that it stands between.
 *
 * @param student the student's layer of a name
 * @param teacher the teacher's layer of a name
 * @param seed of what a loss draws at random
 */
public record LossShapes(
        int classes, Function<String, FeatureLayer> student, Function<String, FeatureLayer> teacher, long seed) {

    /** Networks of which nothing but the logits is known. */
    public static LossShapes ofLogits(int classes) {
        Function<String, FeatureLayer> logits = name -> {
            if (!name.equals(Outputs.LOGITS)) {
                throw new IllegalArgumentException("layer '" + name + "' found, only the logits are known here");
            }
            return FeatureLayer.flat(Outputs.LOGITS, classes);
        };
        return new LossShapes(classes, logits, logits, 0);
    }
}
