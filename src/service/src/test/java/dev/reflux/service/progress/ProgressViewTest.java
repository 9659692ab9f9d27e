package dev.reflux.service.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProgressViewTest {
    private final StringWriter written = new StringWriter();
    private final TestClock clock = new TestClock();
    private Progress progress = Progress.none();

    @Test
    void update_inALog_writesALineEveryFiveSeconds() {
        ProgressView view = view(ProgressView.Style.LINES);
        progress = progress(10_000);

        clock.advance(4_999);
        view.update();
        assertThat(written.toString()).isEmpty();

        clock.advance(1);
        view.update();
        clock.advance(100);
        view.update();
        assertThat(written.toString().lines())
                .singleElement()
                .asString()
                .isEqualTo("00:05  10,000 events  -/s  teacher 0.912  phone 0.903 (+0.052 over alone) (agreement 0.951,"
                        + " checkpoint v7 12.0 KiB 3 s ago)  2 drift alarms  1 dead letters")
                .doesNotContain("\u001b");
    }

    @Test
    void update_ofAScoringJob_saysWhoScores() {
        ProgressView view = new ProgressView(
                "reflux run",
                () -> progress,
                ProgressText.SCORING,
                new PrintWriter(written),
                ProgressView.Style.LINES,
                clock);
        progress = progress(10_000);
        clock.advance(5_000);
        view.update();

        assertThat(written.toString().strip())
                .isEqualTo(
                        "00:05  10,000 events  -/s  1 without a prediction  scored by phone, checkpoint v7 12.0 KiB 3 s"
                                + " ago");
    }

    @Test
    void update_inALogWithManyStudents_tellsTheirAccuraciesOnly() {
        ProgressView view = view(ProgressView.Style.LINES);
        progress = new Progress(
                100,
                0,
                0,
                0,
                0.9,
                List.of("a", "b", "c", "d").stream()
                        .map(name -> new StudentProgress(name, 0.8, 0.9, Double.NaN, 1, 2, 3))
                        .toList());
        clock.advance(5_000);
        view.update();

        assertThat(written.toString()).contains("teacher 0.900  a 0.800  b 0.800  c 0.800  d 0.800  0 drift alarms");
    }

    @Test
    void update_aSecondTime_knowsTheRate() {
        ProgressView view = view(ProgressView.Style.LINES);
        progress = progress(10_000);
        clock.advance(5_000);
        view.update();
        progress = progress(30_000);
        clock.advance(5_000);
        view.update();

        assertThat(written.toString().lines().skip(1))
                .singleElement()
                .asString()
                .contains("4,000/s");
    }

    @Test
    void update_inATerminal_redrawsItsBlock() {
        ProgressView view = view(ProgressView.Style.TERMINAL);
        progress = progress(10_000);
        clock.advance(250);
        view.update();
        assertThat(written.toString().lines()).hasSize(3).noneMatch(line -> line.contains("\u001b"));

        clock.advance(250);
        view.update();
        assertThat(written.toString()).contains("\u001b[3A\r\u001b[J");
    }

    @Test
    void say_inATerminal_takesTheBlockOffFirst() {
        ProgressView view = view(ProgressView.Style.TERMINAL);
        progress = progress(10_000);
        clock.advance(250);
        view.update();

        view.say("restarted");

        assertThat(written.toString()).endsWith("\u001b[3A\r\u001b[Jrestarted" + System.lineSeparator());
    }

    @Test
    void finish_afterTheMetricsAreGone_showsWhatWasKnownLast() {
        ProgressView view = view(ProgressView.Style.LINES);
        progress = progress(10_000);
        clock.advance(5_000);
        view.update();
        progress = Progress.none();
        clock.advance(1_000);
        view.finish();

        assertThat(written.toString().lines().skip(1))
                .singleElement()
                .asString()
                .contains("10,000 events");
    }

    @Test
    void finish_afterPartOfTheMetricsAreGone_showsWhatWasKnownLast() {
        ProgressView view = view(ProgressView.Style.LINES);
        progress = progress(10_000);
        clock.advance(5_000);
        view.update();
        progress = new Progress(10_001, 0, 0, 0, Double.NaN, List.of());
        clock.advance(1_000);
        view.finish();

        assertThat(written.toString().lines().skip(1))
                .singleElement()
                .asString()
                .contains("teacher 0.912");
    }

    @Test
    void update_whenTheEventsStartAgain_showsNoNegativeRate() {
        ProgressView view = view(ProgressView.Style.LINES);
        for (long events : new long[] {10_000, 30_000, 500}) {
            progress = progress(events);
            clock.advance(5_000);
            view.update();
        }

        assertThat(written.toString())
                .doesNotContain("  -4")
                .doesNotContain("  -5")
                .contains("500 events  -/s");
    }

    private ProgressView view(ProgressView.Style style) {
        return new ProgressView("reflux demo", () -> progress, new PrintWriter(written), style, clock);
    }

    private Progress progress(long events) {
        long created = clock.millis() + 2_000;
        return new Progress(
                events, 1, 2, 0, 0.912, List.of(new StudentProgress("phone", 0.903, 0.951, 0.052, 7, 12_288, created)));
    }

    private static final class TestClock extends Clock {
        private long millis = 1_000_000;

        void advance(long by) {
            millis += by;
        }

        @Override
        public long millis() {
            return millis;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(millis);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
