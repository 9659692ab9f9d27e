package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Numbers, of which some may be missing: a {@link QuantileSketch} and a count of the missing ones. */
public final class NumericDistribution implements Distribution {

    private static final int VERSION = 1;
    private static final int BINS = 10;

    private final QuantileSketch sketch;
    private long missing;
    private double sum;
    private QuantileSketch.@Nullable Ranks ranks;

    /** @param seed of the sketch; another for each distribution that is to be merged with others */
    public NumericDistribution(long seed) {
        this(new QuantileSketch(QuantileSketch.DEFAULT_K, seed));
    }

    /** An empty one with a seed of its own, which follows from this one's. */
    NumericDistribution beside() {
        return new NumericDistribution(sketch.another());
    }

    private NumericDistribution(QuantileSketch sketch) {
        this.sketch = sketch;
    }

    /** Takes in a value; NaN is a missing one, and so is an infinity. */
    public void add(double value) {
        if (Math.abs(value) < Double.POSITIVE_INFINITY) {
            sketch.add(value);
            sum += value;
        } else {
            missing++;
        }
        ranks = null;
    }

    @Override
    public long count() {
        return sketch.count() + missing;
    }

    /** Values that are not missing. */
    public long present() {
        return sketch.count();
    }

    /** The mean. */
    @Override
    public double estimate() {
        return sketch.count() == 0 ? Double.NaN : sum / sketch.count();
    }

    /** The values that are not missing, in rising order. */
    public QuantileSketch.Ranks ranks() {
        if (ranks == null) {
            ranks = sketch.ranks();
        }
        return ranks;
    }

    /**
     * Counts of this distribution and another in common cells: the values from one decile of this one to the next, and the missing
     * ones. Where many values equal the first decile, those below it are a cell of their own. Rare cells are one, empty ones are
     * left out.
     *
     * @return the counts of this one and of the other
     */
    long[][] cells(NumericDistribution other) {
        double[] edges = edges();
        long[][] counts = new long[2][edges.length + 2];
        count(edges, counts[0]);
        other.count(edges, counts[1]);
        return Cells.withRarePooled(counts);
    }

    private double[] edges() {
        if (present() == 0) {
            return new double[0];
        }
        DoubleStream deciles = IntStream.range(1, BINS).mapToDouble(bin -> ranks().quantile((double) bin / BINS));
        double first = ranks().quantile(1.0 / BINS);
        boolean lump = ranks().atMost(first) - ranks().below(first) >= present() / (2 * BINS);
        return DoubleStream.concat(lump ? DoubleStream.of(Math.nextDown(first)) : DoubleStream.empty(), deciles)
                .distinct()
                .toArray();
    }

    private void count(double[] edges, long[] counts) {
        long before = 0;
        for (int cell = 0; cell < edges.length; cell++) {
            long upTo = ranks().atMost(edges[cell]);
            counts[cell] = upTo - before;
            before = upTo;
        }
        counts[edges.length] = present() - before;
        counts[edges.length + 1] = missing;
    }

    @Override
    public void merge(Distribution other) {
        NumericDistribution numbers = Distribution.sameKind(NumericDistribution.class, other);
        sketch.merge(numbers.sketch);
        missing += numbers.missing;
        sum += numbers.sum;
        ranks = null;
    }

    @Override
    public void clear() {
        sketch.clear();
        missing = 0;
        sum = 0;
        ranks = null;
    }

    @Override
    public void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        sketch.write(out);
        out.writeLong(missing);
        out.writeDouble(sum);
    }

    /** @throws IOException also when the state is of a newer version or makes no sense */
    public static NumericDistribution read(DataInput in) throws IOException {
        return States.read("numeric distribution", VERSION, in, version -> {
            NumericDistribution numbers = new NumericDistribution(QuantileSketch.read(in));
            numbers.missing = in.readLong();
            numbers.sum = in.readDouble();
            return numbers;
        });
    }
}
