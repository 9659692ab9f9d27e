package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * STUDD: change seen in how well a student mimics its teacher, without a label. Cerqueira, Gomes, Bifet, Torgo, "STUDD: a
 * student-teacher method for unsupervised concept drift detection", Machine Learning 112, 2023.
 *
 * <p>Its values are 1 where the two predict different classes, else 0; they are watched by {@link Adwin}. In the paper both
 * networks rest once they are trained, here they may go on learning: their disagreement then rises where the stream moves
 * away from what the student has learned, and settles again.
 *
 * <p>Not for changes that both networks take alike: of the meaning of events whose features stay as they are.
 */
public final class Studd implements DriftDetector {

    public static final String TYPE = "studd";

    private static final int VERSION = 1;

    private final Adwin adwin;

    /** With ADWIN's defaults: a rise of the disagreement alone is signalled. */
    public Studd() {
        this(Adwin.DEFAULT_DELTA, Adwin.Direction.INCREASE);
    }

    /** @param delta chance of a false alarm per test of ADWIN, in (0, 1) */
    public Studd(double delta, Adwin.Direction direction) {
        this(new Adwin(delta, direction));
    }

    private Studd(Adwin adwin) {
        this.adwin = adwin;
    }

    @Override
    public String type() {
        return TYPE;
    }

    /** @throws IllegalArgumentException also for values other than 0 and 1 */
    @Override
    public DriftLevel add(double value) {
        Checks.binary(value);
        return adwin.add(value);
    }

    @Override
    public double estimate() {
        return adwin.estimate();
    }

    @Override
    public double statistic() {
        return adwin.statistic();
    }

    @Override
    public double threshold() {
        return adwin.threshold();
    }

    @Override
    public long width() {
        return adwin.width();
    }

    @Override
    public void reset() {
        adwin.reset();
    }

    @Override
    public void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        adwin.write(out);
    }

    /** @throws IOException also when the state is of a newer version or makes no sense */
    public static Studd read(DataInput in) throws IOException {
        return States.read(TYPE, VERSION, in, version -> new Studd(Adwin.read(in)));
    }
}
