package dev.reflux.jobs.report;

import dev.reflux.distillation.Teacher;
import dev.reflux.distillation.quality.Quality;
import java.util.List;

/** The teacher at the end; quality is prequential, since the start. */
public record TeacherReport(
        long parameters, double accuracy, double kappa, double logLoss, long driftAlarms, List<CurvePoint> curve) {

    public static TeacherReport of(Teacher teacher, long driftAlarms) {
        Quality quality = teacher.quality().total();
        return new TeacherReport(
                teacher.parameterCount(),
                quality.accuracy(),
                quality.kappa(),
                quality.logLoss(),
                driftAlarms,
                Reports.curve(teacher.curve()));
    }
}
