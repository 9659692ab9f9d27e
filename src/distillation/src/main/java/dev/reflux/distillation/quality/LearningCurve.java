package dev.reflux.distillation.quality;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.ArrayList;
import java.util.List;

/** Accuracy per window of the stream. A window is a number of events, labelled or not. */
public final class LearningCurve {

    private static final String SECTION = "learning-curve";
    private static final int VERSION = 1;

    private final long window;
    private final List<Point> points = new ArrayList<>();
    private long events;
    private long labelled;
    private long correct;

    /** @param window events per point; 0 keeps no curve */
    public LearningCurve(long window) {
        if (window < 0) {
            throw new IllegalArgumentException("curve window: " + window + " found, must be 0 (off) or above");
        }
        this.window = window;
    }

    /**
     * One window.
     *
     * @param events events since the start, at the window's end
     * @param accuracy in the window; NaN when no event in it had a label
     */
    public record Point(long events, double accuracy) {}

    /** Counts an event whose label is known. */
    public void add(boolean right) {
        labelled++;
        correct += right ? 1 : 0;
        addUnlabelled();
    }

    /** Counts an event whose label is not known. */
    public void addUnlabelled() {
        events++;
        if (window > 0 && events % window == 0) {
            close();
        }
    }

    /** The points so far, with the unfinished window as the last. */
    public List<Point> points() {
        List<Point> all = new ArrayList<>(points);
        if (window > 0 && events % window != 0) {
            all.add(new Point(events, labelled == 0 ? Double.NaN : (double) correct / labelled));
        }
        return all;
    }

    private void close() {
        points.add(new Point(events, labelled == 0 ? Double.NaN : (double) correct / labelled));
        labelled = 0;
        correct = 0;
    }

    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> {
            section.putLong(events).putLong(labelled).putLong(correct).putInt(points.size());
            points.forEach(point -> section.putLong(point.events()).putDouble(point.accuracy()));
        });
    }

    public void read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        events = section.getLong();
        labelled = section.getLong();
        correct = section.getLong();
        points.clear();
        int count = section.getInt();
        for (int i = 0; i < count; i++) {
            points.add(new Point(section.getLong(), section.getDouble()));
        }
    }
}
