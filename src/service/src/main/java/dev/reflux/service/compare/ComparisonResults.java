package dev.reflux.service.compare;

import dev.reflux.service.report.RunReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** From what the jobs of a plan reported to what each student gained. */
final class ComparisonResults {
    private final Plan plan;
    private final BlockBootstrap bootstrap;

    ComparisonResults(Plan plan, BlockBootstrap bootstrap) {
        this.plan = plan;
        this.bootstrap = bootstrap;
    }

    /** @param outcomes of the jobs that have run, by their place in the plan */
    ComparisonReport.AtShare at(double share, Map<Integer, Comparison.Outcome> outcomes) {
        List<ComparisonReport.Job> jobs = new ArrayList<>();
        for (int job = 0; job < plan.jobs().size(); job++) {
            List<String> variants = plan.jobs().get(job).variants();
            Comparison.Outcome outcome = outcomes.get(job);
            if (outcome == null) {
                jobs.add(new ComparisonReport.Job(variants, 0, 0, "not run"));
            } else {
                jobs.add(outcome.report()
                        .map(report ->
                                new ComparisonReport.Job(variants, report.seconds(), report.eventsPerSecond(), null))
                        .orElseGet(() -> new ComparisonReport.Job(variants, 0, 0, outcome.failure())));
            }
        }
        List<ComparisonReport.Result> results = new ArrayList<>();
        for (Plan.Row row : plan.rows()) {
            Optional<Learned> learned = learned(row, outcomes);
            Plan.Row control = plan.rows().get(row.control());
            learned.map(of -> result(row, of, row.isControl() ? Optional.empty() : learned(control, outcomes)))
                    .ifPresent(results::add);
        }
        return new ComparisonReport.AtShare(share, jobs, results);
    }

    /** A student in the report of its job. */
    private record Learned(Plan.Row row, RunReport report, RunReport.Student student) {}

    private static Optional<Learned> learned(Plan.Row row, Map<Integer, Comparison.Outcome> outcomes) {
        Comparison.Outcome outcome = outcomes.get(row.seat().job());
        return outcome == null
                ? Optional.empty()
                : outcome.report().map(report -> new Learned(row, report, student(report, row.seat())));
    }

    private static RunReport.Student student(RunReport report, Plan.Seat seat) {
        return report.students().stream()
                .filter(one -> one.name().equals(seat.as()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no student '" + seat.as() + "' in the report"));
    }

    private ComparisonReport.Result result(Plan.Row row, Learned learned, Optional<Learned> control) {
        RunReport.Student student = learned.student();
        return new ComparisonReport.Result(
                row.name(),
                row.student(),
                row.isControl(),
                row.seat().job(),
                student.parameters(),
                student.accuracy(),
                student.kappa(),
                student.logLoss(),
                row.isControl() ? null : student.agreement(),
                student.robustAccuracy(),
                learned.report().eventsPerSecond(),
                row.isControl() ? null : learned.report().teacher(),
                control.map(alone -> gain(learned, alone)).orElse(null));
    }

    private ComparisonReport.Gain gain(Learned learned, Learned alone) {
        List<BlockBootstrap.Window> windows = windows(learned, alone);
        Optional<BlockBootstrap.Interval> interval = bootstrap.interval(windows);
        return new ComparisonReport.Gain(
                alone.row().name(),
                BlockBootstrap.difference(windows),
                interval.map(BlockBootstrap.Interval::low).orElse(null),
                interval.map(BlockBootstrap.Interval::high).orElse(null),
                learned.student().logLoss() - alone.student().logLoss(),
                difference(learned.student().robustAccuracy(), alone.student().robustAccuracy()));
    }

    private static @Nullable Double difference(@Nullable Double ours, @Nullable Double theirs) {
        return ours == null || theirs == null ? null : (Double) (ours - theirs);
    }

    private static List<BlockBootstrap.Window> windows(Learned learned, Learned alone) {
        List<RunReport.Point> ours = learned.report().curve();
        List<RunReport.Point> theirs = alone.report().curve();
        List<BlockBootstrap.Window> windows = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            RunReport.Point point = ours.get(i);
            if (theirs.size() != ours.size()
                    || theirs.get(i).events() != point.events()
                    || theirs.get(i).labelled() != point.labelled()) {
                throw new IllegalStateException(
                        "the windows of " + learned.row().name() + " and "
                                + alone.row().name() + " are not of the same events, so they cannot be compared");
            }
            windows.add(new BlockBootstrap.Window(
                    point.labelled(), correct(theirs.get(i), alone), correct(point, learned)));
        }
        return windows;
    }

    /** Exactly: the accuracy is this number divided by the labels. */
    private static long correct(RunReport.Point point, Learned of) {
        Double accuracy = point.students().get(of.student().name());
        return accuracy == null ? 0 : Math.round(accuracy * point.labelled());
    }
}
