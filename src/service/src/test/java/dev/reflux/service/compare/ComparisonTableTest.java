package dev.reflux.service.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.report.RunReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** From what jobs report to what is printed. */
final class ComparisonTableTest {
    private static final RunReport.Teacher TEACHER = new RunReport.Teacher(1_000, 0.875, 0.7, 0.3);
    private static final Plan PLAN = Plan.of(
            List.of(
                    candidate(new Variant("kd", List.of())),
                    candidate(new Variant("mutual", List.of("feedback.policy=mutual")))),
            Sharing.SHARED);

    @Test
    void table_ofAJobAndAFailedOne_tellsBoth() {
        ComparisonReport report = report(Map.of(
                0,
                new Comparison.Outcome(Optional.of(twoStudents(0.75, 0.8)), ""),
                1,
                new Comparison.Outcome(Optional.empty(), "the job failed: no reason")));

        assertThat(report.failed()).isTrue();
        assertThat(ComparisonTable.of(report, ComparisonTable.Form.TEXT).lines())
                .startsWith(
                        "p: 2,000 events of some.csv",
                        "",
                        "10 % of the labels",
                        "",
                        "variant  accuracy  over alone   95 % interval  teacher  log loss  parameters  events/s",
                        "alone       75.00                                         0.5000         100    12,346",
                        "kd          80.00       +5.00  +5.00 .. +5.00    87.50    0.4000         100    12,346",
                        "mutual: the job failed: no reason")
                .contains("- not run: hint (no such layer)");
    }

    @Test
    void table_asMarkdown_isOne() {
        ComparisonReport report = report(Map.of(
                0,
                new Comparison.Outcome(Optional.of(twoStudents(0.75, 0.7)), ""),
                1,
                new Comparison.Outcome(Optional.of(oneStudent(0.74)), "")));

        assertThat(ComparisonTable.of(report, ComparisonTable.Form.MARKDOWN).lines())
                .contains(
                        "| variant | accuracy | over alone | 95 % interval | teacher | log loss | parameters | events/s |",
                        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
                        "| alone | 75.00 |  |  |  | 0.5000 | 100 | 12,346 |",
                        "| kd | 70.00 | -5.00 | -5.00 .. -5.00 | 87.50 | 0.4000 | 100 | 12,346 |",
                        "| mutual | 74.00 | -1.00 | -1.00 .. -1.00 | 87.50 | 0.4000 | 100 | 12,346 |");
    }

    @Test
    void results_aControlThatDidNotRun_leavesNothingToCompareWith() {
        ComparisonReport report = report(Map.of(1, new Comparison.Outcome(Optional.of(oneStudent(0.74)), "")));

        assertThat(report.labels().get(0).results()).singleElement().satisfies(result -> {
            assertThat(result.variant()).isEqualTo("mutual");
            assertThat(result.gain()).isNull();
        });
        assertThat(report.labels().get(0).jobs().get(0).failure()).isEqualTo("not run");
    }

    @Test
    void percent_hasNoNeedlessDigits() {
        assertThat(List.of(1.0, 0.1, 0.015, 0.001, 0.0).stream().map(ComparisonTable::percent))
                .containsExactly("100 %", "10 %", "1.5 %", "0.1 %", "0 %");
    }

    private static Plan.Candidate candidate(Variant variant) {
        return new Plan.Candidate(
                variant, PipelineTree.of(PipelineReader.read("p.yaml", """
                pipeline: p
                events:
                  label: { path: /label, classes: ["no", "yes"] }
                  features: [ { name: x, type: numeric } ]
                """, Map.of(), variant.set())));
    }

    private static ComparisonReport report(Map<Integer, Comparison.Outcome> outcomes) {
        return new ComparisonReport(
                1,
                "p",
                "some.csv",
                2_000,
                new ComparisonReport.Method("circular-block-bootstrap", 0.95, 9_999, 42, 20, 5),
                List.of(),
                List.of(new ComparisonReport.Skip("hint", "no such layer")),
                List.of(new ComparisonResults(PLAN, new BlockBootstrap(42)).at(0.1, outcomes)));
    }

    private static RunReport twoStudents(double alone, double kd) {
        return report(List.of(student("alone", alone, 0.5), student("kd", kd, 0.4)));
    }

    private static RunReport oneStudent(double mutual) {
        return report(List.of(student("mutual", mutual, 0.4)));
    }

    private static RunReport.Student student(String name, double accuracy, double logLoss) {
        return new RunReport.Student(name, 100, accuracy, 0.5, logLoss, 0.9, null, null, null, 1, null);
    }

    /** Twenty windows of a hundred labels, each student with the same accuracy in all of them. */
    private static RunReport report(List<RunReport.Student> students) {
        Map<String, Double> accuracies = new LinkedHashMap<>();
        students.forEach(student -> accuracies.put(student.name(), student.accuracy()));
        List<RunReport.Point> curve = new ArrayList<>();
        for (int window = 1; window <= 20; window++) {
            curve.add(new RunReport.Point(window * 100L, 100, 0.875, accuracies));
        }
        return new RunReport(2_000, 2_000, 0, 10, 0.162, 12_345.6, TEACHER, students, 0, curve);
    }
}
