package dev.reflux.distillation.loss;

import dev.reflux.distillation.network.FeatureLayer;

/** The options of one loss, as it reads them when it is made; what the pipeline file leaves out has its default. */
public final class LossSettings {

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

    public long seed() {
        return shapes.seed();
    }

    public double number(String name) {
        Object value = value(name);
        return value instanceof Number number ? number.doubleValue() : Double.parseDouble(value.toString());
    }

    /** A number that must be whole. */
    public int count(String name) {
        double value = number(name);
        if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "losses." + spec.name() + "." + name + ": " + value + " found, must be a whole number");
        }
        return (int) value;
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
