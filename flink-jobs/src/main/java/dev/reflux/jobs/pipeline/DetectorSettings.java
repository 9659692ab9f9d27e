package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import dev.reflux.jobs.pipeline.options.Variant;

/** One drift detector. */
public sealed interface DetectorSettings {

    String ON = "The signal it watches, of each student where it is a student's";

    Signal on();

    /** A measured value per event. */
    enum Signal {
        /** 1 where a student's prediction was wrong, 0 where it was right; labelled events only. */
        STUDENT_ERROR,
        /** 1 where the teacher's prediction was wrong, 0 where it was right; labelled events only. */
        TEACHER_ERROR,
        /** 1 where student and teacher predicted different classes; needs no label. */
        DISAGREEMENT
    }

    /** Adaptive windowing. */
    @Variant("adwin")
    record Adwin(
            @Option(description = ON, defaultValue = "student-error")
            Signal on,

            @Option(
                    description = "Confidence: the chance of a false alarm per test",
                    defaultValue = "0.002",
                    range = "(0, 1)")
            double delta)
            implements DetectorSettings {
        public Adwin {
            Options.check(Adwin.class, on, delta);
        }
    }
}
