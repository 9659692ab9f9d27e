package dev.reflux.jobs.pipeline;

import dev.reflux.drift.Adwin.Direction;
import dev.reflux.drift.PageHinkley.Baseline;
import dev.reflux.drift.Sides;
import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Options;
import dev.reflux.jobs.pipeline.options.Texts;
import dev.reflux.jobs.pipeline.options.Variant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One drift detector. */
public sealed interface DetectorSettings {

    String ON = "The signal it watches, of each student where it is a student's";
    String FEATURE = "Name of the numeric feature, with on: feature";
    String MIN_VALUES = "The first value that may raise an alarm";
    String DRIFT_CONFIDENCE = "Chance of a false alarm per test";
    String WARNING_CONFIDENCE = "The same for warnings, at least that of drift";
    String SIDES =
            "Whether only a rise is looked for (one-sided), a fall too but in silence (reset-on-fall), or both are alarmed at (two-sided)";

    Signal on();

    /** Name of the feature that it watches; null where it watches something else. */
    @Nullable
    String feature();

    /** Whether the method is made for a value: one of a feature may be anything. */
    default boolean takes(double value) {
        return value >= 0 && value <= 1;
    }

    /** A measured value per event, whose rise is bad news. */
    enum Signal {
        /** 1 where a student's prediction was wrong, 0 where it was right; labelled events only. */
        STUDENT_ERROR,
        /** 1 where the teacher's prediction was wrong, 0 where it was right; labelled events only. */
        TEACHER_ERROR,
        /** 1 where student and teacher predicted different classes; needs no label. */
        DISAGREEMENT,
        /** A student's log loss in nats; labelled events only. */
        STUDENT_LOSS,
        /** The teacher's log loss in nats; labelled events only. */
        TEACHER_LOSS,
        /** 1 minus the probability that a student gives to the class it predicts; needs no label. */
        STUDENT_UNCERTAINTY,
        /** 1 minus the probability that the teacher gives to the class it predicts; needs no label. */
        TEACHER_UNCERTAINTY,
        /** A numeric feature of the events; values that a method is not made for are left out. */
        FEATURE;

        private static final Set<Signal> BINARY = Set.of(STUDENT_ERROR, TEACHER_ERROR, DISAGREEMENT);
        private static final Set<Signal> UNBOUNDED = Set.of(STUDENT_LOSS, TEACHER_LOSS);

        /** Whether it is the teacher's alone. */
        public boolean isTeachers() {
            return this == TEACHER_ERROR || this == TEACHER_LOSS || this == TEACHER_UNCERTAINTY;
        }

        /** Whether it is of the events themselves. */
        public boolean isStreams() {
            return this == FEATURE;
        }

        private void requireUnit(String detector) {
            if (UNBOUNDED.contains(this)) {
                throw new OptionException(
                        "on",
                        Texts.wireName(this) + " found, which has no bound; " + detector
                                + " is for values in [0, 1]: choose another signal, or page-hinkley or kswin");
            }
        }

        private void requireBinary(String detector) {
            if (!BINARY.contains(this) && this != FEATURE) {
                throw new OptionException(
                        "on",
                        Texts.wireName(this) + " found, but " + detector
                                + " is for right or wrong: choose an error or disagreement, or another detector");
            }
        }
    }

    /** Adaptive windowing. */
    @Variant("adwin")
    record Adwin(
            @Option(description = ON, defaultValue = "student-error")
            Signal on,

            @Option(description = FEATURE) @Nullable String feature,

            @Option(
                    description = "Confidence: the chance of a false alarm per test",
                    defaultValue = "0.002",
                    range = "(0, 1)")
            double delta,

            @Option(description = "Which changes of the mean it alarms at", defaultValue = "increase")
            Direction direction,

            @Option(description = "Values from one test to the next", defaultValue = "32", range = "[1, 1000000]")
            int clock)
            implements DetectorSettings {
        public Adwin {
            Options.check(Adwin.class, on, feature, delta, direction, clock);
            requireFeature(on, feature);
            on.requireUnit("adwin");
        }
    }

