package dev.reflux.jobs.pipeline;

import dev.reflux.drift.Measure;
import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Options;
import dev.reflux.jobs.pipeline.options.Texts;
import dev.reflux.jobs.pipeline.options.Variant;
import java.util.List;
import java.util.Set;

/** One measure of how far a quantity's distribution has moved from that of a reference window. */
public sealed interface DistanceSettings {

    String ON = "The quantity it is of, of each student where it is a student's";
    String FEATURES = "The features it is of, with on: features; an empty list means all of those that it is made for";
    String WARNING = "Distance from which on it warns";
    String DRIFT = "Distance from which on it alarms";

    Subject on();

    /** Names of the features; empty means all that suit. */
    List<String> features();

    double warning();

    double drift();

    Measure measure();

    /** What has a distribution. */
    enum Subject {
        /** Each feature by itself. */
        FEATURES,
        /** The visible labels. */
        LABEL,
        /** The classes that a student predicts. */
        STUDENT_PREDICTION,
        /** The classes that the teacher predicts. */
        TEACHER_PREDICTION,
        /** The probability that a student gives to the class it predicts; with the outcome, for calibration. */
        STUDENT_CONFIDENCE,
        /** The probability that the teacher gives to the class it predicts; with the outcome, for calibration. */
        TEACHER_CONFIDENCE,
        /** A student's logits, as a vector. */
        STUDENT_OUTPUT,
        /** The teacher's logits, as a vector. */
        TEACHER_OUTPUT;

        /** Whether it is of the events themselves. */
        public boolean isStreams() {
            return this == FEATURES || this == LABEL;
        }

        /** Whether it is the teacher's. */
        public boolean isTeachers() {
            return this == TEACHER_PREDICTION || this == TEACHER_CONFIDENCE || this == TEACHER_OUTPUT;
        }
    }

    /** Population stability index. */
    @Variant("psi")
    record Psi(
            @Option(description = ON, defaultValue = "features")
            Subject on,

            @Option(description = FEATURES, defaultValue = "[]")
            List<String> features,

            @Option(description = WARNING, defaultValue = "0.1", range = "(0, 1000]")
            double warning,

            @Option(description = DRIFT, defaultValue = "0.25", range = "(0, 1000]")
            double drift)
            implements DistanceSettings {
        public Psi {
            features = List.copyOf(features);
            Options.check(Psi.class, on, features, warning, drift);
            check(Measure.PSI, on, features, warning, drift);
        }

        @Override
        public Measure measure() {
            return Measure.PSI;
        }
    }

    /** Jensen-Shannon divergence. */
    @Variant("jensen-shannon")
    record JensenShannon(
            @Option(description = ON, defaultValue = "features")
            Subject on,

            @Option(description = FEATURES, defaultValue = "[]")
            List<String> features,

            @Option(description = WARNING, unit = "bits", defaultValue = "0.02", range = "(0, 1]")
            double warning,

            @Option(description = DRIFT, unit = "bits", defaultValue = "0.05", range = "(0, 1]")
            double drift)
            implements DistanceSettings {
        public JensenShannon {
            features = List.copyOf(features);
            Options.check(JensenShannon.class, on, features, warning, drift);
            check(Measure.JENSEN_SHANNON, on, features, warning, drift);
        }

        @Override
        public Measure measure() {
            return Measure.JENSEN_SHANNON;
        }
    }

    /** Largest distance of two distribution functions, of numeric features or confidences. */
    @Variant("kolmogorov-smirnov")
    record KolmogorovSmirnov(
            @Option(description = ON, defaultValue = "features")
            Subject on,

            @Option(description = FEATURES, defaultValue = "[]")
            List<String> features,

            @Option(description = WARNING, defaultValue = "0.1", range = "(0, 1]")
            double warning,

            @Option(description = DRIFT, defaultValue = "0.2", range = "(0, 1]")
            double drift)
            implements DistanceSettings {
        public KolmogorovSmirnov {
            features = List.copyOf(features);
            Options.check(KolmogorovSmirnov.class, on, features, warning, drift);
            check(Measure.KOLMOGOROV_SMIRNOV, on, features, warning, drift);
        }

        @Override
        public Measure measure() {
            return Measure.KOLMOGOROV_SMIRNOV;
        }
    }

