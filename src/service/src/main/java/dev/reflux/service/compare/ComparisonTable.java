package dev.reflux.service.compare;

import dev.reflux.service.report.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A comparison for reading. */
public final class ComparisonTable {
    private ComparisonTable() {}

    /** How it is written. */
    public enum Form {
        TEXT {
            @Override
            String table(List<List<String>> rows) {
                return TextTable.of(rows);
            }
        },
        MARKDOWN {
            @Override
            String table(List<List<String>> rows) {
                return TextTable.markdown(rows);
            }
        };

        abstract String table(List<List<String>> rows);
    }

    public static String of(ComparisonReport report, Form form) {
        StringBuilder text = new StringBuilder();
        line(text, "%s: %,d events of %s", report.pipeline(), report.events(), report.stream());
        Columns columns = Columns.of(report);
        for (ComparisonReport.AtShare share : report.labels()) {
            line(text, "");
            line(text, "%s of the labels", percent(share.share()));
            line(text, "");
            List<List<String>> rows = new ArrayList<>();
            rows.add(columns.heading());
            share.results().forEach(result -> rows.add(columns.row(result)));
            text.append(form.table(rows));
            for (ComparisonReport.Job job : share.jobs()) {
                if (job.failure() != null) {
                    line(text, "%s: %s", String.join(", ", job.variants()), job.failure());
                }
            }
        }
        line(text, "");
        notes(report, columns, text);
        return text.toString();
    }

    /** The columns of a table; those that would say the same in every row are left out. */
    private record Columns(boolean student, boolean attacked) {

        static Columns of(ComparisonReport report) {
            List<ComparisonReport.Result> all = report.labels().stream()
                    .flatMap(share -> share.results().stream())
                    .toList();
            return new Columns(
                    all.stream()
                                    .map(ComparisonReport.Result::student)
                                    .distinct()
                                    .count()
                            > 1,
                    all.stream().anyMatch(result -> result.robustAccuracy() != null));
        }

        List<String> heading() {
            List<String> heading = new ArrayList<>(List.of("variant"));
            if (student) {
                heading.add("student");
            }
            heading.addAll(List.of("accuracy", "over alone", "95 % interval"));
            if (attacked) {
                heading.addAll(List.of("attacked", "over alone"));
            }
            heading.addAll(List.of("teacher", "log loss", "parameters", "events/s"));
            return heading;
        }

        List<String> row(ComparisonReport.Result result) {
            ComparisonReport.Gain gain = result.gain();
            List<String> row = new ArrayList<>(List.of(result.variant()));
            if (student) {
                row.add(result.student());
            }
            row.add(points(result.accuracy()));
            row.add(gain == null ? "" : difference(gain.accuracy()));
            row.add(gain == null ? "" : interval(gain.low(), gain.high()));
            if (attacked) {
                row.add(points(result.robustAccuracy()));
                row.add(gain == null ? "" : difference(gain.robustAccuracy()));
            }
            row.add(result.teacher() == null ? "" : points(result.teacher().accuracy()));
            row.add(Double.isNaN(result.logLoss()) ? "-" : String.format(Locale.ROOT, "%.4f", result.logLoss()));
            row.add(String.format(Locale.ROOT, "%,d", result.parameters()));
            row.add(result.eventsPerSecond() > 0 ? String.format(Locale.ROOT, "%,.0f", result.eventsPerSecond()) : "-");
            return row;
        }
    }

    private static void notes(ComparisonReport report, Columns columns, StringBuilder text) {
        ComparisonReport.Method method = report.interval();
        line(
                text,
                "Accuracies are in %%, on each event before it was learned from. Alone is the same student (network,");
        line(
                text,
                "optimizer, seed, batches), taught by the labels only; over it, in points, with an interval by block");
        line(
                text,
                "bootstrap over windows of %,d events in blocks of %d: above 0 the teacher pays, below 0 it costs,",
                method.windowEvents(),
                method.blockWindows());
        line(text, "around 0 this stream does not tell.");
        if (columns.attacked()) {
            line(text, "Attacked is the accuracy on events that were moved to make the student err.");
        }
        boolean shared = report.labels().stream()
                .flatMap(share -> share.jobs().stream())
                .anyMatch(job -> job.variants().size() > 1);
        if (shared) {
            line(text, "Variants that learned in one job share its events/s; --separate gives each its own.");
        }
        if (!report.skipped().isEmpty()) {
            line(text, "");
            report.skipped().forEach(skip -> line(text, "- not run: %s (%s)", skip.variant(), skip.reason()));
        }
    }

    /** A share as a percentage without needless digits, such as {@code 10 %}. */
    static String percent(double share) {
        String digits = String.format(Locale.ROOT, "%.4f", share * 100);
        return digits.replaceAll("\\.?0+$", "") + " %";
    }

    private static String points(@Nullable Double share) {
        return share == null || share.isNaN() ? "-" : String.format(Locale.ROOT, "%.2f", share * 100);
    }

    private static String difference(@Nullable Double share) {
        return share == null || share.isNaN() ? "-" : String.format(Locale.ROOT, "%+.2f", share * 100);
    }

    private static String interval(@Nullable Double low, @Nullable Double high) {
        return low == null || high == null ? "-" : difference(low) + " .. " + difference(high);
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
    }
}
