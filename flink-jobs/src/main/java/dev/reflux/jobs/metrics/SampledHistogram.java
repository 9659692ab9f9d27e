package dev.reflux.jobs.metrics;

import java.util.Arrays;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.HistogramStatistics;

/**
 * A Flink histogram whose statistics hold the newest values, at most {@value #CAPACITY}, in the order in which they came.
 * A reporter that remembers the count of its last look takes from them what is new, so that every value reaches buckets
 * that add up, also where reporter and operator have class loaders of their own.
 *
 * <p>One thread updates, others may read.
 */
public final class SampledHistogram implements Histogram {
    static final int CAPACITY = 8192;

    private final long[] values = new long[CAPACITY];
    private long count;

    @Override
    public synchronized void update(long value) {
        values[(int) (count++ % CAPACITY)] = value;
    }

    @Override
    public synchronized long getCount() {
        return count;
    }

    @Override
    public synchronized HistogramStatistics getStatistics() {
        int size = (int) Math.min(count, CAPACITY);
        long[] newest = new long[size];
        for (int i = 0; i < size; i++) {
            newest[i] = values[(int) ((count - size + i) % CAPACITY)];
        }
        return new Sample(newest);
    }

    private static final class Sample extends HistogramStatistics {
        private final long[] inOrder;

        Sample(long[] inOrder) {
            this.inOrder = inOrder;
        }

        @Override
        public double getQuantile(double quantile) {
            if (inOrder.length == 0) {
                return Double.NaN;
            }
            long[] sorted = inOrder.clone();
            Arrays.sort(sorted);
            return sorted[(int) Math.min(sorted.length - 1L, (long) (quantile * sorted.length))];
        }

        @Override
        public long[] getValues() {
            return inOrder.clone();
        }

        @Override
        public int size() {
            return inOrder.length;
        }

        @Override
        public double getMean() {
            return Arrays.stream(inOrder).average().orElse(Double.NaN);
        }

        @Override
        public double getStdDev() {
            double mean = getMean();
            return Math.sqrt(Arrays.stream(inOrder)
                    .mapToDouble(value -> (value - mean) * (value - mean))
                    .average()
                    .orElse(Double.NaN));
        }

        @Override
        public long getMax() {
            return Arrays.stream(inOrder).max().orElse(0);
        }

        @Override
        public long getMin() {
            return Arrays.stream(inOrder).min().orElse(0);
        }
    }
}
