package dev.reflux.distillation.quality;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.ArrayList;
import java.util.List;

/** Accuracy per window of the stream. A window is a number of events, labelled or not. */
public final class LearningCurve {

    private static final String SECTION = "learning-curve";
    private static final int VERSION = 2;

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
     * @param labelled events in the window whose label is known
     * @param accuracy on those; NaN when there are none
     */
    public record Point(long events, long labelled, double accuracy) {}

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
            all.add(openPoint());
        }
        return all;
    }

    private void close() {
        points.add(openPoint());
        labelled = 0;
        correct = 0;
    }

    private Point openPoint() {
        return new Point(events, labelled, labelled == 0 ? Double.NaN : (double) correct / labelled);
    }

    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> {
            section.putLong(events).putLong(labelled).putLong(correct).putInt(points.size());
            points.forEach(point ->
                    section.putLong(point.events()).putLong(point.labelled()).putDouble(point.accuracy()));
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
            points.add(readPoint(section));
        }
    }

    /** Version 1 did not tell how many events of a window had a label; all of them, or none, is taken to be meant. */
    private Point readPoint(StateReader section) {
        long end = section.getLong();
        if (section.version() > 1) {
            return new Point(end, section.getLong(), section.getDouble());
        }
        double accuracy = section.getDouble();
        return new Point(end, Double.isNaN(accuracy) ? 0 : window, accuracy);
    }
}
