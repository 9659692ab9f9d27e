package dev.reflux.jobs.report;

import dev.reflux.distillation.Student;
import dev.reflux.distillation.quality.Quality;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A student at the end; quality is prequential, since the start.
 *
 * @param agreement share of the events on which it predicted the class that the teacher predicted
 * @param sha256 of the last published model; null when none was published
 */
public record StudentReport(
        String name,
        long parameters,
        double accuracy,
        double kappa,
        double logLoss,
        double agreement,
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
                student.agreement(),
                checkpointsPublished,
                checkpointsHeld,
                sha256,
                driftAlarms,
                Reports.curve(student.curve()));
    }
}