    /** Drift detection method: an error rate that has left its best value. */
    @Variant("ddm")
    record Ddm(
            @Option(description = ON, defaultValue = "student-error")
            Signal on,

            @Option(description = FEATURE) @Nullable String feature,

            @Option(description = MIN_VALUES, defaultValue = "30", range = "[2, 1000000000]")
            int minValues,

            @Option(
                    description = "Standard deviations above the best value from which on it warns",
                    defaultValue = "2",
                    range = "(0, 100]")
            double warning,

            @Option(
                    description = "Standard deviations above the best value from which on it alarms",
                    defaultValue = "3",
                    range = "(0, 100]")
            double drift)
            implements DetectorSettings {
        public Ddm {
            Options.check(Ddm.class, on, feature, minValues, warning, drift);
            requireFeature(on, feature);
            requireOrder("warning", warning, "drift", drift);
            on.requireUnit("ddm");
        }
    }

    /** Early drift detection method: errors that lie closer together than they once did. */
    @Variant("eddm")
    record Eddm(
            @Option(description = ON, defaultValue = "student-error")
            Signal on,

            @Option(description = FEATURE) @Nullable String feature,

            @Option(description = MIN_VALUES, defaultValue = "30", range = "[1, 1000000000]")
            int minValues,

            @Option(
                    description = "Errors that must have been exceeded before it warns or alarms",
                    defaultValue = "30",
                    range = "[1, 1000000000]")
            int minErrors,

            @Option(
                    description = "Share of the largest distance between errors below which it warns",
                    defaultValue = "0.95",
                    range = "(0, 1)")
            double warning,

            @Option(
                    description = "Share of the largest distance between errors below which it alarms",
                    defaultValue = "0.9",
                    range = "(0, 1)")
            double drift)
            implements DetectorSettings {
        public Eddm {
            Options.check(Eddm.class, on, feature, minValues, minErrors, warning, drift);
            requireFeature(on, feature);
            requireOrder("drift", drift, "warning", warning);
            on.requireBinary("eddm");
        }

        @Override
        public boolean takes(double value) {
            return value == 0 || value == 1;
        }
    }

    /** Hoeffding's bound on the mean of all values. */
    @Variant("hddm-a")
    record HddmA(
            @Option(description = ON, defaultValue = "student-error")
            Signal on,

            @Option(description = FEATURE) @Nullable String feature,

            @Option(description = DRIFT_CONFIDENCE, defaultValue = "0.001", range = "(0, 1)")
            double drift,

            @Option(description = WARNING_CONFIDENCE, defaultValue = "0.005", range = "(0, 1)")
            double warning,

            @Option(description = SIDES, defaultValue = "reset-on-fall")
            Sides sides)
            implements DetectorSettings {
        public HddmA {
            Options.check(HddmA.class, on, feature, drift, warning, sides);
            requireFeature(on, feature);
            requireOrder("drift", drift, "warning", warning);
            on.requireUnit("hddm-a");
        }
    }

    /** McDiarmid's bound on a weighted mean. */
    @Variant("hddm-w")
    record HddmW(
            @Option(description = ON, defaultValue = "student-error")
            Signal on,

            @Option(description = FEATURE) @Nullable String feature,

            @Option(description = DRIFT_CONFIDENCE, defaultValue = "0.001", range = "(0, 1)")
            double drift,

            @Option(description = WARNING_CONFIDENCE, defaultValue = "0.005", range = "(0, 1)")
            double warning,

            @Option(description = "Weight of the newest value", defaultValue = "0.05", range = "(0, 1)")
            double lambda,

            @Option(description = SIDES, defaultValue = "one-sided")
            Sides sides)
            implements DetectorSettings {
        public HddmW {
            Options.check(HddmW.class, on, feature, drift, warning, lambda, sides);
            requireFeature(on, feature);
            requireOrder("drift", drift, "warning", warning);
            on.requireUnit("hddm-w");
        }
    }

