package dev.reflux.jobs.report;

import dev.reflux.distillation.Student;
import dev.reflux.distillation.quality.Prequential;
import dev.reflux.distillation.quality.Quality;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A student at the end; quality is prequential, since the start.
 *
 * @param agreement share of the events on which it predicted the class that the teacher predicted; null without one
 * @param robustAccuracy accuracy on events that were moved to make it err; null where that is not measured
 * @param control the same network without a teacher; null where none was beside it
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
        @Nullable Control control,
        long checkpointsPublished,
        long checkpointsHeld,
        @Nullable String sha256,
        long driftAlarms,
        List<CurvePoint> curve) {

    /** Prequential, since the start. */
    public record Control(double accuracy, double kappa, double logLoss) {}

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
                student.controlQuality().map(StudentReport::control).orElse(null),
                checkpointsPublished,
                checkpointsHeld,
                sha256,
                driftAlarms,
                Reports.curve(student.curve()));
    }

    private static Control control(Prequential measured) {
        Quality quality = measured.total();
        return new Control(quality.accuracy(), quality.kappa(), quality.logLoss());
    }

    private static @Nullable Double known(double value) {
        return Double.isNaN(value) ? null : (Double) value;
    }
}
