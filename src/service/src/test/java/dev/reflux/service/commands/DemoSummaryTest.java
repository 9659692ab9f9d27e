package dev.reflux.service.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.events.generated.DriftingStreamSpec;
import dev.reflux.service.report.RunReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DemoSummaryTest {
    @Test
    void changes_abruptAndGradual_lookAtTheWindowsAroundEach() {
        // Changes every 400 events: abrupt at 400, gradual over 700 to 800. The teacher's accuracy in a window of 100
        // is
        // the number of the window / 100.
        List<RunReport.Point> curve = new ArrayList<>();
        for (int window = 1; window <= 10; window++) {
            curve.add(new RunReport.Point(window * 100L, 100, window / 100.0, Map.of("phone", 0.5)));
        }

        assertThat(DemoSummary.changes(DriftingStreamSpec.demo(1).withDriftEvery(400), report(1000, curve))
                        .lines())
                .containsExactly(
                        "change           who  before  after  learned",
                        "400 abrupt   teacher   0.040  0.050    0.070",
                        "               phone   0.500  0.500    0.500",
                        "800 gradual  teacher   0.070  0.080    0.100",
                        "               phone   0.500  0.500    0.500");
    }

    @Test
    void changes_streamTooShortForOne_isEmpty() {
        assertThat(DemoSummary.changes(DriftingStreamSpec.demo(1), report(1000, List.of())))
                .isEmpty();
    }

    private static RunReport report(long events, List<RunReport.Point> curve) {
        return new RunReport(
                events,
                events,
                0,
                10,
                1,
                events,
                new RunReport.Teacher(100, 0.9, 0.8, 0.3),
                List.of(new RunReport.Student("phone", 10, 0.8, 0.7, 0.4, 0.9, null, null, null, 1, null)),
                0,
                curve);
    }
}
