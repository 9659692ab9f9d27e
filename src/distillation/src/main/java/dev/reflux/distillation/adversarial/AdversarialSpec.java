package dev.reflux.distillation.adversarial;

/**
 * How a student also learns from examples that are moved to be hard, and how its robustness is measured.
 *
 * @param epsilon largest move of each standardised number or tensor value, in standard deviations
 * @param steps steps of projected gradient ascent
 * @param stepSize of one step, in standard deviations; 0 chooses {@code 2.5 * epsilon / steps} (Madry et al. 2018)
 * @param hardFor whose mistakes are looked for
 * @param loss what is learned from the moved examples
 * @param weight of that beside the other losses; 0 measures robustness and learns nothing from moved examples
 */
public record AdversarialSpec(double epsilon, int steps, double stepSize, HardFor hardFor, Loss loss, double weight) {

    /** Neither learning from moved examples nor measuring on them. */
    public static final AdversarialSpec NONE = new AdversarialSpec(0, 1, 0, HardFor.STUDENT, Loss.RSLAD, 0);

    /** Whose mistakes are looked for. */
    public enum HardFor {
        STUDENT,
        /** The teacher makes the examples and sends the moves along with its lesson. */
        TEACHER
    }

    /** What the student learns from a moved example {@code x'} of {@code x}. */
    public enum Loss {
        /**
         * Robust soft label distillation (Zi et al., ICCV 2021): {@code KL(teacher(x) || student(x'))}, where {@code x'}
         * makes the same divergence large. No hard label is used, so events without one teach as much.
         */
        RSLAD,
        /**
         * Adversarially robust distillation (Goldblum et al., AAAI 2020): the same divergence, where {@code x'} makes the
         * label's log loss large, or that of the teacher's class where there is no label.
         */
        ARD
    }

    public AdversarialSpec {
        if (!(epsilon >= 0) || Double.isInfinite(epsilon)) {
            throw new IllegalArgumentException("adversarial.epsilon: " + epsilon
                    + " found, must be 0 (off) or above, in standard deviations of a feature");
        }
        if (steps < 1) {
            throw new IllegalArgumentException("adversarial.steps: " + steps + " found, must be at least 1");
        }
        if (!(stepSize >= 0) || !(weight >= 0)) {
            throw new IllegalArgumentException(
                    "adversarial.stepSize " + stepSize + " and weight " + weight + " found, must not be negative");
        }
    }

    /** Whether examples are moved at all. */
    public boolean isOn() {
        return epsilon > 0;
    }

    /** Size of one step. */
    double step() {
        return stepSize > 0 ? stepSize : 2.5 * epsilon / steps;
    }
}
