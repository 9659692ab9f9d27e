package dev.reflux.service.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A report for reading: who reached what. */
public final class ReportTable {
    private ReportTable() {}

    public static String of(RunReport report) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "",
                "parameters",
                "accuracy",
                "kappa",
                "log loss",
                "agreement",
                "published",
                "alone",
                "gain",
                "attacked"));
        RunReport.Teacher teacher = report.teacher();
        if (teacher != null) {
            rows.add(List.of(
                    "teacher",
                    count(teacher.parameters()),
                    share(teacher.accuracy()),
                    share(teacher.kappa()),
                    share(teacher.logLoss()),
                    "",
                    "",
                    "",
                    "",
                    ""));
        }
        for (RunReport.Student student : report.students()) {
            RunReport.Control control = student.control();
            rows.add(List.of(
                    "student " + student.name(),
                    count(student.parameters()),
                    share(student.accuracy()),
                    share(student.kappa()),
                    share(student.logLoss()),
                    share(student.agreement()),
                    count(student.checkpointsPublished()),
                    control == null ? "" : share(control.accuracy()),
                    student.gain() == null ? "" : String.format(Locale.ROOT, "%+.4f", student.gain()),
                    student.robustAccuracy() == null ? "" : share(student.robustAccuracy())));
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
                + TextTable.of(withoutEmptyColumns(rows));
    }

    /** Without what no student has. */
    private static List<List<String>> withoutEmptyColumns(List<List<String>> rows) {
        int[] filled = IntStream.range(0, rows.get(0).size())
                .filter(column ->
                        rows.stream().skip(1).anyMatch(row -> !row.get(column).isEmpty()))
                .toArray();
        return rows.stream()
                .map(row -> Arrays.stream(filled).mapToObj(row::get).toList())
                .toList();
    }

    private static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String share(@Nullable Double share) {
        return share == null || share.isNaN() ? "-" : String.format(Locale.ROOT, "%.4f", share);
    }
}
