package dev.reflux.service.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A report for reading: who reached what. */
public final class ReportTable {
    private ReportTable() {}

    public static String of(RunReport report) {
        boolean attacked = report.students().stream().anyMatch(student -> student.robustAccuracy() != null);
        List<List<String>> rows = new ArrayList<>();
        rows.add(
                row(attacked, "", "parameters", "accuracy", "kappa", "log loss", "agreement", "published", "attacked"));
        RunReport.Teacher teacher = report.teacher();
        if (teacher != null) {
            rows.add(row(
                    attacked,
                    "teacher",
                    count(teacher.parameters()),
                    share(teacher.accuracy()),
                    share(teacher.kappa()),
                    share(teacher.logLoss()),
                    "",
                    "",
                    ""));
        }
        for (RunReport.Student student : report.students()) {
            rows.add(row(
                    attacked,
                    "student " + student.name(),
                    count(student.parameters()),
                    share(student.accuracy()),
                    share(student.kappa()),
                    share(student.logLoss()),
                    share(student.agreement()),
                    count(student.checkpointsPublished()),
                    share(student.robustAccuracy())));
        }

        return String.format(
                        Locale.ROOT,
                        "%,d events in %.1f s (%,.0f events/s), %,d learned from, %,d dead letters, %,d batches, %d drift"
                                + " alarms%n%n",
                        report.events(),
                        report.seconds(),
                        report.eventsPerSecond(),
                        report.trained(),
                        report.deadLetters(),
                        report.batches(),
                        report.driftAlarms())
                + TextTable.of(rows);
    }

    /** The last cell is the accuracy under attack, which is shown where any student is attacked. */
    private static List<String> row(boolean attacked, String... cells) {
        List<String> all = List.of(cells);
        return attacked ? all : all.subList(0, all.size() - 1);
    }

    private static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String share(@Nullable Double share) {
        return share == null || share.isNaN() ? "-" : String.format(Locale.ROOT, "%.4f", share);
    }
}
