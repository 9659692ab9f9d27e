package dev.reflux.distillation.loss;

import dev.reflux.distillation.engine.Rng;
import dev.reflux.distillation.network.FeatureLayer;

/** The options of one loss, as it reads them when it is made; what the pipeline file leaves out has its default. */
public final class LossSettings {

    /** Odd and irregular, so that the draws of two losses do not meet (the golden ratio in 64 bits). */
    private static final long SEED_STEP = 0x9E3779B97F4A7C15L;

    private final LossType type;
    private final LossSpec spec;
    private final LossShapes shapes;

    LossSettings(LossType type, LossSpec spec, LossShapes shapes) {
        this.type = type;
        this.spec = spec;
        this.shapes = shapes;
        for (String name : spec.options().keySet()) {
            option(name);
        }
    }

    public int classes() {
        return shapes.classes();
    }

    /** The start of all that the loss draws at random; another loss, or the network, draws other numbers. */
    public Rng random() {
        return new Rng(shapes.seed() ^ (SEED_STEP * spec.name().hashCode()));
    }

    /** @throws IllegalArgumentException for a value outside of the option's range */
    public double number(String name) {
        Object given = value(name);
        double value = given instanceof Number number ? number.doubleValue() : Double.parseDouble(given.toString());
        LossOption option = option(name);
        if (!option.allows(value)) {
            throw illegal(name, value + " found, must be in " + option.range());
        }
        return value;
    }

    /** A number that must be whole. */
    public int count(String name) {
        double value = number(name);
        if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
            throw illegal(name, value + " found, must be a whole number");
        }
        return (int) value;
    }

    /**
     * A rule of this loss, broken.
     *
     * @param option the one that is to be changed
     * @param rule value found, rule broken, how to mend
     */
    public IllegalArgumentException illegal(String option, String rule) {
        return new IllegalArgumentException("losses." + spec.name() + "." + option + ": " + rule);
    }

    /** The student's layer that the option names. */
    public FeatureLayer studentLayer(String name) {
        return shapes.student().apply(value(name).toString());
    }

    /** The teacher's layer that the option names. */
    public FeatureLayer teacherLayer(String name) {
        return shapes.teacher().apply(value(name).toString());
    }

    Object value(String name) {
        LossOption option = option(name);
        return spec.options().getOrDefault(name, option.defaultValue());
    }

    private LossOption option(String name) {
        return type.options().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("losses." + spec.name() + ": option '" + name
                        + "' is not known; known are "
                        + type.options().stream().map(LossOption::name).toList()));
    }
}