    /** Growth of the expected calibration error. */
    @Variant("calibration")
    record Calibration(
            @Option(description = ON, defaultValue = "student-confidence")
            Subject on,

            @Option(description = WARNING, defaultValue = "0.05", range = "(0, 1]")
            double warning,

            @Option(description = DRIFT, defaultValue = "0.1", range = "(0, 1]")
            double drift)
            implements DistanceSettings {
        public Calibration {
            Options.check(Calibration.class, on, warning, drift);
            check(Measure.CALIBRATION, on, List.of(), warning, drift);
        }

        @Override
        public List<String> features() {
            return List.of();
        }

        @Override
        public Measure measure() {
            return Measure.CALIBRATION;
        }
    }

    /** Squared maximum mean discrepancy of tensor features or of outputs. */
    @Variant("mmd")
    record Mmd(
            @Option(description = ON, defaultValue = "features")
            Subject on,

            @Option(description = FEATURES, defaultValue = "[]")
            List<String> features,

            @Option(description = WARNING, defaultValue = "0.02", range = "(0, 2]")
            double warning,

            @Option(description = DRIFT, defaultValue = "0.05", range = "(0, 2]")
            double drift,

            @Option(
                    description = "Width of the Gaussian kernel; 0 takes the median distance of the first 100 vectors",
                    defaultValue = "0",
                    range = "[0, 1e9]")
            double width,

            @Option(
                    description = "Only every so many-th event is taken, for vectors that are long",
                    unit = "events",
                    defaultValue = "1",
                    range = "[1, 1000000]")
            int every)
            implements DistanceSettings {
        public Mmd {
            features = List.copyOf(features);
            Options.check(Mmd.class, on, features, warning, drift, width, every);
            check(Measure.MMD, on, features, warning, drift);
        }

        @Override
        public Measure measure() {
            return Measure.MMD;
        }
    }

    private static Set<Subject> suited(Measure measure) {
        return switch (measure) {
            case PSI, JENSEN_SHANNON ->
                Set.of(
                        Subject.FEATURES,
                        Subject.LABEL,
                        Subject.STUDENT_PREDICTION,
                        Subject.TEACHER_PREDICTION,
                        Subject.STUDENT_CONFIDENCE,
                        Subject.TEACHER_CONFIDENCE);
            case KOLMOGOROV_SMIRNOV -> Set.of(Subject.FEATURES, Subject.STUDENT_CONFIDENCE, Subject.TEACHER_CONFIDENCE);
            case CALIBRATION -> Set.of(Subject.STUDENT_CONFIDENCE, Subject.TEACHER_CONFIDENCE);
            case MMD -> Set.of(Subject.FEATURES, Subject.STUDENT_OUTPUT, Subject.TEACHER_OUTPUT);
        };
    }

    private static void check(Measure measure, Subject on, List<String> features, double warning, double drift) {
        if (!suited(measure).contains(on)) {
            throw new OptionException(
                    "on",
                    Texts.wireName(on) + " found, which " + measure.wireName() + " is not made for; it must be one of "
                            + suited(measure).stream()
                                    .sorted()
                                    .map(Texts::wireName)
                                    .toList());
        }
        if (on != Subject.FEATURES && !features.isEmpty()) {
            throw new OptionException(
                    "features", features + " found beside on: " + Texts.wireName(on) + "; leave one of them out");
        }
        if (warning > drift) {
            throw new OptionException(
                    "warning", Texts.number(warning) + " found, must be at most drift, " + Texts.number(drift));
        }
    }
}
