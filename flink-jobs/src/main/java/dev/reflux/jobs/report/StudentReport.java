package dev.reflux.jobs.report;

import dev.reflux.distillation.Student;
import dev.reflux.distillation.quality.Quality;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A student at the end; quality is prequential, since the start.
 *
 * @param agreement share of the events on which it predicted the class that the teacher predicted; null without one
 * @param robustAccuracy accuracy on events that were moved to make it err; null where that is not measured
 * @param sha256 of the last published model; null when none was published
 */
public record StudentReport(
        String name,
        long parameters,
        double accuracy,
        double kappa,
        double logLoss,
        @Nullable Double agreement,
        @Nullable Double robustAccuracy,
        long checkpointsPublished,
        long checkpointsHeld,
        @Nullable String sha256,
        long driftAlarms,
        List<CurvePoint> curve) {

    public static StudentReport of(
            Student student,
            long checkpointsPublished,
            long checkpointsHeld,
            @Nullable String sha256,
            long driftAlarms) {
        Quality quality = student.quality().total();
        return new StudentReport(
                student.name(),
                student.model().parameterCount(),
                quality.accuracy(),
                quality.kappa(),
                quality.logLoss(),
                known(student.agreement()),
                known(student.robustAccuracy()),
                checkpointsPublished,
                checkpointsHeld,
                sha256,
                driftAlarms,
                Reports.curve(student.curve()));
    }

    private static @Nullable Double known(double value) {
        return Double.isNaN(value) ? null : (Double) value;
    }
}
