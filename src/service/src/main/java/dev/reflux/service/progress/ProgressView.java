package dev.reflux.service.progress;

import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Shows a job's progress: a block that redraws itself where the output is a terminal, else a line every few seconds.
 * The caller decides when: {@link #update} is cheap to call too often.
 */
public final class ProgressView {
    private static final Duration REDRAW = Duration.ofMillis(250);
    private static final Duration LINE = Duration.ofSeconds(5);
    private static final Duration RATE_WINDOW = Duration.ofSeconds(3);
    private static final String CURSOR_UP = "\u001b[%dA";
    private static final String CLEAR_DOWN = "\r\u001b[J";

    private final String title;
    private final ProgressSource source;
    private final ProgressText text;
    private final PrintWriter out;
    private final Style style;
    private final Clock clock;
    private final long startMillis;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private Progress lastKnown = Progress.none();
    private long lastShownMillis;
    private int linesOnScreen;

    /** How a view writes. */
    public enum Style {
        /** Redraws in place with ANSI sequences. */
        TERMINAL,
        /** Whole lines only: for files, pipes and logs. */
        LINES;

        /**
         * What suits the process's standard output. The start script says so in {@code reflux.terminal}: Java itself
         * only knows whether input and output are both a terminal, and newer versions do not even say that.
         */
        public static Style ofStandardOutput() {
            String told = System.getProperty("reflux.terminal");
            boolean terminal = told == null ? System.console() != null : Boolean.parseBoolean(told);
            return terminal ? TERMINAL : LINES;
        }
    }

    private record Sample(long millis, long events) {}

    /** A view of a job that learns. */
    public ProgressView(String title, ProgressSource source, PrintWriter out, Style style, Clock clock) {
        this(title, source, ProgressText.LEARNING, out, style, clock);
    }

    public ProgressView(
            String title, ProgressSource source, ProgressText text, PrintWriter out, Style style, Clock clock) {
        this.title = title;
        this.source = source;
        this.text = text;
        this.out = out;
        this.style = style;
        this.clock = clock;
        this.startMillis = clock.millis();
        this.lastShownMillis = startMillis;
    }

    /** Shows the state of now, if the last one has been standing long enough. */
    public void update() {
        long now = clock.millis();
        Duration pause = style == Style.TERMINAL ? REDRAW : LINE;
        if (now - lastShownMillis >= pause.toMillis()) {
            show(now);
        }
    }

    /** Shows the state of now; what is printed afterwards stands below it. */
    public void finish() {
        show(clock.millis());
        linesOnScreen = 0;
    }

    /** Prints a message above the view. */
    public void say(String message) {
        erase();
        out.println(message);
        out.flush();
    }

    private void show(long now) {
        Progress progress = latest();
        lastShownMillis = now;
        double rate = rate(now, progress.events());
        Duration running = Duration.ofMillis(now - startMillis);
        if (style == Style.LINES) {
            out.println(text.line(progress, running, rate, now));
        } else {
            List<String> block = text.block(title, progress, running, rate, now);
            erase();
            block.forEach(out::println);
            linesOnScreen = block.size();
        }
        out.flush();
    }

    /** Takes the view off the screen; what is printed next stands in its place. */
    public void erase() {
        if (linesOnScreen > 0) {
            out.printf(CURSOR_UP, linesOnScreen);
            out.print(CLEAR_DOWN);
            linesOnScreen = 0;
        }
    }

    /** Between two starts of a job, and after its end, nobody reports: what was known last then still stands. */
    private Progress latest() {
        Progress now = source.now();
        boolean gone = now.events() == 0 && lastKnown.events() > 0
                || Double.isNaN(now.teacherAccuracy()) && !Double.isNaN(lastKnown.teacherAccuracy());
        if (!gone) {
            lastKnown = now;
        }
        return lastKnown;
    }

    /** Events per second since a few seconds ago; NaN when too little is known. A counter that fell started again. */
    private double rate(long now, long events) {
        Sample last = samples.peekLast();
        if (last != null && events < last.events) {
            samples.clear();
        }
        samples.addLast(new Sample(now, events));
        while (samples.size() > 2 && now - samples.peekFirst().millis > RATE_WINDOW.toMillis()) {
            samples.removeFirst();
        }
        Sample first = samples.getFirst();
        return now == first.millis ? Double.NaN : (events - first.events) * 1000.0 / (now - first.millis);
    }
}
