package dev.reflux.distillation.exits;

/**
 * How the exits of a network teach each other.
 *
 * @param exits number of exits, the deepest included
 * @param weight share of the deepest exit's word in what a shallow one learns; the rest is the labels'
 * @param temperature softens both in that
 * @param featureWeight weight of the distance between a shallow exit's features and the deepest layer's
 */
public record SelfDistillationSpec(int exits, double weight, double temperature, double featureWeight) {

    public SelfDistillationSpec {
        if (exits < 2) {
            throw new IllegalArgumentException("exits: " + exits + " found, self-distillation needs two at least");
        }
        if (!(weight >= 0 && weight <= 1)) {
            throw new IllegalArgumentException("exits.weight: " + weight + " found, must be a share from 0 to 1");
        }
        if (!(temperature > 0) || !(featureWeight >= 0)) {
            throw new IllegalArgumentException("exits.temperature " + temperature + " and featureWeight "
                    + featureWeight + " found; the first must be above 0, the second not below");
        }
    }
}
