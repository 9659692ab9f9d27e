package dev.reflux.service.runs;

import dev.reflux.service.progress.ProgressSource;
import dev.reflux.service.progress.ProgressText;
import dev.reflux.service.progress.ProgressView;
import java.io.PrintWriter;
import java.time.Clock;

/** Where a run shows what it does. */
public record RunOutput(PrintWriter out, ProgressView.Style style) {
    /** A line about a step. */
    public void say(String message) {
        out.println(message);
        out.flush();
    }

    ProgressView view(String title, ProgressSource source) {
        return view(title, source, ProgressText.LEARNING);
    }

    ProgressView view(String title, ProgressSource source, ProgressText text) {
        return new ProgressView(title, source, text, out, style, Clock.systemUTC());
    }
}
