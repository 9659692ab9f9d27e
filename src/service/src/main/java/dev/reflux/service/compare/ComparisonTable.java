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
        boolean oneStudent = report.labels().stream()
                        .flatMap(share -> share.results().stream())
                        .map(ComparisonReport.Result::student)
                        .distinct()
                        .count()
                <= 1;
        for (ComparisonReport.AtShare share : report.labels()) {
            line(text, "");
            line(text, "%s of the labels", percent(share.share()));
            line(text, "");
            List<List<String>> rows = new ArrayList<>();
            rows.add(heading(oneStudent));
            share.results().forEach(result -> rows.add(row(result, oneStudent)));
            text.append(form.table(rows));
            for (ComparisonReport.Job job : share.jobs()) {
                if (job.failure() != null) {
                    line(text, "%s: %s", String.join(", ", job.variants()), job.failure());
                }
            }
        }
        line(text, "");
        notes(report, text);
        return text.toString();
    }

    private static List<String> heading(boolean oneStudent) {
        List<String> heading = new ArrayList<>(List.of("variant"));
        if (!oneStudent) {
            heading.add("student");
        }
        heading.addAll(
                List.of("accuracy", "over alone", "95 % interval", "teacher", "log loss", "parameters", "events/s"));
        return heading;
    }

    private static List<String> row(ComparisonReport.Result result, boolean oneStudent) {
        List<String> row = new ArrayList<>(List.of(result.variant()));
        if (!oneStudent) {
            row.add(result.student());
        }
        ComparisonReport.Gain gain = result.gain();
        row.add(points(result.accuracy()));
        row.add(gain == null ? "" : difference(gain.accuracy()));
        row.add(gain == null ? "" : interval(gain.low(), gain.high()));
        row.add(result.teacher() == null ? "" : points(result.teacher().accuracy()));
        row.add(Double.isNaN(result.logLoss()) ? "-" : String.format(Locale.ROOT, "%.4f", result.logLoss()));
        row.add(String.format(Locale.ROOT, "%,d", result.parameters()));
        row.add(result.eventsPerSecond() > 0 ? String.format(Locale.ROOT, "%,.0f", result.eventsPerSecond()) : "-");
        return row;
    }

    private static void notes(ComparisonReport report, StringBuilder text) {
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

    private static String points(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.2f", share * 100);
    }

    private static String difference(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%+.2f", share * 100);
    }

    private static String interval(@Nullable Double low, @Nullable Double high) {
        return low == null || high == null ? "-" : difference(low) + " .. " + difference(high);
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
    }
}
