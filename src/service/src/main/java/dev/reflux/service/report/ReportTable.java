package dev.reflux.service.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A report for reading: who reached what. */
public final class ReportTable {
    private ReportTable() {}

    public static String of(RunReport report) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("", "parameters", "accuracy", "kappa", "log loss", "agreement", "published"));
        RunReport.Teacher teacher = report.teacher();
        if (teacher != null) {
            rows.add(List.of(
                    "teacher",
                    count(teacher.parameters()),
                    share(teacher.accuracy()),
                    share(teacher.kappa()),
                    share(teacher.logLoss()),
                    "",
                    ""));
        }
        for (RunReport.Student student : report.students()) {
            rows.add(List.of(
                    "student " + student.name(),
                    count(student.parameters()),
                    share(student.accuracy()),
                    share(student.kappa()),
                    share(student.logLoss()),
                    share(student.agreement()),
                    count(student.checkpointsPublished())));
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

    private static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String share(@Nullable Double share) {
        return share == null || share.isNaN() ? "-" : String.format(Locale.ROOT, "%.4f", share);
    }
}