    /** Kolmogorov-Smirnov test of the newest values against older ones. */
    @Variant("kswin")
    record Kswin(
            @Option(description = ON, defaultValue = "student-uncertainty")
            Signal on,

            @Option(description = FEATURE) @Nullable String feature,

            @Option(
                    description = "Probability of the test at and below which it alarms",
                    defaultValue = "0.005",
                    range = "(0, 1)")
            double alpha,

            @Option(description = "Values in the window", defaultValue = "100", range = "[4, 1048576]")
            int window,

            @Option(description = "Newest of them, which are tested", defaultValue = "30", range = "[2, 524288]")
            int recent)
            implements DetectorSettings {
        public Kswin {
            Options.check(Kswin.class, on, feature, alpha, window, recent);
            requireFeature(on, feature);
            try {
                new dev.reflux.drift.Kswin(alpha, window, recent, 0);
            } catch (IllegalArgumentException e) {
                String message = String.valueOf(e.getMessage());
                int colon = message.indexOf(": ");
                throw new OptionException(message.substring(0, colon), message.substring(colon + 2));
            }
        }

        @Override
        public boolean takes(double value) {
            return true;
        }
    }

    /** How far values have risen above their own mean, summed up. */
    @Variant("page-hinkley")
    record PageHinkley(
            @Option(description = ON, defaultValue = "student-error")
            Signal on,

            @Option(description = FEATURE) @Nullable String feature,

            @Option(description = MIN_VALUES, defaultValue = "30", range = "[1, 1000000000]")
            int minValues,

            @Option(description = "Change of the mean that is tolerated", defaultValue = "0.005", range = "[0, 1e9]")
            double delta,

            @Option(description = "Sum above which it alarms", defaultValue = "50", range = "(0, 1e12]")
            double lambda,

            @Option(description = "Sum above which it warns, at most lambda; left out, half of it", range = "(0, 1e12]")
            @Nullable
            Double warning,

            @Option(
                    description = "Share of the sum that is kept at each value; 1 forgets nothing",
                    defaultValue = "0.9999",
                    range = "(0, 1]")
            double alpha,

            @Option(
                    description =
                            "What the sum is held against: its minimum, as published, or zero, which takes longer after quiet times",
                    defaultValue = "minimum")
            Baseline baseline,

            @Option(description = SIDES, defaultValue = "one-sided")
            Sides sides)
            implements DetectorSettings {
        public PageHinkley {
            Options.check(PageHinkley.class, on, feature, minValues, delta, lambda, warning, alpha, baseline, sides);
            requireFeature(on, feature);
            if (warning != null) {
                requireOrder("warning", warning, "lambda", lambda);
            }
        }

        @Override
        public boolean takes(double value) {
            return true;
        }

        /** The sum above which it warns. */
        public double warningOrHalf() {
            return warning == null ? lambda / 2 : warning;
        }
    }

    /** ADWIN on the disagreement of teacher and student. */
    @Variant("studd")
    record Studd(
            @Option(
                    description = "Confidence: the chance of a false alarm per test",
                    defaultValue = "0.002",
                    range = "(0, 1)")
            double delta,

            @Option(description = "Which changes of the mean it alarms at", defaultValue = "increase")
            Direction direction)
            implements DetectorSettings {
        public Studd {
            Options.check(Studd.class, delta, direction);
        }

        @Override
        public Signal on() {
            return Signal.DISAGREEMENT;
        }

        @Override
        public @Nullable String feature() {
            return null;
        }
    }

    private static void requireFeature(Signal on, @Nullable String feature) {
        if (on == Signal.FEATURE && feature == null) {
            throw new OptionException("feature", "missing; name the numeric feature that is watched");
        }
        if (on != Signal.FEATURE && feature != null) {
            throw new OptionException(
                    "feature", "'" + feature + "' found beside on: " + Texts.wireName(on) + "; leave one of them out");
        }
    }

    private static void requireOrder(String lower, double low, String upper, double high) {
        if (low > high) {
            throw new OptionException(
                    lower, Texts.number(low) + " found, must be at most " + upper + ", " + Texts.number(high));
        }
    }
}
