package dev.reflux.service.commands;

import dev.reflux.events.generated.DriftingStreamSpec;
import dev.reflux.service.report.RunReport;
import dev.reflux.service.report.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What each change of the generated stream did to teacher and students. */
final class DemoSummary {
    private DemoSummary() {}

    /** A table with a line per change and learner; empty when the stream ended before its first change. */
    static String changes(DriftingStreamSpec stream, RunReport report) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("change", "who", "before", "after", "learned"));
        // An even change comes gradually, over the quarter of a stretch before it is complete.
        for (long number = 1; number * stream.driftEvery() < report.events(); number++) {
            boolean gradual = number % 2 == 0;
            long complete = number * stream.driftEvery();
            long begins = gradual ? complete - stream.driftEvery() / 4 : complete;
            long next = complete + stream.driftEvery() - (gradual ? 0 : stream.driftEvery() / 4);
            String change = String.format(Locale.ROOT, "%,d %s", complete, gradual ? "gradual" : "abrupt");
            rows.add(row(change, "teacher", report, begins, next, RunReport.Point::teacher));
            for (RunReport.Student student : report.students()) {
                rows.add(row(
                        "",
                        student.name(),
                        report,
                        begins,
                        next,
                        point -> point.students().get(student.name())));
            }
        }
        return rows.size() == 1 ? "" : TextTable.of(rows);
    }

    private static List<String> row(
            String change,
            String who,
            RunReport report,
            long begins,
            long next,
            Function<RunReport.Point, @Nullable Double> accuracy) {
        List<RunReport.Point> curve = report.curve();
        return List.of(
                change,
                who,
                text(window(curve, begins, accuracy)),
                text(firstAfter(curve, begins, accuracy)),
                next > report.events()
                        ? text(window(curve, report.events(), accuracy))
                        : text(window(curve, next, accuracy)));
    }

    /** Accuracy in the last whole window that ends at or before a place in the stream. */
    private static OptionalDouble window(
            List<RunReport.Point> curve, long end, Function<RunReport.Point, @Nullable Double> accuracy) {
        OptionalDouble last = OptionalDouble.empty();
        for (RunReport.Point point : curve) {
            Double value = accuracy.apply(point);
            if (point.events() <= end && value != null) {
                last = OptionalDouble.of(value);
            }
        }
        return last;
    }

    /** Accuracy in the first whole window that begins at or after a place in the stream. */
    private static OptionalDouble firstAfter(
            List<RunReport.Point> curve, long begin, Function<RunReport.Point, @Nullable Double> accuracy) {
        long windowBegin = 0;
        for (RunReport.Point point : curve) {
            Double value = accuracy.apply(point);
            if (windowBegin >= begin && value != null) {
                return OptionalDouble.of(value);
            }
            windowBegin = point.events();
        }
        return OptionalDouble.empty();
    }

    private static String text(OptionalDouble accuracy) {
        return accuracy.isPresent() ? String.format(Locale.ROOT, "%.3f", accuracy.getAsDouble()) : "-";
    }
}
